/** An application's set of listener rules: moved together, call by call, each read before it is written. */
import { together } from '../../concurrency';
import { AddTagsCommand } from '@aws-sdk/client-elastic-load-balancing-v2';
import { Context } from '@temporalio/activity';
import { applicationTags, tagKeys } from '../../../planning/names';
import { isNoTestRoute, sendsTo, type ListenerRule } from '../../../planning/routing/listener-rules';
import { routeRules, type RoutePlan } from '../../../planning/routing/rule-set';
import type { RouteTargetGroups, RouteTraffic } from '../../../planning/routing/rule-states';
import type { Site } from '../../../planning/site';
import { poll } from '../../polling';
import type { AwsClients } from '../client/clients';
import { isAwsError, unless } from '../client/errors';
import { confirmUnchanged } from '../confirmation';
import { writing, type AwsDependencies } from '../dependencies';
import { deleteRule, describeRules, inTagCalls, modifyRule } from './listener-rules';
import { describeLoadBalancerOf, describeRulesElsewhere } from './load-balancers';
import {
  changesFor,
  inSafeOrder,
  isKnown,
  leadsToRetired,
  refuseRuleOfAnother,
  ruleChanged,
  ruleChanges,
  type RuleChange,
} from './rule-changes';
import { createPlannedRule } from './rule-creation';

/** What live traffic must still be like before something loses its capacity. */
export interface ExpectedRoute {
  readonly route: RoutePlan;
  readonly traffic: RouteTraffic;
  readonly groups: RouteTargetGroups;
  /** The ARN of the target group that is retired next; `null` where none is. */
  readonly retired: string | null;
}

/** A route, and the target groups that its weights speak of. */
export interface RouteMove {
  readonly route: RoutePlan;
  readonly groups: RouteTargetGroups;
}

export const ruleSetActivities = (aws: AwsDependencies) => ({
  /**
   * Gives the route's rules the state that this traffic asks for.
   * Effect: one CreateRule, ModifyRule or DeleteRule for each rule, those included that a read shows in that state: it may be late.
   * Idempotent: states are absolute; created rules are found again by their tags.
   * @throws {ApplicationFailure} of type `RouteChangedByOthers` when a live rule is in a state that the plan doesn't know; of type
   * `QuotaExceeded` when every priority of the zone's range is taken
   */
  async setRoute(site: Site, route: RoutePlan, traffic: RouteTraffic, groups: RouteTargetGroups): Promise<void> {
    const { elb } = writing(aws, site);
    await writeChanges(elb, route, await findChanges(elb, route, traffic, groups));
  },

  /**
   * As `setRoute`, for routes on several load balancers: the rules of all are read, and known, before the first is written, and then
   * they are written at once, each load balancer's in its own order. It has ended everywhere when it returns or throws.
   */
  async setRoutes(site: Site, moves: readonly RouteMove[], traffic: RouteTraffic): Promise<void> {
    const { elb } = writing(aws, site);
    await writeMoves(elb, await findMoves(elb, moves, traffic));
  },

  /**
   * Returns when the live rules are what this traffic asks for, and no rule of the load balancer, ours or not, sends requests to
   * the target group that is retired next. Reads only: the rules of the listener, and where something is retired those of all
   * the others.
   * @throws {ApplicationFailure} of type `RouteChangedByOthers`
   */
  async confirmRoute(site: Site, { route, traffic, groups, retired }: ExpectedRoute): Promise<void> {
    const { elb } = aws.clientsOf(site);
    await confirmUnchanged(async () => {
      const arn = route.listenerArn;
      const describeElsewhere = async () =>
        await describeRulesElsewhere(elb, { arn, loadBalancerArn: await describeLoadBalancerOf(elb, arn) });
      const [rules, elsewhere] = await together([describeRules(elb, arn), retired === null ? [] : describeElsewhere()]);
      const [first] = changesFor(rules, route, traffic, groups);
      if (first) return ruleChanged(first);
      if (retired === null) return undefined;
      const leading = [...rules, ...elsewhere.filter(isNoTestRoute)].find((rule) => sendsTo(rule, retired));
      return leading && leadsToRetired(leading);
    });
  },

  /**
   * Tags an application's rules with its present name, after a rename.
   * Effect: one AddTags for each 20 rules. Idempotent: rules that have the name already are left alone.
   */
  async recordName(site: Site, { listenerArn, application, kind, port }: RoutePlan): Promise<void> {
    const { elb } = writing(aws, site);
    const wanted = applicationTags(application);
    const rules = routeRules(await describeRules(elb, listenerArn), application, kind, port);
    const others = rules.filter(({ tags }) => tags[tagKeys.application] !== wanted[tagKeys.application]);
    if (others.length === 0) return;
    const tags = [{ Key: tagKeys.application, Value: wanted[tagKeys.application] ?? '' }];
    for (const ResourceArns of inTagCalls(others.map(({ arn }) => arn)))
      await elb.send(new AddTagsCommand({ ResourceArns, Tags: tags }));
  },
});

