/**
 * Green, as every runbook that deploys uses it: made, started, verified through the test route, watched, and taken away again.
 * Nothing here touches live traffic.
 */
import { aws, probes, waits } from '../activities';
import type { Run } from '../engine/run';
import { drain } from './drain';
import type { Held } from '../engine/step';
import type { TargetGroupPlan } from '../../planning/plans/target-group';
import { countGreen, uncounted } from './failover';
import type { Blue } from '../../planning/observed/blue';
import type { DeploymentPlan } from '../../planning/plans/deployment';
import type { RouteTargetGroups } from '../../planning/routing/rule-states';

/** Green once it has a task definition and a target group. */
export interface PreparedGreen {
  readonly taskDefinitionArn: string;
  readonly groups: RouteTargetGroups;
}

/** The test rules attach the target group: ECS wants that before it makes a service, and the ALB before it checks health. */
export async function prepareGreen(plan: DeploymentPlan): Promise<PreparedGreen> {
  const { site, blue, testRoute } = plan;
  const taskDefinitionArn =
    plan.warm?.taskDefinitionArn ?? (await aws.registerTaskDefinition(site, plan.taskDefinition));
  const targetGroupArn = await aws.createTargetGroup(site, plan.green.targetGroup);
  await aws.setTargetGroup(site, targetGroupArn, plan.green.targetGroup);
  await aws.setTargetGroupAttributes(site, targetGroupArn, uncounted(plan.green.targetGroup).attributes);
  const attachedGroups = (plan.leftovers ?? []).map((leftover) => leftover.targetGroupArn);
  const groups = { blue: blue.targetGroupArn, green: targetGroupArn, attachedGroups };
  await aws.setRoute(site, testRoute, testTraffic, inTestRoute(groups, blue));
  return { taskDefinitionArn, groups };
}

/**
 * Blue has no share in the test route but stays attached to it: a target group in no rule is `unused`, and ECS would then
 * stop its tasks without waiting for their requests.
 */
const testTraffic = { blue: 0, green: 100, keepBlue: true } as const;

/** The default rule keeps the Platform Server's target group attached, which may be sticky: it is in no test rule. */
const inTestRoute = (groups: RouteTargetGroups, { kind }: Blue): RouteTargetGroups =>
  kind === 'platformServer' ? { ...groups, blue: null } : groups;

/** Returns when so many replicas of green are healthy. */
export async function startGreen(plan: DeploymentPlan, green: PreparedGreen, desiredCount: number): Promise<void> {
  const { site } = plan;
  const { service } = plan.green;
  const { stoppedTasks } = await aws.describeReplicas(site, service.name);
  const planned = { ...service, desiredCount };
  if (plan.warm)
    await aws.setDesiredCount(site, { service: service.name, desiredCount, expecting: plan.warm.taskDefinitionArn });
  else await aws.setService(site, planned, green.taskDefinitionArn, green.groups.green);
  await waits.waitForReplicas(site, replicasOf(plan, green, desiredCount, stoppedTasks));
}

/** Every module answers through the test route, and every replica that its service wants now is healthy. */
export async function verifyGreen(run: Run, plan: DeploymentPlan, green: PreparedGreen): Promise<void> {
  await verifyModules(run, plan, green);
  const { desiredCount } = await aws.describeReplicas(plan.site, plan.green.service.name);
  await waits.waitForReplicas(plan.site, replicasOf(plan, green, desiredCount));
}

/** Every module answers through the test route, and each replica of green is warm. */
export async function verifyModules(run: Run, plan: DeploymentPlan, { groups }: PreparedGreen): Promise<void> {
  const { site, options, release, green, startTimeoutMs } = plan;
  const verified = await probes.verifyModules(plan.testAddress, plan.paths, {
    settleMs: options.settle,
    patienceMs: plan.patienceMs ?? startTimeoutMs,
    replicas: {
      site,
      targetGroupArn: groups.green,
      protocol: green.targetGroup.protocol,
      paths: release.modules.map((module) => `/${module}`),
    },
  });
  // Earlier versions answered nothing.
  const says = (verified as typeof verified | null | undefined)?.says ?? [];
  if (says.length > 0) run.recordProof('verified', says.join(' '));
}

/** So many replicas of green are to be verified, and go for as long as the step holds. */
export function holdingVerification(
  run: Run,
  plan: DeploymentPlan,
  green: PreparedGreen,
  desiredCount: number,
): Held<void> {
  let isResting = false;
  return {
    action: async () => {
      if (isResting) await startGreen(plan, green, desiredCount);
      await verifyGreen(run, plan, green);
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
 * @param group green's, as it was last set
 */
export const confirmTargetGroups = (
  plan: DeploymentPlan,
  { groups }: PreparedGreen,
  group: TargetGroupPlan = plan.green.targetGroup,
) => aws.confirmTargetGroups(plan.site, { arn: groups.green, plan: group }, plan.blueTargetGroup);

/** Never returns by itself: it fails when a replica gets into trouble, and ends when it is cancelled. */
export const watchGreen = (plan: DeploymentPlan, green: PreparedGreen) =>
  waits.watchReplicas(plan.site, replicasOf(plan, green, plan.green.service.desiredCount));

/**
 * Does the same as {@link watchGreen} while blue answers the rest, and fails also when blue has no replica any more. Unhealthy ones
 * of blue are no reason to stop, for green may be what mends them.
 */
export function watchShares(plan: DeploymentPlan, green: PreparedGreen): Promise<void> {
  const { site, blue } = plan;
  const sharing = blue.kind === 'platformServer' || blue.desiredCount === 0 ? null : blue.service;
  return waits.watchReplicas(site, replicasOf(plan, green, plan.green.service.desiredCount), sharing);
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

/** Takes green to no tasks, drained; then removes the test route, which keeps its target group attached until then. */
export async function removeGreen(run: Run, plan: DeploymentPlan, green: PreparedGreen | undefined): Promise<void> {
  if (green) await countGreen(plan, green, 'off');
  await aws.setDesiredCount(plan.site, { service: plan.green.service.name, desiredCount: 0 });
  await drain(run, plan.site, plan.green.service.name, green?.groups.green ?? null);
  await removeTestRoute(plan, green);
}

export async function removeTestRoute(plan: DeploymentPlan, green: PreparedGreen | undefined): Promise<void> {
  await aws.setRoute(plan.site, plan.testRoute, 'gone', groupsOf(plan, green));
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

/** Green's target group is empty before it has one: no rule can forward to it then. */
export const groupsOf = (plan: DeploymentPlan, green: PreparedGreen | undefined): RouteTargetGroups =>
  green?.groups ?? { blue: plan.blue.targetGroupArn, green: '' };
