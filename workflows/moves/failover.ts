/**
 * What green and blue count for when Route 53 asks whether the load balancer is healthy: nothing while they serve nobody, or a
 * green that starts, and a blue that drains, would send all users of the load balancer to another region.
 */
import { patched } from '@temporalio/workflow';
import type { DeploymentPlan } from '../../planning/plans/deployment';
import type { TargetGroupPlan } from '../../planning/plans/target-group';
import { aws } from '../activities';
import type { RouteTargetGroups } from '../../planning/routing/rule-states';

const change = 'failover-counts-what-serves';

export async function countGreen(
  plan: DeploymentPlan,
  { groups }: { readonly groups: RouteTargetGroups },
  how: 'off' | 'own',
): Promise<void> {
  const { failover } = plan.green.targetGroup;
  if (failover && patched(change)) await aws.setTargetGroupAttributes(plan.site, groups.green, failover[how]);
}

export async function countBlue({ site, blue, blueFailover }: DeploymentPlan, how: 'off' | 'own'): Promise<void> {
  if (blue.kind === 'platformServer' || !blueFailover) return;
  if (patched(change)) await aws.setTargetGroupAttributes(site, blue.targetGroupArn, blueFailover[how]);
}

/** The target group as it is while it counts for nothing. */
export const uncounted = (group: TargetGroupPlan): TargetGroupPlan => ({
  ...group,
  attributes: { ...group.attributes, ...group.failover?.off },
});