/** What is to be written at each load balancer, as it was found. */
export type FoundMoves = Awaited<ReturnType<typeof findMoves>>;

/** Reads the rules of all of them. @throws {ApplicationFailure} of type `RouteChangedByOthers` as `setRoute` does */
export const findMoves = async (elb: AwsClients['elb'], moves: readonly RouteMove[], traffic: RouteTraffic) =>
  await Promise.all(
    moves.map(async ({ route, groups }) => ({ route, changes: await findChanges(elb, route, traffic, groups) })),
  );

/** Writes at once, each load balancer's rules in their own order; it has ended everywhere when this returns or throws. */
export async function writeMoves(elb: AwsClients['elb'], found: FoundMoves): Promise<void> {
  const written = await Promise.allSettled(found.map(({ route, changes }) => writeChanges(elb, route, changes)));
  for (const one of written) if (one.status === 'rejected') throw one.reason;
}

/** What was read, and what is to be written. */
interface FoundChanges {
  readonly rules: readonly ListenerRule[];
  readonly changes: readonly RuleChange[];
}

async function writeChanges(elb: AwsClients['elb'], route: RoutePlan, { rules, changes }: FoundChanges): Promise<void> {
  for (const change of inSafeOrder(changes)) {
    Context.current().cancellationSignal.throwIfAborted();
    await setRule(elb, route, change, rules);
  }
}

/** How long a read may miss our own change of a rule. */
const unseenMs = 3_000;

/**
 * The rules that are there or are to be. What is to go and isn't seen is looked for again, and so is what somebody else seems to have
 * changed, for a read may show the rules as they were before this deployment's last change.
 * @throws {ApplicationFailure} of type `RouteChangedByOthers`
 */
async function findChanges(
  elb: AwsClients['elb'],
  route: RoutePlan,
  traffic: RouteTraffic,
  groups: RouteTargetGroups,
): Promise<FoundChanges> {
  const until = performance.now() + unseenMs;
  return await poll(
    async () => {
      const rules = await describeRules(elb, route.listenerArn);
      const all = ruleChanges(rules, route, traffic, groups);
      for (const { now } of all) if (now) refuseRuleOfAnother(now, route.application);
      const isLast = performance.now() >= until;
      const differing = route.kind === 'live' ? changesFor(rules, route, traffic, groups) : [];
      const refused = differing.find((change) => !isKnown(change, groups));
      if (refused && isLast) throw ruleChanged(refused);
      const mayMiss = all.some(({ planned, now, wanted }) => !now && !wanted && planned.after !== null);
      if ((refused || mayMiss) && !isLast) return undefined;
      return { rules, changes: all.filter(({ now, wanted }) => now !== undefined || wanted !== null) };
    },
    { everyMs: 500 },
  );
}

/** One call, or several attempts to create a rule. @param rules every rule of the listener */
async function setRule(
  elb: AwsClients['elb'],
  route: RoutePlan,
  { planned, now, wanted }: RuleChange,
  rules: readonly ListenerRule[],
): Promise<void> {
  if (wanted === null) return await unless('RuleNotFound', undefined, deleteRule(elb, now?.arn ?? ''));
  if (!now) return await createPlannedRule(elb, route, { planned, wanted }, rules);
  try {
    await modifyRule(elb, now.arn, wanted, route.sticky);
  } catch (failure) {
    // A late read may show a test rule that the deployment before deleted. A live one that is gone was somebody's.
    if (route.kind === 'live' || !isAwsError(failure, 'RuleNotFound')) throw failure;
    const others = rules.filter(({ arn }) => arn !== now.arn);
    await createPlannedRule(elb, route, { planned, wanted }, others);
  }
}
