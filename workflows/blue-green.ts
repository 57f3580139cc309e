/**
 * Blue-green: green starts beside blue, is proven through the test route, takes all live traffic in one call a rule, and only
 * when it is proven to have it does blue go. When nothing is in containers yet, blue is the Platform Server.
 *
 * Safety comes from the order: nothing touches live traffic before green is verified, and nothing takes capacity from blue
 * before green has all traffic and the bake is over.
 */
import { parseDeploymentRequest } from '../contract/runbook-requests';
import type { DeploymentOutcome } from '../contract/status';
import type { VerifiedGreen } from '../activities/probes/together';
import type { RouteMove } from '../activities/aws/elb/rule-set';
import type { DeploymentPlan } from '../planning/plans/deployment';
import { formatDuration } from '../settings/durations';
import { aws, evidence, planning, waits } from './activities';
import { fewerEvents, goesSideBySide } from './changes';
import type { Run } from './engine/run';
import { runRunbook } from './engine/runbook';
import { scheduleRetirement } from './keep-warm';
import { lastLook, reviveBlue, type Reviving } from './moves/blue';
import { planConfigured, removeOldCopies } from './moves/configuration';
import { cutAtOnce, watchingGreen, type Cut } from './moves/cut';
import { setFailureDetection } from './moves/detection';
import { drain } from './moves/drain';
import { countBlue, countGreen } from './moves/failover';
import {
  confirmCount,
  confirmProven,
  greenGroups,
  groupsOf,
  holdingVerification,
  preparedThroughEach,
  prepareGreen,
  recordApprovals,
  recordOutcome,
  removeGreen,
  removeTestRoute,
  replicasOf,
  waitForGreen,
  restGreen,
  startGreen,
  verifyModules,
  watchGreen,
  watchShares,
  type PreparedGreen,
} from './moves/green';
import { approveGated, whileJudged, type Judging } from './moves/gates';
import { deleteAdopted, removeOutgrown, retireAdopted, retireLeftovers, settleAdoption } from './moves/leftovers';
import { allBeside, ofEach, setRoutes, throughEach } from './moves/listeners';
import { beforeThrough, describeEachBefore, proveServing, type ReleasesBefore } from './moves/releases';
import { endScaling, holdScaling, resumeScaling, returnScaling } from './moves/scaling';
import { settles } from './moves/settling';
import { setOutdatedTags } from './moves/tags';

export async function blueGreen(input?: unknown): Promise<DeploymentOutcome> {
  return runRunbook('blueGreen', parseDeploymentRequest(input), async (run, request) => {
    const plan = await run.step('plan', async () =>
      planConfigured<DeploymentPlan>(run, request, {
        unconfigured: () => planning.planBlueGreenUnconfigured(request),
        configured: (published) => planning.planBlueGreen(request, published),
      }),
    );
    await deployBlueGreen(run, plan);
  });
}

/** What a deployment has made so far, and a rollback starts from. */
interface Progress extends Reviving {
  /** Once it has a task definition and a target group. */
  green?: PreparedGreen;
  /** Once it is. */
  verified?: VerifiedGreen | undefined;
  /** Once live traffic is about to move. */
  releases?: ReleasesBefore;
  /** Once green may have a scalable target, and how many replicas it was confirmed with. */
  scaled?: { count: number };
  /** Once blue's target group may count for nothing. */
  uncounted?: true;
}

/** Deploys what is planned. */
export async function deployBlueGreen(run: Run, plan: DeploymentPlan): Promise<void> {
  run.recordPlan(plan, afterBake(plan));
  const progress: Progress = {};
  run.collectEvidenceWith(() =>
    evidence.describeEvidence(plan.site, plan.green.service.name, greenGroups(progress.green)),
  );
  const wentForward = await run.withRollback(
    progress,
    (made) => moveToGreen(run, plan, made),
    (made) => restoreBlue(run, plan, made),
  );
  if (!wentForward) return;
  if (plan.unkept !== undefined) run.note(plan.unkept);
  await run.finish(async () => {
    if (plan.options.keepWarm > 0) await run.step('cleanUp', () => keepBlueWarm(run, plan, progress));
    else {
      await run.step('retire', () => retire(run, plan, progress));
      await run.step('cleanUp', () => cleanUp(run, plan, progress.green));
    }
  });
}

