/** A zone with several load balancers: what is done through the first of its listeners is done through each of the others, too. */
import { CancellationScope } from '@temporalio/workflow';
import { aws } from '../activities';
import type { RouteMove } from '../../activities/aws/elb/rule-set';
import type { DeploymentPlan } from '../../planning/plans/deployment';
import type { RemovalPlan } from '../../planning/plans/removal';
import type { RouteTraffic } from '../../planning/routing/rule-states';
import type { Site } from '../../planning/site';

/** The plan as each listener has it: itself for the first. */
export function throughEach<Plan extends DeploymentPlan>(plan: Plan): [Plan, ...Plan[]] {
  const { alsoThrough = [], ...first } = plan;
  const {
    blueFailover: _,
    leftovers: __,
    behindLogin: ___,
    unseenRequests: ____,
    leftBehind: _____,
    outgrown: ______,
    ...shared
  } = first;
  return [plan, ...alsoThrough.map((own) => ({ ...shared, ...own }) as unknown as Plan)];
}

/** As {@link throughEach}, for a removal. */
export const removalThroughEach = ({ alsoThrough = [], ...plan }: RemovalPlan): [RemovalPlan, ...RemovalPlan[]] => [
  plan,
  ...alsoThrough.map((own) => ({ ...plan, ...own })),
];

/** What is made of each listener's part, the first one's first. */
export const ofEach = <One, Made>(
  [first, ...others]: readonly [One, ...One[]],
  make: (one: One, at: number) => Made,
): [Made, ...Made[]] => [make(first, 0), ...others.map((one, at) => make(one, at + 1))];

/** Gives the rules of every listener what this traffic asks for, in one burst: all are read before the first is written. */
export async function setRoutes(
  site: Site,
  [first, ...others]: readonly [RouteMove, ...RouteMove[]],
  traffic: RouteTraffic,
): Promise<unknown> {
  if (others.length === 0) return await aws.setRoute(site, first.route, traffic, first.groups);
  return await aws.setRoutes(site, [first, ...others], traffic);
}

/** What is done through each listener, side by side. */
type Each = readonly [() => Promise<void>, ...(() => Promise<void>)[]];

/** Watches through every listener: it fails with the first that does, and none goes on then. */
export const watchEach = (watches: Each): Promise<void> => sideBySide(watches, (under) => Promise.race(under));

/** Waits through every listener until all have come to their end; it fails with the first that does. */
export const awaitEach = (waits: Each): Promise<void> =>
  sideBySide(waits, async (under) => void (await Promise.all(under)));

/** Does all of them, and has ended with all of them when it returns or fails. Each comes to its end, whatever becomes of the others. */
export async function allBeside(...each: readonly (() => Promise<void>)[]): Promise<void> {
  const ended = await Promise.allSettled(each.map((one) => one()));
  for (const one of ended) if (one.status === 'rejected') throw one.reason;
}

async function sideBySide(each: Each, end: (under: readonly Promise<void>[]) => Promise<void>): Promise<void> {
  const [only, ...others] = each;
  if (others.length === 0) return await only();
  const scope = new CancellationScope();
  const under = each.map((one) => scope.run(one));
  try {
    await end(under);
  } finally {
    scope.cancel();
    await Promise.allSettled(under);
  }
}
