/** An application's set of listener rules: moved together, call by call, each read before it is written. */
import { AddTagsCommand } from '@aws-sdk/client-elastic-load-balancing-v2';
import { Context } from '@temporalio/activity';
import { ApplicationFailure } from '@temporalio/common';
import {
  byPriority,
  isNoTestRoute,
  sameRule,
  sendsTo,
  type ListenerRule,
  type RuleState,
} from '../../../planning/routing/listener-rules';
import { applicationTags, tagKeys, targetGroupName } from '../../../planning/names';
import { freePriorities } from '../../../planning/routing/priorities';
import { isExpected, ruleAt, type RouteTargetGroups, type RouteTraffic } from '../../../planning/routing/rule-states';
import { routeRules, type PlannedRule, type RoutePlan } from '../../../planning/routing/rule-set';
import type { AwsClients } from '../client/clients';
import { isAwsError, unless } from '../client/errors';
import { createRule, deleteRule, describeRules, modifyRule } from './listener-rules';
import { describeLoadBalancerOf, describeRulesElsewhere } from './load-balancers';
import { confirmUnchanged } from '../ecs/unchanged';

type Elb = AwsClients['elb'];

/** Whether anything had to be written. */
export interface RouteChange {
  readonly changed: boolean;
}

/**
 * Makes the route's rules be what this traffic asks for.
 * Effect: one CreateRule, ModifyRule or DeleteRule for each rule that isn't so yet.
 * Idempotent: states are absolute; created rules are found again by their tags.
 * Errors: `RouteChangedByOthers` when a live rule is in a state that the plan doesn't know.
 */
export async function setRoute(
  elb: Elb,
  route: RoutePlan,
  traffic: RouteTraffic,
  groups: RouteTargetGroups,
): Promise<RouteChange> {
  const rules = await describeRules(elb, route.listenerArn);
  const changes = differing(rules, route, traffic, groups);
  if (route.kind === 'live') changes.forEach(({ planned, now }) => refuseUnexpected(planned, now, groups));
  for (const { planned, now, wanted } of inSafeOrder(changes)) {
    Context.current().cancellationSignal.throwIfAborted();
    await setRule(elb, route, planned, now, wanted, rules);
  }
  return { changed: changes.length > 0 };
}

/**
 * Returns when the live rules are what this traffic asks for, and no rule of the load balancer, whoever's, sends requests to
 * the target group that is retired next.
 * Calls: one look at the listener's rules, and at those of the others where something is retired; again while something differs, for a read may be late.
 * Errors: `RouteChangedByOthers`.
 */
export async function confirmRoute(
  elb: Elb,
  route: RoutePlan,
  traffic: RouteTraffic,
  groups: RouteTargetGroups,
  retired: string | null,
): Promise<void> {
  await confirmUnchanged(async () => {
    const rules = await describeRules(elb, route.listenerArn);
    const [first] = differing(rules, route, traffic, groups);
    if (first) return changedByOthers(first.planned, first.now);
    if (retired === null) return undefined;
    const arn = route.listenerArn;
    const loadBalancerArn = await describeLoadBalancerOf(elb, arn);
    const elsewhere = await describeRulesElsewhere(elb, { arn, loadBalancerArn });
    const leading = [...rules, ...elsewhere.filter(isNoTestRoute)].find((rule) => sendsTo(rule, retired));
    return leading && leadsToRetired(leading);
  });
}

/** Effect: at most one AddTags. Idempotent: rules that bear the name already are left alone. */
export async function recordName(elb: Elb, { listenerArn, application, kind }: RoutePlan): Promise<void> {
  const wanted = applicationTags(application);
  const rules = routeRules(await describeRules(elb, listenerArn), application, kind);
  const others = rules.filter(({ tags }) => tags[tagKeys.application] !== wanted[tagKeys.application]);
  if (others.length === 0) return;
  const tags = [{ Key: tagKeys.application, Value: wanted[tagKeys.application] ?? '' }];
  await elb.send(new AddTagsCommand({ ResourceArns: others.map(({ arn }) => arn), Tags: tags }));
}

interface Change {
  readonly planned: PlannedRule;
  readonly now: ListenerRule | undefined;
  readonly wanted: RuleState | null;
}