/** Everything that can be taken back: from nothing to a green that serves all live traffic, proven and baked. */
async function moveToGreen(run: Run, plan: DeploymentPlan, progress: Progress): Promise<void> {
  await run.approval('beforeStart');
  const green = await run.step('prepare', () => prepare(plan));
  progress.green = green;
  const count = countWhileWaiting(plan);
  await run.step(
    'start',
    () => startGreen(plan, green, count),
    () => restGreen(plan),
  );
  const { action, whileHeld } = holdingVerification(run, plan, green, count);
  const verify = async () => {
    const verified = await action();
    if (fewerEvents()) return verified;
    for (const [one, prepared] of preparedThroughEach(plan, green)) await countGreen(one, prepared, 'own');
    return verified;
  };
  progress.verified = await run.step('verify', verify, whileHeld);
  const gated = { plan, groups: () => judgedGroups(plan, green) };
  const before = await approveGated(run, gated, watchingGreen(plan, green, count));
  await whileJudged(run, gated, before, (judging) => takeTraffic(run, plan, progress, { green, judging }));
}

/** Live traffic goes to green, share by share, and stays there for the bake. */
async function takeTraffic(
  run: Run,
  plan: DeploymentPlan,
  progress: Progress,
  { green, judging }: { readonly green: PreparedGreen; readonly judging: Judging },
): Promise<void> {
  const { options } = plan;
  for (const { percent, bake } of options.shift) {
    if (percent < 100 && run.isPromoted()) continue;
    const watch = judging.beside(() => (percent < 100 ? watchShares : watchGreen)(plan, green));
    await run.step('shift', async () => {
      await recordApprovals(run, plan, green);
      progress.scaled ??= { count: plan.green.service.desiredCount };
      await holdScaling(plan, green);
      const traffic = { blue: 100 - percent, green: percent };
      await cut(run, plan, green, { verified: progress.verified, moves: liveMoves(plan, green), traffic, progress });
      run.recordGreenShare(percent);
    });
    await run.wait('settle', options.settle, watch);
    if (percent < 100 && bake !== undefined) await run.wait('bake', bake, watch);
  }
  await run.step('settle', async () => {
    await proveEach(run, plan, progress, 'green');
    progress.uncounted = true;
    for (const one of throughEach(plan)) await countBlue(one, 'off');
    await resumeScaling(plan, countOf(plan, progress));
  });
  run.recordServing(plan.green.slot, plan.release);
  await run.wait(
    'bake',
    options.bake,
    judging.beside(() => watchGreen(plan, green)),
  );
  const confirm = confirmCut(run, plan, green, progress.releases);
  await run.step('bake', async () => {
    await judging.passed();
    await confirm();
  });
}

/** One look, and live traffic moves; where the look isn't good, a longer one decides first. */
async function cut(run: Run, plan: DeploymentPlan, green: PreparedGreen, how: Cut): Promise<void> {
  if (await cutAtOnce(plan, green, how)) return;
  const { progress, moves, traffic } = how;
  const { count, releases } = await confirmGreen(run, plan, green);
  progress.scaled = { count };
  progress.releases ??= releases ?? (await describeEachBefore(throughEach(plan)));
  await setRoutes(plan.site, moves, traffic);
}

/** Blue is judged beside green where nobody else is served from its target group. */
const judgedGroups = (plan: DeploymentPlan, green: PreparedGreen) =>
  preparedThroughEach(plan, green).map(([{ liveRoute, blue }, { groups }]) => ({
    listenerArn: liveRoute.listenerArn,
    green: groups.green,
    blue: blue.kind === 'platformServer' ? null : blue.targetGroupArn,
  }));

