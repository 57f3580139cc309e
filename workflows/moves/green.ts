/**
 * Green, as every runbook that deploys uses it: made, started, verified through the test route, watched, and taken away again.
 * Nothing here touches live traffic.
 */
import { aws, probes, waits } from '../activities';
import type { Releases } from '../../activities/probes/index';
import type { DeploymentPlan } from '../../planning/plans/deployment';
import type { RouteTargetGroups } from '../../planning/routing/rule-set';

/** Who answered on the live and on the test route before live traffic moved. */
export interface Proof {
  readonly blue: Releases;
  readonly green: Releases;
}

/** Green once it has a task definition and a target group. */
export interface GreenPlace {
  readonly taskDefinitionArn: string;
  readonly groups: RouteTargetGroups;
}

/** The test rules attach the target group: ECS wants that before it makes a service, and the ALB before it checks health. */
export async function prepareGreen(plan: DeploymentPlan): Promise<GreenPlace> {
  const { site, blue, testRoute } = plan;
  const taskDefinitionArn =
    plan.warm?.taskDefinitionArn ?? (await aws.registerTaskDefinition(site, plan.taskDefinition));
  const targetGroupArn = await aws.createTargetGroup(site, plan.green.targetGroup);
  await aws.setTargetGroup(site, targetGroupArn, plan.green.targetGroup);
  await aws.setTargetGroupAttributes(site, targetGroupArn, plan.green.targetGroup.attributes);
  const alsoKept = (plan.leftovers ?? []).map((leftover) => leftover.targetGroupArn);
  const groups = { blue: blue.targetGroupArn, green: targetGroupArn, alsoKept };
  await aws.setRoute(site, testRoute, testTraffic, groups);
  return { taskDefinitionArn, groups };
}

/**
 * Blue has no share in the test route but stays attached to it: a target group in no rule is `unused`, and ECS would then
 * stop its tasks without waiting for their requests.
 */
const testTraffic = { blue: 0, green: 100, keepBlue: true } as const;

/** Returns when so many replicas of green are healthy. */
export async function startGreen(plan: DeploymentPlan, green: GreenPlace, desiredCount: number): Promise<void> {
  const { site } = plan;
  const { service } = plan.green;
  const { stoppedTasks } = await aws.describeReplicas(site, service.name);
  const planned = { ...service, desiredCount };
  if (plan.warm) await aws.setDesiredCount(site, service.name, desiredCount, plan.warm.taskDefinitionArn);
  else await aws.setService(site, planned, green.taskDefinitionArn, green.groups.green);
  await waits.waitForReplicas(site, replicasOf(plan, green, desiredCount, stoppedTasks));
}

/** Every module answers through the test route, and every replica that its service wants now is healthy. */
export async function verifyGreen(plan: DeploymentPlan, green: GreenPlace): Promise<void> {
  await probes.verifyModules(plan.testAddress, plan.paths, { settleMs: plan.options.settle });
  const { desiredCount } = await aws.describeReplicas(plan.site, plan.green.service.name);
  await waits.waitForReplicas(plan.site, replicasOf(plan, green, desiredCount));
}

/** Nobody has changed the target groups since: what was proven of them still holds. */
export const confirmTargetGroups = (plan: DeploymentPlan, { groups }: GreenPlace) =>
  aws.confirmTargetGroups(plan.site, { arn: groups.green, plan: plan.green.targetGroup }, plan.blueTargetGroup);

/** Who answers on both routes before the cut: what the proof afterwards compares with. */
export async function describeReleases(plan: DeploymentPlan): Promise<Proof> {
  const { paths } = plan;
  return {
    blue: await probes.describeReleases(plan.liveAddress, paths),
    green: await probes.describeReleases(plan.testAddress, paths),
  };
}

/** Asks every address of the load balancer for the release marker of every module. */
export async function proveLive(
  plan: DeploymentPlan,
  releases: Proof | undefined,
  expected: 'blue' | 'green',
): Promise<void> {
  if (releases) await probes.proveReleases(plan.liveAddress, { ...releases, expected });
}

/** Never returns by itself: fails when a replica gets into trouble, ends when it is cancelled. */
export const watchGreen = (plan: DeploymentPlan, green: GreenPlace) =>
  waits.watchReplicas(plan.site, replicasOf(plan, green, plan.green.service.desiredCount));

/**
 * As {@link watchGreen} while blue answers the rest: it must keep a replica. Sick ones are no reason to stop, for green may be
 * their cure.
 */
export function watchShares(plan: DeploymentPlan, green: GreenPlace): Promise<void> {
  const { site, blue } = plan;
  const sharing = blue.kind === 'platformServer' || blue.desiredCount === 0 ? null : blue.service;
  return waits.watchReplicas(site, replicasOf(plan, green, plan.green.service.desiredCount), sharing);
}

export const replicasOf = (
  plan: DeploymentPlan,
  { taskDefinitionArn, groups }: GreenPlace,
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

/** Green to no tasks, drained; then the test route, which keeps its target group attached until then. */
export async function removeGreen(plan: DeploymentPlan, green: GreenPlace | undefined): Promise<void> {
  await aws.setDesiredCount(plan.site, plan.green.service.name, 0);
  await waits.waitForDrained(plan.site, plan.green.service.name, green?.groups.green ?? null);
  await removeTestRoute(plan, green);
}

export async function removeTestRoute(plan: DeploymentPlan, green: GreenPlace | undefined): Promise<void> {
  await aws.setRoute(plan.site, plan.testRoute, 'gone', groupsOf(plan, green));
}

/** Kept with the release, past what Temporal remembers. A deployment that made no release has nothing to record. */
export async function recordOutcome(
  { site, warm }: DeploymentPlan,
  green: GreenPlace | undefined,
  outcome: 'completed' | 'rolledBack',
): Promise<void> {
  // What came back as it was has ended long ago: only that it serves again is new.
  if (warm && outcome === 'completed') return await aws.recordReturn(site, warm);
  if (green && !warm) await aws.recordOutcome(site, green.taskDefinitionArn, outcome);
}

/** Before green has a target group no rule can forward to it. */
export const groupsOf = (plan: DeploymentPlan, green: GreenPlace | undefined): RouteTargetGroups =>
  green?.groups ?? { blue: plan.blue.targetGroupArn, green: '' };
