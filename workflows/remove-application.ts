/**
 * Removal: gives an application back to the Platform Server, or takes it down where it is gone. The Platform Server's own answers
 * decide which: it is asked past the live rules, through the test route. The containers go on serving until it answers for every
 * module; or answers 404 for every module, every time, for the whole `removeAfter`, and a person lets them go. Only where the
 * settings say `removal: automatic` nobody is asked.
 *
 * Safety comes from the order: rules first, and only when they are proven to be gone do replicas stop, still attached to the
 * load balancer until they are drained; services and target groups go last. Each part may be gone already.
 */
import { patched } from '@temporalio/workflow';
import { parseRemovalRequest } from '../contract/runbook-requests';
import type { DeploymentOutcome } from '../contract/status';
import type { RouteMove } from '../activities/aws/elb/rule-set';
import type { RemovalPlan } from '../planning/plans/removal';
import { aws, planning, probes } from './activities';
import type { Run } from './engine/run';
import { runRunbook } from './engine/runbook';
import { untilCancelled } from './engine/wait';
import { lastLook, reviveBlue, type Reviving } from './moves/blue';
import { ofEach, removalThroughEach, setRoutes } from './moves/listeners';
import { askable, beforeThrough, describeEachBefore, proveMoved, type ReleasesBefore } from './moves/releases';
import { removeScaling } from './moves/scaling';
import { settles } from './moves/settling';
import { drain } from './moves/drain';

export async function removeApplication(input?: unknown): Promise<DeploymentOutcome> {
  return runRunbook('removeApplication', parseRemovalRequest(input), async (run, request) => {
    const plan = await run.step('plan', () => planning.planRemoval(request));
    run.recordPlan(plan);
    if (plan.nothing) return run.note(`Nothing of ${plan.application.name} was in containers, so nothing was removed.`);
    if (plan.routed) {
      const wentForward = await run.withRollback<Progress>(
        {},
        (made) => handOver(run, plan, made),
        (made) => restore(run, plan, made),
      );
      if (!wentForward) return;
    }
    await run.finish(async () => {
      await run.step('retire', () => retire(run, plan));
      await run.step('cleanUp', () => cleanUp(plan));
    });
  });
}

/** What a rollback starts from. */
interface Progress extends Reviving {
  /** Once the rules are about to go. */
  releases?: ReleasesBefore;
}

/** Everything that can be taken back: live traffic leaves the containers, and that is proven. */
async function handOver(run: Run, plan: RemovalPlan, progress: Progress): Promise<void> {
  const { site, options } = plan;
  await run.step('prepare', () => attach(run, plan));
  const answers = await approveHandover(run, plan, await run.step('verify', () => waitForHandovers(plan)));
  await run.step('shift', async () => {
    await confirmTargetGroup(plan);
    progress.releases ??= await describeEachBefore(removalThroughEach(plan));
    await setRoutes(site, liveMoves(plan), 'gone');
  });
  await run.wait('settle', options.settle, untilCancelled);
  const prove = () => proveHandover(run, plan, progress.releases, answers);
  await run.step('settle', prove);
  await run.step('settle', confirmHandover(run, plan, prove));
  run.recordRestored({ slot: null, servedBy: 'platform-server', image: null, version: null });
  run.note(notes[answers[0] ?? 'gone'](plan.application.name));
}

type Answers = 'back' | 'gone';

/**
 * Where nobody would serve any more, a person is asked, until the Platform Server serves again. What it said goes stale while
 * people think, so it is asked once more.
 */
async function approveHandover(run: Run, plan: RemovalPlan, first: readonly Answers[]): Promise<readonly Answers[]> {
  const { removal, approval } = plan.options;
  let answers = first;
  while (answers.includes('gone') && removal !== 'automatic' && patched('gone-asks')) {
    // Who is to be asked in any case is asked although the Platform Server serves again.
    const unless = approval === 'none' ? () => waitUntilBack(plan) : undefined;
    const asks = notes.question(plan.application.name);
    if (await run.approval('afterVerify', { asks, unless }))
      return await run.step('verify', () => waitForHandovers(plan, 0));
    answers = await run.step('verify', () => waitForHandovers(plan));
  }
  await run.approval('afterVerify');
  return answers;
}

/** What the Platform Server says through each listener's test route. @param removeAfter milliseconds; `null` for `back` only */
async function waitForHandovers(
  plan: RemovalPlan,
  removeAfter: number | null = plan.options.removeAfter,
): Promise<readonly Answers[]> {
  const answers: Answers[] = [];
  for (const { testAddress, paths, options } of removalThroughEach(plan))
    answers.push(await probes.waitForHandover(testAddress, paths, { ...options, removeAfter }));
  return answers;
}

/** Returns when the Platform Server serves every module again; never, where a worker of an earlier version is asked. */
async function waitUntilBack(plan: RemovalPlan): Promise<void> {
  const answers = await waitForHandovers(plan, null);
  if (answers.includes('gone')) await untilCancelled();
}

/** The live route of every listener, with its target groups. */
const liveMoves = (plan: RemovalPlan): [RouteMove, ...RouteMove[]] =>
  ofEach(removalThroughEach(plan), (one) => ({ route: one.liveRoute, groups: groupsOf(one) }));

