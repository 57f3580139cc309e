/**
 * What green and blue count for when Route 53 asks whether the load balancer is healthy: nothing while they serve nobody, or a
 * green that starts, and a blue that drains, would send all users of the load balancer to another region.
 */
import type { DeploymentPlan } from '../../planning/plans/deployment';
import type { TargetGroupPlan } from '../../planning/plans/target-group';
import { aws } from '../activities';
import { changed } from '../changes';
import type { RouteTargetGroups } from '../../planning/routing/rule-states';

const change = 'failover-counts-what-serves';

/** Where {@link countGreen} is to count it for its own. */
export const ownCount = ({ green }: DeploymentPlan, { groups }: { readonly groups: RouteTargetGroups }) => {
  const { own } = green.targetGroup.failover ?? {};
  return own === undefined ? [] : [{ targetGroupArn: groups.green, attributes: own }];
};

export async function countGreen(
  plan: DeploymentPlan,
  { groups }: { readonly groups: RouteTargetGroups },
  how: 'off' | 'own',
): Promise<void> {
  const { failover } = plan.green.targetGroup;
  if (failover && changed(change)) await aws.setTargetGroupAttributes(plan.site, groups.green, failover[how]);
}

export async function countBlue({ site, blue, blueFailover }: DeploymentPlan, how: 'off' | 'own'): Promise<void> {
  if (blue.kind === 'platformServer' || !blueFailover) return;
  if (changed(change)) await aws.setTargetGroupAttributes(site, blue.targetGroupArn, blueFailover[how]);
}

/** The target group as it is while it counts for nothing. */
export const uncounted = (group: TargetGroupPlan): TargetGroupPlan => ({
  ...group,
  attributes: { ...group.attributes, ...group.failover?.off },
});
