/**
 * Rolling update: a pilot replica of the new release in the idle slot is proven through the test route; then ECS replaces the
 * live service's replicas in its one target group, watched one by one. Rules don't move: a module that the release drops
 * leaves them before the roll, one that it brings joins after it. An old replica that ECS doesn't stop is left over: it answers
 * beside the new ones, and the status says so.
 *
 * Safety comes from the bounds: ECS stops no healthy replica below them, and at the first sign of failure they close. The way
 * back is the same roll, towards the release before.
 */
import { parseDeploymentRequest } from '../contract/runbook-requests';
import type { DeploymentOutcome, Evidence } from '../contract/status';
import type { RollingUpdatePlan } from '../planning/plans/rolling-update';
import { aws, evidence, planning, probes, waits } from './activities';
import { goesSideBySide } from './changes';
import type { Run } from './engine/run';
import { runRunbook } from './engine/runbook';
import { untilCancelled } from './engine/wait';
import { planConfigured, removeOldCopies } from './moves/configuration';
import { watchingGreen } from './moves/cut';
import { uncounted } from './moves/failover';
import {
  confirmTargetGroups,
  greenGroups,
  holdingVerification,
  prepareGreen,
  recordApprovals,
  recordOutcome,
  removeGreen,
  restGreen,
  startGreen,
  verifyGreen,
  type PreparedGreen,
} from './moves/green';
import { approveGated, whileJudged, type Judging } from './moves/gates';
import { ofEach, setRoutes, throughEach, watchEach } from './moves/listeners';
import { askable, beforeThrough, describeEachBefore, type ReleasesBefore } from './moves/releases';
import { groupsOf, noteStuck, proveRolled, refuseLacking, replicasOf, roll } from './moves/roll';
import { settles } from './moves/settling';
import { setFailureDetection } from './moves/detection';
import { setOutdatedTags } from './moves/tags';

export async function rollingUpdate(input?: unknown): Promise<DeploymentOutcome> {
  return runRunbook('rollingUpdate', parseDeploymentRequest(input), async (run, request) => {
    const plan = await run.step('plan', async () =>
      planConfigured<RollingUpdatePlan>(run, request, {
        unconfigured: () => planning.planRollingUpdateUnconfigured(request),
        configured: (published) => planning.planRollingUpdate(request, published),
      }),
    );
    await deployRolling(run, plan);
  });
}

/** What a deployment has made so far, and a rollback starts from. */
interface Progress {
  /** Once it has a task definition and a target group. */
  pilot?: PreparedGreen;
  /** Once the pilot wants no replica any more: the live service rolls. */
  resting?: true;
  /** Once the live service is about to roll. */
  releases?: ReleasesBefore;
  /** Replicas of the release before that ECS doesn't stop, and why, once the others have rolled. */
  stuck?: readonly string[];
}

/** Deploys what is planned. */
export async function deployRolling(run: Run, plan: RollingUpdatePlan): Promise<void> {
  run.recordPlan(plan);
  const progress: Progress = {};
  run.collectEvidenceWith(() => describeEvidence(plan, progress));
  const wentForward = await run.withRollback(
    progress,
    (made) => rollForward(run, plan, made),
    (made) => rollBack(run, plan, made),
  );
  if (!wentForward) return;
  if (plan.unkept !== undefined) run.note(plan.unkept);
  noteStuck(run, plan, progress.stuck);
  await run.finish(() =>
    run.step('cleanUp', async () => {
      await removeGreen(run, plan, progress.pilot);
      await setOutdatedTags(plan);
      await setFailureDetection(plan);
      await recordOutcome(plan, progress.pilot, 'completed');
      await removeOldCopies(run, plan);
    }),
  );
}

/** Everything that can be taken back: from nothing to a service whose replicas are all of the new release, proven and baked. */
async function rollForward(run: Run, plan: RollingUpdatePlan, progress: Progress): Promise<void> {
  await run.approval('beforeStart');
  const pilot = await run.step('prepare', () => prepareGreen(plan));
  progress.pilot = pilot;
  await run.step(
    'start',
    () => startGreen(plan, pilot, 1),
    () => restGreen(plan),
  );
  const { action, whileHeld } = holdingVerification(run, plan, pilot, 1);
  await run.step('verify', action, whileHeld);
  const gated = { plan, groups: () => judgedGroups(plan) };
  const before = await approveGated(run, gated, watchingGreen(plan, pilot, 1));
  await whileJudged(run, gated, before, (judging) => replaceReplicas(run, plan, progress, { pilot, judging }));
}

