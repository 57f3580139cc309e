/** What a planned rule is to be with a certain traffic, and which of the states that are found belong to the plan. */
import { sameConditions, sameRule, type RuleState, type WeightedTargetGroup } from './listener-rules';
import type { PlannedRule } from './rule-set';

/** The target groups that weights speak of; blue has none when the default rule doesn't forward. */
export interface RouteTargetGroups {
  readonly blue: string | null;
  readonly green: string;
  /** Others that stay in the rule at a share of 0 wherever blue does. Default: none. */
  readonly attachedGroups?: readonly string[];
}

/** `before`: where a rollback leads. `gone`: no rule. `common`: only what both releases have. Else shares, 0 to 100. */
export type RouteTraffic = 'before' | 'gone' | 'common' | TrafficShares;

export interface TrafficShares {
  readonly blue: number;
  readonly green: number;
  /** Keeps blue in the rule at a share of 0: a target group in no rule is `unused`, and nothing waits for its requests. */
  readonly keepBlue?: boolean;
}

/** What a planned rule should be with this traffic; `null` when it should not exist. */
export function ruleAt(rule: PlannedRule, traffic: RouteTraffic, groups: RouteTargetGroups): RuleState | null {
  if (traffic === 'before') return rule.before;
  if (traffic === 'gone') return null;
  if (traffic === 'common') return rule.commonShape && { ...rule.commonShape, forward: forwardTo(allToGreen, groups) };
  const shape = traffic.green < 100 ? rule.sharing : rule.after;
  return shape && { ...shape, forward: forwardTo(traffic, groups) };
}

const allToGreen = { blue: 0, green: 100 } as const;

/** At rest a live rule forwards to one group. */
function forwardTo({ blue, green, keepBlue }: TrafficShares, groups: RouteTargetGroups): WeightedTargetGroup[] {
  const towardsBlue =
    groups.blue !== null && (blue > 0 || keepBlue === true) ? [{ targetGroupArn: groups.blue, weight: blue }] : [];
  const attached = keepBlue === true ? (groups.attachedGroups ?? []) : [];
  return [
    ...towardsBlue,
    ...attached.map((targetGroupArn) => ({ targetGroupArn, weight: 0 })),
    { targetGroupArn: groups.green, weight: green },
  ];
}

/**
 * Whether a rule is in a state that this plan knows: as found, as before, or as after with any split between its two groups.
 * Anything else is somebody's change, which must not be overwritten silently.
 */
export function isExpected(rule: PlannedRule, now: RuleState | null, groups: RouteTargetGroups): boolean {
  const shapes = [rule.after, rule.sharing, rule.commonShape];
  if (now === null) return [rule.found, rule.before, ...shapes].includes(null);
  if ([rule.found, rule.before].some((state) => state !== null && sameRule(state, now))) return true;
  const known = new Set([groups.blue, groups.green]);
  const shaped = shapes.some((shape) => shape !== null && sameConditions(shape, now));
  return shaped && now.forward.every((group) => known.has(group.targetGroupArn));
}
