/**
 * Green, as every runbook that deploys uses it: made, started, verified through the test route, watched, and taken away again.
 * Nothing here touches live traffic.
 */
import { aws, probes, waits } from '../activities';
import { changed, fewerEvents } from '../changes';
import type { Run } from '../engine/run';
import { drain } from './drain';
import { settleScaling } from './scaling';
import { beforeOf, stepsTogether, type ReleasesBefore } from './releases';
import type { CutThrough, VerifiedGreen } from '../../activities/probes/together';
import type { Held } from '../engine/step';
import type { TargetGroupPlan } from '../../planning/plans/target-group';
import { countGreen, ownCount, uncounted } from './failover';
import { ofEach, throughEach, watchEach } from './listeners';
import type { Blue } from '../../planning/observed/blue';
import type { DeploymentPlan } from '../../planning/plans/deployment';
import type { RouteTargetGroups } from '../../planning/routing/rule-states';

/** Green once it has a task definition and a target group. */
export interface PreparedGreen {
  readonly taskDefinitionArn: string;
  readonly groups: RouteTargetGroups;
  /** Those behind the zone's other load balancers, in their order. Default: none. */
  readonly otherGroups?: readonly RouteTargetGroups[];
}

/** The plan and what is prepared, as each listener has them. */
export const preparedThroughEach = <Prepared extends PreparedGreen | undefined>(
  plan: DeploymentPlan,
  green: Prepared,
): [readonly [DeploymentPlan, Prepared], ...(readonly [DeploymentPlan, Prepared])[]] => {
  const [first, ...others] = throughEach(plan);
  const groupsAt = (at: number) => green?.otherGroups?.[at];
  return [
    [first, green],
    ...others.map(
      (other, at) => [other, green && { ...green, groups: groupsAt(at) ?? groupsOf(other, undefined) }] as const,
    ),
  ];
};

/** The test rules attach the target group: ECS wants that before it makes a service, and the ALB before it checks health. */
export async function prepareGreen(plan: DeploymentPlan): Promise<PreparedGreen> {
  await settleScaling(plan);
  if (changed(stepsTogether)) return await attachGreen(plan);
  const taskDefinitionArn =
    plan.warm?.taskDefinitionArn ?? (await aws.registerTaskDefinition(plan.site, plan.taskDefinition));
  const [first, ...others] = throughEach(plan);
  const groups = await prepareGroup(first);
  const otherGroups: RouteTargetGroups[] = [];
  for (const other of others) otherGroups.push(await prepareGroup(other));
  return { taskDefinitionArn, groups, ...(others.length > 0 && { otherGroups }) };
}

/** Its task definition, and its target group behind each load balancer in the test route there. */
async function attachGreen(plan: DeploymentPlan): Promise<PreparedGreen> {
  let taskDefinitionArn = plan.warm?.taskDefinitionArn ?? null;
  const [first, ...others] = throughEach(plan);
  const attach = async ({
    site,
    blue,
    green,
    testRoute,
    leftovers = [],
  }: DeploymentPlan): Promise<RouteTargetGroups> => {
    const attachedGroups = leftovers.map(({ targetGroupArn }) => targetGroupArn);
    const beside = { blue: blue.targetGroupArn, attachedGroups };
    const attached = {
      plan: green.targetGroup,
      attributes: uncounted(green.targetGroup).attributes,
      route: testRoute,
      traffic: testTraffic,
      groups: inTestRoute(beside, blue),
    };
    const made = await aws.attachTargetGroup(site, attached, taskDefinitionArn === null ? plan.taskDefinition : null);
    taskDefinitionArn ??= made.taskDefinitionArn;
    return { ...beside, green: made.targetGroupArn };
  };
  const groups = await attach(first);
  const otherGroups: RouteTargetGroups[] = [];
  for (const other of others) otherGroups.push(await attach(other));
  return { taskDefinitionArn: taskDefinitionArn ?? '', groups, ...(others.length > 0 && { otherGroups }) };
}