/** The live service's replicas become the pilot's release, one by one, and stay it for the bake. */
async function replaceReplicas(
  run: Run,
  plan: RollingUpdatePlan,
  progress: Progress,
  { pilot, judging }: { readonly pilot: PreparedGreen; readonly judging: Judging },
): Promise<void> {
  await run.step('shift', async () => {
    await recordApprovals(run, plan, pilot);
    // It serves nobody, so it never counts.
    await confirmTargetGroups(plan, pilot, uncounted);
    // A roll that was held begins with a proven release again.
    if (progress.resting) await startGreen(plan, pilot, 1);
    await verifyGreen(run, plan, pilot);
    const releases = (progress.releases ??= await describeEachBefore(throughEach(plan)));
    await setRoute(run, plan, 'common');
    progress.stuck = await roll(run, plan, {
      to: pilot.taskDefinitionArn,
      from: plan.blue.taskDefinitionArn,
      settings: plan.blueSettings && plan.green.service.settings,
      begun: async () => {
        if (!goesSideBySide()) return;
        // Its last request was a probe's: it drains while the others roll.
        progress.resting = true;
        await restGreen(plan);
      },
      watch: judging.beside(() => watchModules(plan, releases)),
      relies: true,
      revives: false,
    });
    refuseLacking(plan, progress.stuck);
    await setRoute(run, plan, 'after');
  });
  await run.step('settle', () => proveRolled(run, plan, progress, 'green'));
  run.recordServing(plan.blue.slot, plan.release);
  await run.wait(
    'bake',
    plan.options.bake,
    judging.beside(() => watchLive(plan, pilot.taskDefinitionArn)),
  );
  if (plan.gates !== undefined) await run.step('bake', () => judging.passed());
}

/** Both releases serve from one target group: it is judged against what it was before. */
const judgedGroups = (plan: RollingUpdatePlan) =>
  throughEach(plan).map(({ liveRoute, blue }) => ({
    listenerArn: liveRoute.listenerArn,
    green: blue.targetGroupArn,
    blue: blue.targetGroupArn,
  }));

/** Until the live service rolls, only the pilot can be what fails. */
function describeEvidence(plan: RollingUpdatePlan, { pilot, releases }: Progress): Promise<Evidence> {
  const { site, blue, green } = plan;
  if (!releases) return evidence.describeEvidence(site, green.service.name, greenGroups(pilot));
  const groups = throughEach(plan).map((one) => one.blue.targetGroupArn);
  return evidence.describeEvidence(site, blue.service, groups);
}

/** The modules that both releases have must answer through every listener. */
function watchModules(plan: RollingUpdatePlan, releases: ReleasesBefore): Promise<void> {
  const [first, ...others] = throughEach(plan);
  const asked = others.filter(({ paths }) => paths.length > 0);
  const watches = ofEach([first, ...asked], ({ liveAddress, keptPaths }, at) => {
    const paths = askable(keptPaths, beforeThrough(releases, at) ?? releases);
    return () => probes.watchModules(liveAddress, paths);
  });
  return watchEach(watches);
}

/** Both releases serve from blue's target group, so only the modules that its rules catch change, never where they lead. */
async function setRoute(run: Run, plan: RollingUpdatePlan, to: 'before' | 'common' | 'after'): Promise<void> {
  const { site, options } = plan;
  const traffic = to === 'after' ? ({ blue: 0, green: 100 } as const) : to;
  const moves = ofEach(throughEach(plan), (one) => ({ route: one.liveRoute, groups: groupsOf(one) }));
  const written = await setRoutes(site, moves, traffic);
  if (settles(plan.rulesMove ?? true, written))
    await run.sleep(options.settle, 'The rules reach every node of the load balancer');
}

async function watchLive(plan: RollingUpdatePlan, taskDefinitionArn: string): Promise<void> {
  const { stoppedTasks } = await aws.describeReplicas(plan.site, plan.blue.service);
  await watchEach(
    ofEach(
      throughEach(plan),
      (one) => () => waits.watchReplicas(one.site, replicasOf(one, taskDefinitionArn, stoppedTasks)),
    ),
  );
}

/** Modules that the release brought leave first, those that it dropped come back last: no replica is asked for what it lacks. */
async function rollBack(run: Run, plan: RollingUpdatePlan, { pilot, releases }: Progress): Promise<void> {
  const { blue } = plan;
  if (pilot && releases) {
    await setRoute(run, plan, 'common');
    const stuck = await roll(run, plan, {
      to: blue.taskDefinitionArn,
      from: pilot.taskDefinitionArn,
      settings: plan.blueSettings,
      watch: untilCancelled,
      relies: false,
      revives: true,
    });
    await setRoute(run, plan, 'before');
    await proveRolled(run, plan, { releases, stuck }, 'blue');
    const dropped = blue.release?.modules.filter((module) => !plan.release.modules.includes(module));
    noteStuck(run, plan, stuck, dropped);
    await setFailureDetection(plan);
    run.recordRestored(plan.live);
  }
  await removeGreen(run, plan, pilot);
  await recordOutcome(plan, pilot, 'rolledBack');
}
