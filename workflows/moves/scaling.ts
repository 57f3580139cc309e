/**
 * Service Auto Scaling moves with the traffic. Each move is absolute, and from green's scalable target on until one of the two is
 * gone both services have one: so a next deployment can tell what a terminated one left.
 */
import type { DeploymentPlan } from '../../planning/plans/deployment';
import type { RouteTargetGroups } from '../../planning/routing/rule-states';
import type { ScalingPlan } from '../../planning/scaling/plan';
import type { Scaling } from '../../planning/scaling/scaling';
import type { Site } from '../../planning/site';
import { aws } from '../activities';
import { changed } from '../changes';
import { throughEach } from './listeners';

const change = 'scaling-moves-with-traffic';

/** Green's target groups, one a load balancer. */
interface MadeGroups {
  readonly groups: RouteTargetGroups;
  readonly otherGroups?: readonly RouteTargetGroups[];
}

const moving = ({ scaling }: DeploymentPlan): ScalingPlan => (scaling !== undefined && changed(change) ? scaling : {});

/** What a terminated run left: what serves scales as its owner wants, and what serves nobody doesn't. */
export async function settleScaling(plan: DeploymentPlan): Promise<void> {
  const { blue, idle = [], alarmed = [] } = moving(plan);
  if (blue) for (const service of alarmed) await aws.moveAlarms(plan.site, service, blue.service);
  if (blue?.settled) await aws.setScaling(plan.site, { service: blue.service, ...blue.settled });
  for (const service of idle) await aws.removeScaling(plan.site, service);
}

/** Before the cut: green's is made, suspended; and blue, whose requests are about to go, isn't scaled in for want of them. */
export async function holdScaling(plan: DeploymentPlan, { groups, otherGroups = [] }: MadeGroups): Promise<void> {
  const { blue, green } = moving(plan);
  if (!blue || !green) return;
  const made = {
    service: plan.green.service.name,
    targetGroupArns: [groups, ...otherGroups].map(({ green: arn }) => arn),
  };
  const found = {
    service: blue.service,
    targetGroupArns: throughEach(plan).map(({ blue: { targetGroupArn } }) => targetGroupArn),
  };
  await aws.makeScaling(plan.site, green, made, found);
  const suspended = { ...blue.suspended, DynamicScalingInSuspended: true };
  await aws.setScaling(plan.site, { service: blue.service, suspended });
}

/** Once green is proven to serve: it scales, though not below so many replicas, because its metrics begin empty. */
export async function resumeScaling(plan: DeploymentPlan, count: number): Promise<void> {
  const { blue, green } = moving(plan);
  if (!blue || !green) return;
  if (hasSteps(green)) await aws.moveAlarms(plan.site, blue.service, plan.green.service.name);
  await aws.setScaling(plan.site, {
    service: plan.green.service.name,
    minimum: raised(green, count),
    maximum: green.maximum,
    suspended: blue.suspended,
  });
}

/** Once the bake is over: green's bounds are those that blue had, and blue's scaling goes before its replicas do. */
export async function endScaling(plan: DeploymentPlan, count: number): Promise<void> {
  const { blue, green } = moving(plan);
  if (!blue || !green) return;
  const { minimum } = green;
  await aws.setScaling(plan.site, {
    service: plan.green.service.name,
    minimum,
    insteadOf: [minimum, raised(green, count)],
  });
  await aws.removeScaling(plan.site, blue.service);
}

/** On the way back, once blue is proven to serve: it scales as before, and green's goes before its replicas do. */
export async function returnScaling(plan: DeploymentPlan): Promise<void> {
  const { blue, green } = moving(plan);
  if (!blue || !green) return;
  if (hasSteps(green)) await aws.moveAlarms(plan.site, plan.green.service.name, blue.service);
  await aws.setScaling(plan.site, { service: blue.service, suspended: blue.suspended });
  await aws.removeScaling(plan.site, plan.green.service.name);
}

/** Before a service goes for good: a scalable target would bring it back. */
export async function removeScaling(site: Site, service: string, scales: boolean | undefined): Promise<void> {
  if (scales === true && changed(change)) await aws.removeScaling(site, service);
}

/** Plans of earlier versions have none. */
const hasSteps = ({ policies }: Pick<Scaling, 'policies'>) => policies.some(({ step }) => step !== undefined);

const raised = ({ minimum, maximum }: { readonly minimum: number; readonly maximum: number }, count: number) =>
  Math.max(minimum, Math.min(maximum, count));