/** Green's target group behind one load balancer, in its test route. */
async function prepareGroup(plan: DeploymentPlan): Promise<RouteTargetGroups> {
  const { site, blue, testRoute } = plan;
  const targetGroupArn = await aws.createTargetGroup(site, plan.green.targetGroup);
  await aws.setTargetGroup(site, targetGroupArn, plan.green.targetGroup);
  await aws.setTargetGroupAttributes(site, targetGroupArn, uncounted(plan.green.targetGroup).attributes);
  const attachedGroups = (plan.leftovers ?? []).map((leftover) => leftover.targetGroupArn);
  const groups = { blue: blue.targetGroupArn, green: targetGroupArn, attachedGroups };
  await aws.setRoute(site, testRoute, testTraffic, inTestRoute(groups, blue));
  return groups;
}

/**
 * Blue has no share in the test route but stays attached to it: a target group in no rule is `unused`, and ECS would then
 * stop its tasks without waiting for their requests.
 */
const testTraffic = { blue: 0, green: 100, keepBlue: true } as const;

/** The default rule keeps the Platform Server's target group attached, which may be sticky: it is in no test rule. */
const inTestRoute = <Groups extends Pick<RouteTargetGroups, 'blue'>>(groups: Groups, { kind }: Blue): Groups =>
  kind === 'platformServer' ? { ...groups, blue: null } : groups;

/** Returns when so many replicas of green are healthy. */
export async function startGreen(plan: DeploymentPlan, green: PreparedGreen, desiredCount: number): Promise<void> {
  const { site } = plan;
  const { service } = plan.green;
  if (!plan.warm && fewerEvents()) {
    const planned = { ...service, desiredCount };
    const stopped = await aws.startService(site, planned, green.taskDefinitionArn, allGroups(green));
    return await waitForGreen(plan, green, desiredCount, stopped);
  }
  const { stoppedTasks } = await aws.describeReplicas(site, service.name);
  const planned = { ...service, desiredCount };
  if (plan.warm)
    await aws.setDesiredCount(site, { service: service.name, desiredCount, expecting: plan.warm.taskDefinitionArn });
  else await aws.setService(site, planned, green.taskDefinitionArn, allGroups(green));
  await waitForGreen(plan, green, desiredCount, stoppedTasks);
}

const allGroups = (green: PreparedGreen): string | string[] =>
  green.otherGroups ? greenGroups(green) : green.groups.green;

/** Green's target group behind each load balancer, as far as they are made. */
export const greenGroups = (green: PreparedGreen | undefined): string[] =>
  green ? [green.groups, ...(green.otherGroups ?? [])].map((groups) => groups.green) : [];

/** Returns when so many replicas are healthy in green's target group behind each load balancer. */
export async function waitForGreen(
  plan: DeploymentPlan,
  green: PreparedGreen,
  count: number,
  ignoredTasks: readonly string[] = [],
): Promise<void> {
  for (const [one, prepared] of preparedThroughEach(plan, green))
    await waits.waitForReplicas(one.site, replicasOf(one, prepared, count, ignoredTasks));
}

/**
 * Every module answers through the test route, and every replica that its service wants now is healthy.
 * @returns how it was verified; earlier versions know nothing of that
 */
export async function verifyGreen(
  run: Run,
  plan: DeploymentPlan,
  green: PreparedGreen,
): Promise<VerifiedGreen | undefined> {
  if (fewerEvents()) {
    // All that the service wants are waited for, and one at least.
    const verified = await probes.verifyGreen(cutThroughEach(plan, green, 1));
    recordVerified(run, verified.says);
    return verified;
  }
  await verifyModules(run, plan, green);
  // All that the service wants are waited for, and one at least.
  let count = 1;
  if (!changed(stepsTogether))
    ({ desiredCount: count } = await aws.describeReplicas(plan.site, plan.green.service.name));
  await waitForGreen(plan, green, count);
  return undefined;
}

/** Every module answers through each test route, and each replica of green is warm. */
export async function verifyModules(run: Run, plan: DeploymentPlan, green: PreparedGreen): Promise<void> {
  for (const [one, prepared] of preparedThroughEach(plan, green)) await verifyThroughOne(run, one, prepared);
}

async function verifyThroughOne(run: Run, plan: DeploymentPlan, green: PreparedGreen): Promise<void> {
  const verified = await probes.verifyModules(plan.testAddress, plan.paths, verificationOf(plan, green));
  // Earlier versions answered nothing.
  const says = (verified as typeof verified | null | undefined)?.says ?? [];
  if (says.length > 0) run.recordProof('verified', says.join(' '));
}