/** The live route of every listener, with its target groups. */
const liveMoves = (plan: DeploymentPlan, green: PreparedGreen | undefined): [RouteMove, ...RouteMove[]] =>
  ofEach(preparedThroughEach(plan, green), ([one, prepared]) => ({
    route: one.liveRoute,
    groups: groupsOf(one, prepared),
  }));

/** Proves through every listener who serves. */
async function proveEach(
  run: Run,
  plan: DeploymentPlan,
  { green, releases }: Progress,
  expected: 'blue' | 'green',
): Promise<void> {
  for (const [at, [one, prepared]] of preparedThroughEach(plan, green).entries())
    await proveServing(run, one, beforeThrough(releases, at), { expected, groups: groupsOf(one, prepared) });
}

/** Blue goes, and with it everything else that ran for the application. */
async function retire(run: Run, plan: DeploymentPlan, progress: Progress): Promise<void> {
  const each = throughEach(plan);
  for (const one of each) await settleAdoption(run, one);
  await endScaling(plan, countOf(plan, progress));
  for (const one of each) await retireBlue(run, one);
  for (const one of each) await retireAdopted(run, one);
  for (const one of each) await retireLeftovers(run, one);
}

async function cleanUp(run: Run, plan: DeploymentPlan, green: PreparedGreen | undefined): Promise<void> {
  if (goesSideBySide())
    await allBeside(
      () => tidyRoutes(plan, green),
      () => recordOutcome(plan, green, 'completed'),
      ...throughEach(plan).map((one) => () => countBlue(one, 'own')),
    );
  else {
    await tidyRoutes(plan, green);
    await recordOutcome(plan, green, 'completed');
  }
  await removeOldCopies(run, plan);
}

/** What led to what is no more, and what is marked for what serves now. */
async function tidyRoutes(plan: DeploymentPlan, green: PreparedGreen | undefined): Promise<void> {
  await removeTestRoute(plan, green);
  for (const one of throughEach(plan)) {
    await deleteAdopted(one);
    await removeOutgrown(one);
  }
  // The last change: until then the application is found, and locked, under the name it had.
  if (plan.renamedFrom !== undefined)
    for (const { site, liveRoute } of throughEach(plan).toReversed()) await aws.recordName(site, liveRoute);
  await setOutdatedTags(plan);
  await setFailureDetection(plan);
}

/** What the status says while it bakes; `undefined` where blue is retired then. */
function afterBake(plan: DeploymentPlan): string | undefined {
  const { keepWarm } = plan.options;
  if (keepWarm > 0) return `The bake ends, and blue is kept warm for ${formatDuration(keepWarm)}.`;
  return plan.blue.kind === 'platformServer' ? 'The bake ends, and green goes on serving by itself.' : undefined;
}

/** Blue stays as it is, attached to the load balancer by the test route; another run retires it later. */
async function keepBlueWarm(run: Run, plan: DeploymentPlan, progress: Progress): Promise<void> {
  const { blue, options } = plan;
  const { green } = progress;
  if (blue.kind !== 'slot') return;
  await endScaling(plan, countOf(plan, progress));
  await setOutdatedTags(plan);
  await setFailureDetection(plan);
  await recordOutcome(plan, green, 'completed');
  const warm = { service: blue.service, taskDefinition: blue.taskDefinitionArn };
  await scheduleRetirement(plan.application, warm, options.keepWarm);
  await removeOldCopies(run, plan);
  run.note(`${blue.service} keeps its replicas for ${formatDuration(options.keepWarm)}: an undo within it is one cut.`);
}

/** What it adopts is marked before anything is made. */
async function prepare(plan: DeploymentPlan): Promise<PreparedGreen> {
  for (const { site, adoption } of throughEach(plan)) if (adoption) await aws.markAdopted(site, adoption);
  return await prepareGreen(plan);
}

