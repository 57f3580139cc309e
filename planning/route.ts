/**
 * The application's listener rules: what they are now, what they will be, and every state between the two.
 *
 * A rule keeps its place (index, ARN, priority) through a deployment, so that the cut is one ModifyRule a rule, conditions and
 * action together, and the way back is the same call. Live rules take priorities from the top of the zone's range and test
 * rules from the bottom: with both on one listener, a request that bears the test header reaches the test rule first.
 */
import type { ListenerRule, RuleCondition, RuleState, WeightedTargetGroup } from './listener-rules';
import { sameConditions, sameRule, winningRule } from './listener-rules';
import { belongsTo, tagKeys, type ApplicationIdentity } from './names';
import { packModules, pathCondition, type PathLimits } from './paths';
import { Refusal } from './refusal';

export type RouteKind = 'live' | 'test';

/** A rule's state without its forward: that follows from the weights of the moment. */
export type RuleShape = Omit<RuleState, 'forward'>;

export interface PlannedRule {
  readonly index: number;
  /** `null` when the deployment creates it. */
  readonly arn: string | null;
  readonly priority: number;
  /** As it was read; anything that is neither this nor planned is somebody else's change. */
  readonly found: RuleState | null;
  /** Where a rollback leads; `null` when there is no rule then. */
  readonly before: RuleState | null;
  /** What it becomes; `null` when it goes. */
  readonly after: RuleShape | null;
}

export interface RoutePlan {
  readonly kind: RouteKind;
  readonly listenerArn: string;
  readonly application: ApplicationIdentity;
  readonly priorities: PriorityRange;
  readonly rules: readonly PlannedRule[];
}

export interface PriorityRange {
  readonly from: number;
  readonly to: number;
}

/** The target groups that weights speak of; blue has none when the default rule doesn't forward. */
export interface RouteTargetGroups {
  readonly blue: string | null;
  readonly green: string;
}

/** `before`: where a rollback leads. `gone`: no rule. Else green's and blue's shares, 0 to 100. */
export type RouteTraffic = 'before' | 'gone' | TrafficShares;

export interface TrafficShares {
  readonly blue: number;
  readonly green: number;
  /** Keeps blue in the rule at a share of 0: a target group in no rule is `unused`, and nothing waits for its requests. */
  readonly keepBlue?: boolean;
}

export interface RouteRequest {
  readonly kind: RouteKind;
  readonly listenerArn: string;
  /** Every rule of the listener, the default one included. */
  readonly listenerRules: readonly ListenerRule[];
  readonly application: ApplicationIdentity;
  readonly modules: readonly string[];
  /** Host and header conditions, beside the path. */
  readonly conditions: readonly RuleCondition[];
  readonly limits: Omit<PathLimits, 'valuesTaken'>;
  readonly priorities: PriorityRange;
  /** Where a rollback of an existing rule leads; `null` when blue is what the default rule serves. */
  readonly blueTargetGroupArn: string | null;
}

/** The rules of this application on a listener, by their place. */
export function routeRules(
  rules: readonly ListenerRule[],
  application: ApplicationIdentity,
  kind: RouteKind,
): ListenerRule[] {
  const place = ({ tags }: ListenerRule) => Number(tags[tagKeys.rule] ?? 0);
  return rules
    .filter(({ tags }) => belongsTo(tags, application) && tags[tagKeys.route] === kind)
    .toSorted((one, other) => place(one) - place(other));
}