const verificationOf = (
  { site, options, release, green, paths, startTimeoutMs, patienceMs = startTimeoutMs }: DeploymentPlan,
  { groups }: PreparedGreen,
) => ({
  settleMs: options.settle,
  patienceMs,
  replicas: {
    site,
    targetGroupArn: groups.green,
    protocol: green.targetGroup.protocol,
    // At another port there are no modules.
    paths: paths.length === 0 ? [] : release.modules.map((module) => `/${module}`),
  },
});

const greenThrough = (plan: DeploymentPlan, green: PreparedGreen, count: number) => ({
  site: plan.site,
  replicas: replicasOf(plan, green, count),
  testAddress: plan.testAddress,
  paths: plan.paths,
  verification: verificationOf(plan, green),
});

/** Green behind each load balancer, with the way that users come there. */
export function cutThroughEach(
  plan: DeploymentPlan,
  green: PreparedGreen,
  count: number,
): readonly [CutThrough, ...CutThrough[]] {
  return ofEach(preparedThroughEach(plan, green), ([one, prepared]) => ({
    ...greenThrough(one, prepared, count),
    liveAddress: one.liveAddress,
  }));
}

const recordVerified = (run: Run, says: readonly string[]) =>
  says.filter((said) => said !== '').forEach((said) => run.recordProof('verified', said));

/** Right before live traffic moves: every replica is healthy, every module answers. @returns who answers now */
export async function confirmProven(
  run: Run,
  plan: DeploymentPlan,
  green: PreparedGreen,
  count: number,
): Promise<ReleasesBefore> {
  const { says, releases } = await probes.confirmGreen(cutThroughEach(plan, green, count));
  recordVerified(run, says);
  return beforeOf(releases);
}

/** So many replicas of green are to be verified, and go for as long as the step holds. */
export function holdingVerification(
  run: Run,
  plan: DeploymentPlan,
  green: PreparedGreen,
  desiredCount: number,
): Held<VerifiedGreen | undefined> {
  let isResting = false;
  return {
    action: async () => {
      if (isResting) await startGreen(plan, green, desiredCount);
      return await verifyGreen(run, plan, green);
    },
    whileHeld: async () => {
      isResting = true;
      await restGreen(plan);
    },
  };
}

/** Unhealthy targets would stay attached for as long as people think; a retry starts green again. */
export const restGreen = (plan: DeploymentPlan) =>
  aws.setDesiredCount(plan.site, { service: plan.green.service.name, desiredCount: 0 });

/**
 * Fails when the target groups were changed since the plan: what was proven of them holds only while they stay.
 * @param lastSet green's as it was last set, where that isn't as planned
 */
export async function confirmTargetGroups(
  plan: DeploymentPlan,
  green: PreparedGreen,
  lastSet = (planned: TargetGroupPlan): TargetGroupPlan => planned,
): Promise<void> {
  for (const [{ site, blueTargetGroup, green: planned }, { groups }] of preparedThroughEach(plan, green)) {
    const expected = { arn: groups.green, plan: lastSet(planned.targetGroup) };
    await aws.confirmTargetGroups(site, expected, blueTargetGroup);
  }
}

/** What people, or their scaling, wanted of blue meanwhile, green has at least, as long as its target groups stay. @returns that count */
export async function confirmCount(plan: DeploymentPlan, green: PreparedGreen): Promise<number> {
  const { site, blue } = plan;
  const { name: service, desiredCount } = plan.green.service;
  if (changed(stepsTogether)) {
    const { counts, ...counted } = countedOf(plan, green);
    return await aws.confirmCount(site, { ...counted, ...(fewerEvents() && { counts }) });
  }
  const like = blue.kind === 'platformServer' ? null : blue.service;
  const wanted = { service, atLeast: desiredCount, expecting: green.taskDefinitionArn };
  await confirmTargetGroups(plan, green);
  const others = like === null ? 0 : (await aws.describeReplicas(site, like)).desiredCount;
  const atLeast = Math.max(desiredCount, others);
  await aws.setDesiredCount(site, { ...wanted, atLeast });
  return atLeast;
}

