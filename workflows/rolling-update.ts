/**
 * Rolling update: a pilot replica of the new release in the idle slot is proven through the test route; then ECS replaces the
 * live service's replicas in its one target group, watched one by one. Rules don't move: a module that the release drops
 * leaves them before the roll, one that it brings joins after it.
 *
 * Safety comes from the bounds: ECS stops no healthy replica below them, and at the first sign of failure they close. The way
 * back is the same roll, towards the release before.
 */
import { CancellationScope } from '@temporalio/workflow';
import { aws, examination, planning, probes, waits } from './engine/activities';
import { publishConfiguration, removeOldCopies } from './moves/configuration';
import {
  confirmTargetGroups,
  describeReleases,
  prepareGreen,
  proveLive,
  recordOutcome,
  removeGreen,
  startGreen,
  verifyGreen,
  type GreenPlace,
  type Proof,
} from './moves/green';
import { parseDeploymentRequest } from '../contract/runbook-requests';
import type { DeploymentOutcome } from '../contract/status';
import { runbook, type Execution } from './engine/runbook';
import { untilCancelled } from './engine/step';
import type { ReliedTargetGroup } from '../planning/observed/drift';
import type { RollingUpdatePlan } from '../planning/plans/rolling-update';

export async function rollingUpdate(input?: unknown): Promise<DeploymentOutcome> {
  return runbook('rollingUpdate', parseDeploymentRequest(input), async (run, request) => {
    const plan = await run.step('plan', async () =>
      planning.planRollingUpdate(request, await publishConfiguration(run, request)),
    );
    await deployRolling(run, plan);
  });
}

/** From the plan on. */
export async function deployRolling(run: Execution, plan: RollingUpdatePlan): Promise<void> {
  const { step, approval, rest, restoring, finishing } = run;
  run.planned(plan);

  let pilot: GreenPlace | undefined;
  let releases: Proof | undefined;
  run.examining(() => {
    const [service, group] = releases
      ? [plan.blue.service, plan.blue.targetGroupArn]
      : [plan.green.service.name, pilot?.groups.green ?? null];
    return examination.describeEvidence(plan.site, service, group);
  });

  const forward = await restoring(
    async () => {
      await approval('beforeStart');
      const place = (pilot = await step('prepare', () => prepareGreen(plan)));
      await step('start', () => startGreen(plan, place, 1));
      await step('verify', () => verifyGreen(plan, place));
      await approval('afterVerify');
      await step('shift', async () => {
        await confirmTargetGroups(plan, place);
        await verifyGreen(plan, place);
        releases ??= await describeReleases(plan);
        await setRoute(run, plan, 'common');
        const watch = () => probes.watchModules(plan.liveAddress, plan.keptPaths);
        await roll(run, plan, {
          to: place.taskDefinitionArn,
          from: plan.blue.taskDefinitionArn,
          watch,
          relied: plan.blueTargetGroup,
          revives: false,
        });
        await setRoute(run, plan, 'after');
      });
      await step('settle', () => proveLive(plan, releases, 'green'));
      run.serves(plan.blue.slot, plan.release);
      await rest('bake', plan.options.bake, () => watchLive(plan, place.taskDefinitionArn));
    },
    () => rollBack(run, plan, pilot, releases),
  );
  if (!forward) return;
  if (plan.unkept !== undefined) run.notes(plan.unkept);
  await finishing(() =>
    step('cleanUp', async () => {
      await removeGreen(plan, pilot);
      await recordOutcome(plan, pilot, 'completed');
      await removeOldCopies(run, plan);
    }),
  );
}

/** Both releases serve from blue's target group, so its rules say what is caught, and never where it goes. */
async function setRoute(run: Execution, plan: RollingUpdatePlan, to: 'before' | 'common' | 'after'): Promise<boolean> {
  const { site, liveRoute, blue, options } = plan;
  const traffic = to === 'after' ? ({ blue: 0, green: 100 } as const) : to;
  const groups = { blue: blue.targetGroupArn, green: blue.targetGroupArn };
  const { changed } = await aws.setRoute(site, liveRoute, traffic, groups);
  if (changed) await run.elapse(options.settle, 'The rules reach every node of the load balancer');
  return changed;
}