/** @throws {Refusal} when the zone's priority range has no room. */
export function planRoute(request: RouteRequest): RoutePlan {
  const { kind, listenerArn, application, priorities } = request;
  const existing = routeRules(request.listenerRules, application, kind);
  const limits = { ...request.limits, valuesTaken: request.conditions.flatMap(valuesOf).length };
  const held = existing.map((rule) => request.modules.filter((module) => catches(rule, module)));
  const packed = packModules(request.modules, existing.length > 0 ? held : [], limits);
  const free = freePriorities(request.listenerRules, priorities, kind);
  const rules = packed.map((modules, index) => {
    const rule = existing[index];
    const priority = rule ? Number(rule.priority) : takePriority(free, request);
    const after = modules.length > 0 ? shapeOf(rule, [...request.conditions, pathCondition(modules, limits)]) : null;
    return {
      index,
      arn: rule?.arn ?? null,
      priority,
      found: rule ? stateOf(rule) : null,
      before: beforeOf(rule, request),
      after,
    };
  });
  return { kind, listenerArn, application, priorities, rules };
}

const valuesOf = ({ values, regularExpressions }: RuleCondition) => [...values, ...regularExpressions];

const catches = (rule: ListenerRule, module: string) => {
  const path = rule.conditions.filter(({ field }) => field === 'path-pattern');
  return winningRule([{ ...rule, conditions: path }], { host: '', path: `/${module}/` }) !== undefined;
};

const shapeOf = (rule: ListenerRule | undefined, conditions: readonly RuleCondition[]): RuleShape => ({
  conditions,
  keptActions: rule?.keptActions ?? [],
  transforms: rule?.transforms ?? [],
});

const stateOf = ({ conditions, forward, keptActions, transforms }: ListenerRule): RuleState => ({
  conditions,
  forward,
  keptActions,
  transforms,
});

function beforeOf(rule: ListenerRule | undefined, { kind, blueTargetGroupArn }: RouteRequest): RuleState | null {
  if (!rule || kind === 'test' || blueTargetGroupArn === null) return null;
  return { ...stateOf(rule), forward: [{ targetGroupArn: blueTargetGroupArn, weight: 100 }] };
}

/** The priorities that nobody uses, in the order in which this kind of route takes them. */
export function freePriorities(rules: readonly ListenerRule[], { from, to }: PriorityRange, kind: RouteKind): number[] {
  const taken = new Set(rules.map(({ priority }) => priority));
  const free = Array.from({ length: to - from + 1 }, (_, offset) => from + offset).filter((one) => !taken.has(one));
  return kind === 'live' ? free.toReversed() : free;
}

function takePriority(free: number[], { priorities: { from, to }, listenerArn }: RouteRequest): number {
  const priority = free.shift();
  if (priority !== undefined) return priority;
  throw new Refusal(
    `Every priority from ${from} to ${to} of listener ${listenerArn} is taken: widen the zone's "priorities" in the settings or remove rules that nobody needs.`,
  );
}

/** What a planned rule should be with this traffic; `null` when it should not exist. */
export function ruleAt(rule: PlannedRule, traffic: RouteTraffic, groups: RouteTargetGroups): RuleState | null {
  if (traffic === 'before') return rule.before;
  if (traffic === 'gone' || rule.after === null) return null;
  return { ...rule.after, forward: forwardTo(traffic, groups) };
}

/** At rest a live rule forwards to one group. */
function forwardTo({ blue, green, keepBlue }: TrafficShares, groups: RouteTargetGroups): WeightedTargetGroup[] {
  const towardsBlue =
    groups.blue !== null && (blue > 0 || keepBlue === true) ? [{ targetGroupArn: groups.blue, weight: blue }] : [];
  return [...towardsBlue, { targetGroupArn: groups.green, weight: green }];
}

/**
 * Whether a rule is in a state that this plan knows: as found, as before, or as after with any split between its two groups.
 * Anything else is somebody's change, which must not be overwritten silently.
 */
export function isExpected(rule: PlannedRule, now: RuleState | null, groups: RouteTargetGroups): boolean {
  if (now === null) return rule.found === null || rule.before === null || rule.after === null;
  if ([rule.found, rule.before].some((state) => state !== null && sameRule(state, now))) return true;
  const known = new Set([groups.blue, groups.green]);
  const after = rule.after && { ...rule.after, forward: now.forward };
  return after !== null && sameConditions(after, now) && now.forward.every((group) => known.has(group.targetGroupArn));
}
