/** An application's set of listener rules: moved together, call by call, each read before it is written. */
import { AddTagsCommand } from '@aws-sdk/client-elastic-load-balancing-v2';
import { Context } from '@temporalio/activity';
import { ApplicationFailure } from '@temporalio/common';
import { applicationTags, tagKeys } from '../../../planning/names';
import { byPriority, isNoTestRoute, sendsTo, type ListenerRule } from '../../../planning/routing/listener-rules';
import { freePriorities } from '../../../planning/routing/priorities';
import { routeRules, type RoutePlan } from '../../../planning/routing/rule-set';
import type { RouteTargetGroups, RouteTraffic } from '../../../planning/routing/rule-states';
import type { Site } from '../../../planning/site';
import type { AwsClients } from '../client/clients';
import { isAwsError, unless } from '../client/errors';
import { writing, type AwsDependencies } from '../dependencies';
import { confirmUnchanged } from './drift';
import { createRule, deleteRule, describeRules, modifyRule } from './listener-rules';
import { describeLoadBalancerOf, describeRulesElsewhere } from './load-balancers';
import {
  changesFor,
  inSafeOrder,
  leadsToRetired,
  refuseUnexpected,
  ruleChanged,
  type RuleChange,
} from './rule-changes';

/** What live traffic must still be like before something loses its capacity. */
export interface ExpectedRoute {
  readonly route: RoutePlan;
  readonly traffic: RouteTraffic;
  readonly groups: RouteTargetGroups;
  /** The ARN of the target group that is retired next; `null` where none is. */
  readonly retired: string | null;
}

export const ruleSetActivities = (aws: AwsDependencies) => ({
  /**
   * Gives the route's rules the state that this traffic asks for.
   * Effect: one CreateRule, ModifyRule or DeleteRule for each rule that isn't in that state yet.
   * Idempotent: states are absolute; created rules are found again by their tags.
   * @throws {ApplicationFailure} of type `RouteChangedByOthers` when a live rule is in a state that the plan doesn't know; of type
   * `QuotaExceeded` when every priority of the zone's range is taken
   */
  async setRoute(site: Site, route: RoutePlan, traffic: RouteTraffic, groups: RouteTargetGroups): Promise<void> {
    const { elb } = writing(aws, site);
    const rules = await describeRules(elb, route.listenerArn);
    const changes = changesFor(rules, route, traffic, groups);
    if (route.kind === 'live') changes.forEach((change) => refuseUnexpected(change, groups));
    for (const change of inSafeOrder(changes)) {
      Context.current().cancellationSignal.throwIfAborted();
      await setRule(elb, route, change, rules);
    }
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
      const rules = await describeRules(elb, route.listenerArn);
      const [first] = changesFor(rules, route, traffic, groups);
      if (first) return ruleChanged(first);
      if (retired === null) return undefined;
      const arn = route.listenerArn;
      const loadBalancerArn = await describeLoadBalancerOf(elb, arn);
      const elsewhere = await describeRulesElsewhere(elb, { arn, loadBalancerArn });
      const leading = [...rules, ...elsewhere.filter(isNoTestRoute)].find((rule) => sendsTo(rule, retired));
      return leading && leadsToRetired(leading);
    });
  },

  /**
   * Tags an application's rules with its present name, after a rename.
   * Effect: at most one AddTags. Idempotent: rules that have the name already are left alone.
   */
  async recordName(site: Site, { listenerArn, application, kind }: RoutePlan): Promise<void> {
    const { elb } = writing(aws, site);
    const wanted = applicationTags(application);
    const rules = routeRules(await describeRules(elb, listenerArn), application, kind);
    const others = rules.filter(({ tags }) => tags[tagKeys.application] !== wanted[tagKeys.application]);
    if (others.length === 0) return;
    const tags = [{ Key: tagKeys.application, Value: wanted[tagKeys.application] ?? '' }];
    await elb.send(new AddTagsCommand({ ResourceArns: others.map(({ arn }) => arn), Tags: tags }));
  },
});

/** One call, or several attempts to create a rule. @param rules every rule of the listener */
async function setRule(
  elb: AwsClients['elb'],
  route: RoutePlan,
  { planned, now, wanted }: RuleChange,
  rules: readonly ListenerRule[],
): Promise<void> {
  if (wanted === null) return await unless('RuleNotFound', undefined, deleteRule(elb, now?.arn ?? ''));
  if (now) return await modifyRule(elb, now.arn, wanted, route.sticky);
  const { listenerArn, sticky, priorities } = route;
  const tags = {
    ...applicationTags(route.application),
    [tagKeys.route]: route.kind,
    [tagKeys.rule]: String(planned.index),
    ...(planned.module !== null && { [tagKeys.module]: planned.module }),
  };
  const free = freePriorities(byPriority(rules), priorities, route.kind);
  for (const priority of [planned.priority, ...free.filter((one) => one !== planned.priority)]) {
    try {
      return await createRule(elb, { listenerArn, priority, state: wanted, sticky, tags });
    } catch (failure) {
      // Somebody has taken it since the plan: any other of the range will do.
      if (!isAwsError(failure, 'PriorityInUse')) throw failure;
    }
  }
  throw ApplicationFailure.nonRetryable(
    `Every priority from ${priorities.from} to ${priorities.to} of the listener is taken: widen the zone's "priorities", then retry.`,
    'QuotaExceeded',
  );
}
