/** How an application's listener rules differ from what they are to be, and which of that is somebody else's change. */
import { ApplicationFailure } from '@temporalio/common';
import { belongsToAnother, tagKeys, targetGroupName, type ApplicationIdentity } from '../../../planning/names';
import { sameState, type ListenerRule, type RuleState } from '../../../planning/routing/listener-rules';
import { routeRules, type PlannedRule, type RoutePlan } from '../../../planning/routing/rule-set';
import { isExpected, ruleAt, type RouteTargetGroups, type RouteTraffic } from '../../../planning/routing/rule-states';

/** A rule that isn't as the traffic asks for. */
export interface RuleChange {
  readonly planned: PlannedRule;
  /** `undefined` where there is no such rule. */
  readonly now: ListenerRule | undefined;
  /** `null` where there must be none. */
  readonly wanted: RuleState | null;
}

/**
 * The rules that aren't as this traffic asks for. Of two rules with one index, as a lost answer and a late read may have made, the
 * later one goes.
 */
export function changesFor(
  rules: readonly ListenerRule[],
  route: RoutePlan,
  traffic: RouteTraffic,
  groups: RouteTargetGroups,
): RuleChange[] {
  return ruleChanges(rules, route, traffic, groups).filter(({ now, wanted }) => !sameState(now ?? null, wanted));
}

/** What each rule is and is to be, whether it differs or not. */
export function ruleChanges(
  rules: readonly ListenerRule[],
  route: RoutePlan,
  traffic: RouteTraffic,
  groups: RouteTargetGroups,
): RuleChange[] {
  const own = routeRules(rules, route.application, route.kind, route.port).toSorted(byWinner);
  return route.rules.flatMap((planned) => {
    const now = currentRule(rules, own, planned);
    const again = own.filter((rule) => rule.arn !== now?.arn && hasIndex(rule, planned));
    return [
      { planned, now, wanted: ruleAt(planned, traffic, groups) },
      ...again.map((rule) => ({ planned, now: rule, wanted: null })),
    ];
  });
}

/** The rule that takes the requests comes first. */
const byWinner = (one: ListenerRule, other: ListenerRule): number => Number(one.priority) - Number(other.priority);

export const hasIndex = ({ tags }: ListenerRule, { index }: PlannedRule): boolean =>
  tags[tagKeys.rule] === String(index);

/** New rules first and rules that go last, so that a module that moves from one rule to another is always caught. */
export const inSafeOrder = (changes: readonly RuleChange[]): RuleChange[] => {
  const rank = ({ now, wanted }: RuleChange) => (now === undefined ? 0 : wanted === null ? 2 : 1);
  return changes.toSorted((one, other) => rank(one) - rank(other));
};

/** By ARN, or by the tag with its index; an adopted rule has no such tag. */
const currentRule = (rules: readonly ListenerRule[], own: readonly ListenerRule[], planned: PlannedRule) =>
  rules.find((rule) => rule.arn === planned.arn) ?? own.find((rule) => hasIndex(rule, planned));

/** Whether the rule is in a state that the plan knows; any other is somebody's change. */
export const isKnown = ({ planned, now }: RuleChange, groups: RouteTargetGroups): boolean =>
  isExpected(planned, now ?? null, groups);

/** The failure of a rule that isn't as this deployment, or its plan, left it. */
export function ruleChanged({ planned, now }: Pick<RuleChange, 'planned' | 'now'>): ApplicationFailure {
  const what = now ? `Listener rule ${now.arn} (priority ${now.priority})` : `Listener rule ${planned.arn}`;
  const how = now ? `now ${formatRule(now)}` : 'is gone';
  return ApplicationFailure.create({
    type: 'RouteChangedByOthers',
    nonRetryable: true,
    message: `${what} was changed by somebody else: it ${how}. Retry looks again and goes on once it is as it was, and so does a rollback: neither overwrites it.`,
    details: [{ planned, now }],
  });
}

/**
 * No plan has such a rule; an input that somebody made up may.
 * @throws {ApplicationFailure} of type `OtherSettings` for a rule whose tags say that it is another application's
 */
export function refuseRuleOfAnother(
  { arn, tags }: Pick<ListenerRule, 'arn' | 'tags'>,
  application: Pick<ApplicationIdentity, 'zone' | 'key'>,
): void {
  if (!belongsToAnother(tags, application)) return;
  throw ApplicationFailure.nonRetryable(
    `Listener rule ${arn} is ${tags[tagKeys.application] ?? tags[tagKeys.key]}'s in zone ${tags[tagKeys.zone]}: nothing was written. Retry looks again.`,
    'OtherSettings',
  );
}

/** The failure of a rule, ours or not, that sends requests to what is retired next. */
export const leadsToRetired = (rule: ListenerRule) =>
  ApplicationFailure.create({
    type: 'RouteChangedByOthers',
    nonRetryable: true,
    message: `Listener rule ${rule.arn} (priority ${rule.priority}) was made by somebody else, and sends requests to what would be retired next: it ${formatRule(rule)}. Change or delete it, then retry.`,
    details: [{ now: rule }],
  });

/** What a rule does, as text for people: `forwards <what it catches> to <where>`. */
const formatRule = ({ forward, conditions }: RuleState) => {
  const groups = forward.map(({ targetGroupArn, weight }) => `${targetGroupName(targetGroupArn)} (weight ${weight})`);
  const catching = conditions.flatMap(({ values, regularExpressions }) => [...values, ...regularExpressions]);
  return `forwards ${catching.join(' ') || 'every request'} to ${groups.join(' and ') || 'no target group'}`;
};
