/** A zone with several load balancers: what is done through the first of its listeners is done through each of the others, too. */
import { CancellationScope } from '@temporalio/workflow';
import { aws } from '../activities';
import type { RouteMove } from '../../activities/aws/elb/rule-set';
import type { DeploymentPlan } from '../../planning/plans/deployment';
import type { RemovalPlan } from '../../planning/plans/removal';
import type { RouteTraffic } from '../../planning/routing/rule-states';
import type { Site } from '../../planning/site';

/** The plan as each listener has it: itself for the first. */
export function throughEach(plan: DeploymentPlan): [DeploymentPlan, ...DeploymentPlan[]] {
  const { alsoThrough = [], ...first } = plan;
  const { blueFailover: _, leftovers: __, behindLogin: ___, unseenRequests: ____, outgrown: _____, ...shared } = first;
  return [plan, ...alsoThrough.map((own) => ({ ...shared, ...own }))];
}

/** As {@link throughEach}, for a removal. */
export const removalThroughEach = ({ alsoThrough = [], ...plan }: RemovalPlan): [RemovalPlan, ...RemovalPlan[]] => [
  plan,
  ...alsoThrough.map((own) => ({ ...plan, ...own })),
];

/** Gives the rules of every listener what this traffic asks for, in one burst: all are read before the first is written. */
export async function setRoutes(
  site: Site,
  [first, ...others]: readonly [RouteMove, ...RouteMove[]],
  traffic: RouteTraffic,
): Promise<unknown> {
  if (others.length === 0) return await aws.setRoute(site, first.route, traffic, first.groups);
  return await aws.setRoutes(site, [first, ...others], traffic);
}

/** Watches through every listener: it fails with the first that does, and none goes on then. */
export async function watchEach(watches: readonly [() => Promise<void>, ...(() => Promise<void>)[]]): Promise<void> {
  const [only, ...others] = watches;
  if (others.length === 0) return await only();
  const scope = new CancellationScope();
  const watched = watches.map((watch) => scope.run(watch));
  try {
    await Promise.race(watched);
  } finally {
    scope.cancel();
    await Promise.allSettled(watched);
  }
}