/** How many replicas green starts with: its containers run timers and processes already, so some want only one while people decide. */
const countWhileWaiting = ({ options: { whileWaiting, approval }, green }: DeploymentPlan) =>
  whileWaiting === 'one' && approval === 'afterVerify' ? 1 : green.service.desiredCount;

/** The replicas that green was cut over with. */
const countOf = ({ green }: DeploymentPlan, { scaled }: Progress) => scaled?.count ?? green.service.desiredCount;

/**
 * Confirms once more the target groups, blue's count, every replica's health, and every module, because approvals go stale.
 * @returns how many replicas green has at least, and who answers now
 */
async function confirmGreen(
  run: Run,
  plan: DeploymentPlan,
  green: PreparedGreen,
): Promise<{ readonly count: number; readonly releases?: ReleasesBefore }> {
  const count = await confirmCount(plan, green);
  if (fewerEvents()) return { count, releases: await confirmProven(run, plan, green, count) };
  await waitForGreen(plan, green, count);
  await verifyModules(run, plan, green);
  return { count };
}

/** Blue may go only while every replica of green is healthy, whoever scaled it meanwhile, and no rule leads to blue. */
const confirmCut = (run: Run, plan: DeploymentPlan, green: PreparedGreen, releases: ReleasesBefore | undefined) =>
  lastLook(run, {
    confirm: async () => {
      const [first, ...others] = preparedThroughEach(plan, green);
      if (fewerEvents()) return await waits.confirmServing([servingThrough(first), ...others.map(servingThrough)]);
      await waitForGreen(plan, green, 1);
      for (const one of [first, ...others]) await aws.confirmRoute(one[0].site, servingThrough(one).route);
    },
    prove: () => proveEach(run, plan, { green, ...(releases && { releases }) }, 'green'),
    settleMs: plan.options.settle,
  });

const servingThrough = ([plan, green]: readonly [DeploymentPlan, PreparedGreen]) => ({
  site: plan.site,
  replicas: replicasOf(plan, green, 1),
  route: {
    route: plan.liveRoute,
    traffic: { blue: 0, green: 100 },
    groups: green.groups,
    retired: retiredGroup(plan),
  },
});

/** The Platform Server goes on serving others; rules that lead to what was adopted are settled as it is retired. */
const retiredGroup = ({ blue }: DeploymentPlan) => (blue.kind === 'slot' ? blue.targetGroupArn : null);

async function retireBlue(run: Run, plan: DeploymentPlan): Promise<void> {
  const { site, blue } = plan;
  if (blue.kind === 'platformServer') return;
  await aws.setDesiredCount(site, { service: blue.service, desiredCount: 0, expecting: blue.taskDefinitionArn });
  await drain(run, site, blue.service, blue.targetGroupArn);
  // Drained, its target group is asked for nothing: it counts again beside what is cleaned up.
  if (!goesSideBySide()) await countBlue(plan, 'own');
}

/** Restores what the plan recorded instead of undoing step by step, so a half-done step needs no case of its own. */
async function restoreBlue(run: Run, plan: DeploymentPlan, progress: Progress): Promise<void> {
  const { site } = plan;
  const { green, releases } = progress;
  const each = throughEach(plan);
  if (releases) for (const one of each) await reviveBlue(run, one, progress);
  if (progress.uncounted) for (const one of each) await countBlue(one, 'own');
  const written = await setRoutes(site, liveMoves(plan, green), 'before');
  if (settles(releases !== undefined, written)) {
    await run.sleep(plan.options.settle, 'Traffic goes back to blue');
    await proveEach(run, plan, progress, 'blue');
    run.recordRestored(plan.live);
  }
  if (progress.scaled) await returnScaling(plan);
  await removeGreen(run, plan, green);
  for (const { adoption, blue } of each)
    if (adoption && blue.kind === 'adopted') await aws.unmarkAdopted(site, adoption);
  await recordOutcome(plan, green, 'rolledBack');
}