interface Roll {
  readonly to: string;
  /** The revision that the service may have when it begins. */
  readonly from: string;
  /** Fails when live traffic gets wrong answers; the way back goes on in spite of those. */
  readonly watch: () => Promise<void>;
  /** As the target group must stay; the way back goes on in spite of a change. */
  readonly relied: ReliedTargetGroup | null;
  /** The way back brings back as many replicas as there were, where somebody scaled the service to none. */
  readonly revives: boolean;
}

/** Returns when every replica that the service wants now is of this revision; a failure stops the roll where it is. */
async function roll(
  run: Execution,
  plan: RollingUpdatePlan,
  { to, from, watch, relied, revives }: Roll,
): Promise<void> {
  const { site, blue, bounds } = plan;
  const { desiredCount, stoppedTasks } = await aws.describeReplicas(site, blue.service);
  await aws.rollService(site, { service: blue.service, taskDefinitionArn: to, expected: [from], bounds });
  if (revives && desiredCount === 0) await aws.setDesiredCount(site, blue.service, blue.desiredCount, to, 'atLeast');
  const replicas = replicasOf(plan, to, stoppedTasks);
  try {
    await whileWatching(watch, () => followRoll(run, plan, replicas, relied));
  } catch (error) {
    // Whatever comes of it, the failure itself is what people must hear of.
    await CancellationScope.nonCancellable(() => aws.holdRoll(site, blue.service)).catch(() => undefined);
    throw error;
  }
}

type Replicas = ReturnType<typeof replicasOf>;

async function followRoll(
  run: Execution,
  { site }: RollingUpdatePlan,
  replicas: Replicas,
  relied: ReliedTargetGroup | null,
): Promise<void> {
  for (let seen = null; ;) {
    const now = (seen = await waits.waitForRollProgress(site, replicas, seen, relied));
    run.rolls(now);
    if (now.complete) return;
  }
}

/** How many there are is the service's business: somebody may scale it at any moment. */
const replicasOf = (plan: RollingUpdatePlan, taskDefinitionArn: string, ignoredTasks: readonly string[]) => ({
  service: plan.blue.service,
  taskDefinitionArn,
  targetGroupArn: plan.blue.targetGroupArn,
  count: 1,
  ignoredTasks,
  timeoutMs: plan.startTimeoutMs,
});

async function watchLive(plan: RollingUpdatePlan, taskDefinitionArn: string): Promise<void> {
  const { stoppedTasks } = await aws.describeReplicas(plan.site, plan.blue.service);
  await waits.watchReplicas(plan.site, replicasOf(plan, taskDefinitionArn, stoppedTasks));
}

/** Modules that the release brought leave first, those that it dropped come back last: no replica is asked for what it lacks. */
async function rollBack(
  run: Execution,
  plan: RollingUpdatePlan,
  pilot: GreenPlace | undefined,
  releases: Proof | undefined,
): Promise<void> {
  const { blue } = plan;
  const rolled = pilot && releases !== undefined;
  if (rolled) {
    await setRoute(run, plan, 'common');
    await roll(run, plan, {
      to: blue.taskDefinitionArn,
      from: pilot.taskDefinitionArn,
      watch: untilCancelled,
      relied: null,
      revives: true,
    });
    await setRoute(run, plan, 'before');
    await proveLive(plan, releases, 'blue');
    run.restored(plan);
  }
  await removeGreen(plan, pilot);
  await recordOutcome(plan, pilot, 'rolledBack');
}

/** Ends with `body`, or with the failure of either; whichever still goes on then is cancelled, and over. */
async function whileWatching(watch: () => Promise<void>, body: () => Promise<void>): Promise<void> {
  const scopes = [new CancellationScope(), new CancellationScope()] as const;
  const watched = scopes[0].run(watch);
  const done = scopes[1].run(body);
  try {
    await Promise.race([done, watched.then(() => done)]);
  } finally {
    scopes.forEach((scope) => scope.cancel());
    await Promise.allSettled([watched, done]);
  }
}