/** The rules that aren't as this traffic asks for. */
function differing(
  rules: readonly ListenerRule[],
  route: RoutePlan,
  traffic: RouteTraffic,
  groups: RouteTargetGroups,
): Change[] {
  const own = routeRules(rules, route.application, route.kind);
  return route.rules
    .map((planned) => ({ planned, now: currentRule(rules, own, planned), wanted: ruleAt(planned, traffic, groups) }))
    .filter(({ now, wanted }) => !(now && wanted ? sameRule(now, wanted) : now === undefined && wanted === null));
}

/** What is made first and what goes last catches the modules that move between two rules. */
const inSafeOrder = (changes: readonly Change[]): Change[] => {
  const rank = ({ now, wanted }: Change) => (now === undefined ? 0 : wanted === null ? 2 : 1);
  return changes.toSorted((one, other) => rank(one) - rank(other));
};

/** An adopted rule bears no tags of ours that would tell its place. */
const currentRule = (rules: readonly ListenerRule[], own: readonly ListenerRule[], { arn, index }: PlannedRule) =>
  rules.find((rule) => rule.arn === arn) ?? own.find(({ tags }) => tags[tagKeys.rule] === String(index));

function refuseUnexpected(planned: PlannedRule, now: ListenerRule | undefined, groups: RouteTargetGroups): void {
  if (!isExpected(planned, now ?? null, groups)) throw changedByOthers(planned, now);
}

function changedByOthers(planned: PlannedRule, now: ListenerRule | undefined): ApplicationFailure {
  const what = now ? `Listener rule ${now.arn} (priority ${now.priority})` : `Listener rule ${planned.arn}`;
  const how = now ? `now ${told(now)}` : 'is gone';
  return ApplicationFailure.create({
    type: 'RouteChangedByOthers',
    nonRetryable: true,
    message: `${what} was changed by somebody else: it ${how}. Retry looks again and goes on once it is as it was, and so does a rollback: neither overwrites it.`,
    details: [{ planned, now }],
  });
}

const leadsToRetired = (rule: ListenerRule) =>
  ApplicationFailure.create({
    type: 'RouteChangedByOthers',
    nonRetryable: true,
    message: `Listener rule ${rule.arn} (priority ${rule.priority}) was made by somebody else, and sends requests to what would be retired next: it ${told(rule)}. Change or delete it, then retry.`,
    details: [{ now: rule }],
  });

const told = ({ forward, conditions }: RuleState) => {
  const groups = forward.map(({ targetGroupArn, weight }) => `${targetGroupName(targetGroupArn)} (weight ${weight})`);
  const catching = conditions.flatMap(({ values, regularExpressions }) => [...values, ...regularExpressions]);
  return `forwards ${catching.join(' ') || 'every request'} to ${groups.join(' and ') || 'no target group'}`;
};

async function setRule(
  elb: Elb,
  route: RoutePlan,
  planned: PlannedRule,
  now: ListenerRule | undefined,
  wanted: RuleState | null,
  rules: readonly ListenerRule[],
): Promise<void> {
  if (wanted === null) return await unless('RuleNotFound', undefined, deleteRule(elb, now?.arn ?? ''));
  if (now) return await modifyRule(elb, now.arn, wanted, route.sticky);
  const tags = {
    ...applicationTags(route.application),
    [tagKeys.route]: route.kind,
    [tagKeys.rule]: String(planned.index),
    ...(planned.module !== null && { [tagKeys.module]: planned.module }),
  };
  const free = freePriorities(byPriority(rules), route.priorities, route.kind);
  for (const priority of [planned.priority, ...free.filter((one) => one !== planned.priority)]) {
    try {
      return await createRule(elb, route.listenerArn, priority, wanted, route.sticky, tags);
    } catch (failure) {
      // Somebody took it since the plan: any other of the range serves as well.
      if (!isAwsError(failure, 'PriorityInUse')) throw failure;
    }
  }
  throw ApplicationFailure.nonRetryable(
    `Every priority from ${route.priorities.from} to ${route.priorities.to} of the listener is taken: widen the zone's "priorities", then retry.`,
    'QuotaExceeded',
  );
}