/** The count that green is to have, and what it relies on. */
export function countedOf(plan: DeploymentPlan, green: PreparedGreen) {
  const { blue } = plan;
  const { name: service, desiredCount } = plan.green.service;
  const each = preparedThroughEach(plan, green);
  return {
    relied: each.map(([one, { groups }]) => ({
      green: { arn: groups.green, plan: one.green.targetGroup },
      blue: one.blueTargetGroup,
    })),
    wanted: { service, atLeast: desiredCount, expecting: green.taskDefinitionArn },
    like: blue.kind === 'platformServer' ? null : blue.service,
    counts: each.flatMap(([one, prepared]) => ownCount(one, prepared)),
  };
}

/** Never returns by itself: it fails when a replica gets into trouble, and ends when it is cancelled. */
export const watchGreen = (plan: DeploymentPlan, green: PreparedGreen) =>
  watchThroughEach(plan, green, (one, prepared) =>
    waits.watchReplicas(one.site, replicasOf(one, prepared, one.green.service.desiredCount)),
  );

function watchThroughEach(
  plan: DeploymentPlan,
  green: PreparedGreen,
  watch: (one: DeploymentPlan, prepared: PreparedGreen) => Promise<void>,
): Promise<void> {
  const [first, ...others] = preparedThroughEach(plan, green);
  const watchOne =
    ([one, prepared]: readonly [DeploymentPlan, PreparedGreen]) =>
    () =>
      watch(one, prepared);
  return watchEach([watchOne(first), ...others.map(watchOne)]);
}

/**
 * Does the same as {@link watchGreen} while blue answers the rest, and fails also when blue has no replica any more. Unhealthy ones
 * of blue are no reason to stop, for green may be what mends them.
 */
export function watchShares(plan: DeploymentPlan, green: PreparedGreen): Promise<void> {
  const { blue } = plan;
  const sharing = blue.kind === 'platformServer' || blue.desiredCount === 0 ? null : blue.service;
  return watchThroughEach(plan, green, (one, prepared) =>
    waits.watchReplicas(one.site, replicasOf(one, prepared, one.green.service.desiredCount), sharing),
  );
}

export const replicasOf = (
  plan: DeploymentPlan,
  { taskDefinitionArn, groups }: PreparedGreen,
  count: number,
  ignoredTasks: readonly string[] = [],
) => ({
  service: plan.green.service.name,
  taskDefinitionArn,
  targetGroupArn: groups.green,
  count,
  ignoredTasks,
  timeoutMs: plan.startTimeoutMs,
});

/**
 * Takes green to no tasks, drained; then removes the test route, which keeps its target group attached until then. What ran in its
 * slot in no rule stays as it was found.
 */
export async function removeGreen(run: Run, plan: DeploymentPlan, green: PreparedGreen | undefined): Promise<void> {
  if (green === undefined && plan.green.detached) return await removeTestRoute(plan, green);
  const through = preparedThroughEach(plan, green);
  for (const [one, prepared] of through) if (prepared) await countGreen(one, prepared, 'off');
  await aws.setDesiredCount(plan.site, { service: plan.green.service.name, desiredCount: 0 });
  for (const [one, prepared] of through)
    await drain(run, one.site, one.green.service.name, prepared?.groups.green ?? null);
  await removeTestRoute(plan, green);
}

export async function removeTestRoute(plan: DeploymentPlan, green: PreparedGreen | undefined): Promise<void> {
  for (const [one, prepared] of preparedThroughEach(plan, green))
    await aws.setRoute(one.site, one.testRoute, 'gone', groupsOf(one, prepared));
}

/** Records the outcome with the release, where it outlives Temporal's retention. A deployment that made no release records none. */
export async function recordOutcome(
  { site, warm }: DeploymentPlan,
  green: PreparedGreen | undefined,
  outcome: 'completed' | 'rolledBack',
): Promise<void> {
  // What came back as it was has ended long ago: only that it serves again is new.
  if (warm && outcome === 'completed') return await aws.recordReturn(site, warm);
  if (green && !warm) await aws.recordOutcome(site, green.taskDefinitionArn, outcome);
}

/** Records with the release who approved it, where that is proven. */
export async function recordApprovals(run: Run, { site }: DeploymentPlan, green: PreparedGreen): Promise<void> {
  const approved = run.approved();
  if (approved) await aws.recordApprovals(site, green.taskDefinitionArn, approved);
}

/** Green's target group is empty before it has one: no rule can forward to it then. */
export const groupsOf = (plan: DeploymentPlan, green: PreparedGreen | undefined): RouteTargetGroups =>
  green?.groups ?? { blue: plan.blue.targetGroupArn, green: '' };