const notes = {
  question: (name: string) =>
    `The Platform Server has no module of ${name}, so nobody would serve it: approve to take its containers down, or reject. Once the Platform Server serves it again, this goes on by itself.`,
  back: (name: string) => `The Platform Server serves ${name} now.`,
  gone: (name: string) => `The Platform Server has no module of ${name}: it was taken down.`,
} as const;

/** The test route leads to the Platform Server; what serves stays attached there, or nothing would wait for its requests. */
async function attach(run: Run, plan: RemovalPlan): Promise<void> {
  let written: unknown;
  for (const one of removalThroughEach(plan))
    written = await aws.setRoute(one.site, one.testRoute, { blue: 0, green: 100, keepBlue: true }, groupsOf(one));
  // Until every node has the rules, the 404 of a test listener without them looks like an application that is gone.
  if (settles(true, written))
    await run.sleep(plan.options.settle, 'The test route reaches every node of the load balancer');
}

const groupsOf = ({ servingGroupArn, leftoverGroupArns, platformServerGroupArn }: RemovalPlan) => ({
  blue: servingGroupArn,
  attachedGroups: leftoverGroupArns,
  green: platformServerGroupArn,
});

/** No container answers any more; where the Platform Server takes over, it answers for every module. */
async function proveHandover(
  run: Run,
  plan: RemovalPlan,
  releases: ReleasesBefore | undefined,
  answers: readonly Answers[],
): Promise<void> {
  for (const [at, one] of removalThroughEach(plan).entries()) {
    const { liveAddress, paths, options, startTimeoutMs: patienceMs } = one;
    const before = beforeThrough(releases, at);
    const asked = before ? askable(paths, before) : paths;
    if (answers[at] === 'back')
      await probes.verifyModules(liveAddress, asked, { settleMs: options.settle, patienceMs });
    await proveServing(run, one, before, 'platformServer');
  }
}

/**
 * Before the rules went, the containers answered on the live route, and the Platform Server on the test route. Where somebody had
 * led the rules elsewhere, a rollback leads there again, and no container is to answer.
 */
async function proveServing(
  run: Run,
  plan: RemovalPlan,
  before: ReleasesBefore | undefined,
  expected: 'containers' | 'platformServer',
): Promise<void> {
  if (!before) return;
  if (expected === 'containers' && plan.blue.kind === 'platformServer' && patched('led-elsewhere')) return;
  const sides = { blue: before.test, green: before.live };
  const groups = groupsOf(plan);
  await proveMoved(run, plan, {
    groups,
    ...(expected === 'containers'
      ? { releases: { ...sides, expected: 'green' }, traffic: 'before', from: null, to: groups.blue }
      : { releases: { ...sides, expected: 'blue' }, traffic: 'gone', from: groups.blue, to: groups.green }),
  });
}

/** Fails when the containers' target group was changed since the plan, e.g. how long their requests may take. */
async function confirmTargetGroup(plan: RemovalPlan): Promise<void> {
  for (const { site, blueTargetGroup } of removalThroughEach(plan))
    await aws.confirmTargetGroups(site, null, blueTargetGroup);
}

/** The containers may go only while no rule leads to them. */
const confirmHandover = (run: Run, plan: RemovalPlan, prove: () => Promise<void>) =>
  lastLook(run, {
    confirm: async () => {
      await confirmTargetGroup(plan);
      for (const one of removalThroughEach(plan))
        await aws.confirmRoute(one.site, {
          route: one.liveRoute,
          traffic: 'gone',
          groups: groupsOf(one),
          retired: one.servingGroupArn,
        });
    },
    prove,
    settleMs: plan.options.settle,
  });

async function restore(run: Run, plan: RemovalPlan, progress: Progress): Promise<void> {
  const { site, options } = plan;
  const { releases } = progress;
  const each = removalThroughEach(plan);
  if (releases) for (const one of each) await reviveBlue(run, one, progress);
  const written = await setRoutes(site, liveMoves(plan), 'before');
  if (settles(releases !== undefined, written)) {
    await run.sleep(options.settle, 'Traffic goes back to the containers');
    for (const [at, one] of each.entries()) await proveServing(run, one, beforeThrough(releases, at), 'containers');
    run.recordRestored(plan.live);
  }
  for (const one of each) await aws.setRoute(site, one.testRoute, 'gone', groupsOf(one));
}

async function retire(run: Run, plan: RemovalPlan): Promise<void> {
  if (!plan.routed && plan.servingGroupArn !== null && plan.paths.length > 0) await attach(run, plan);
  for (const { service, targetGroupArn, scales } of removalThroughEach(plan).flatMap(({ slots }) => slots)) {
    if (service === null) continue;
    await removeScaling(plan.site, service, scales);
    await aws.setDesiredCount(plan.site, { service, desiredCount: 0 });
    await drain(run, plan.site, service, targetGroupArn);
  }
}

async function cleanUp(plan: RemovalPlan): Promise<void> {
  const { site } = plan;
  const each = removalThroughEach(plan);
  const slots = each.flatMap((one) => one.slots);
  for (const one of each) await aws.setRoute(site, one.testRoute, 'gone', groupsOf(one));
  for (const { service } of slots) if (service !== null) await aws.deleteService(site, service);
  for (const { targetGroupArn } of slots)
    if (targetGroupArn !== null) await aws.deleteTargetGroup(site, targetGroupArn);
}
