/**
 * The set of listener rules that is one application's route, live or test, as a plan has it.
 *
 * A rule keeps its index, its ARN and its priority through a deployment, so that the cut is one ModifyRule a rule, conditions and
 * action together, and the way back is the same call.
 */
import type { ListenerRule, RuleState } from './listener-rules';
import { belongsTo, tagKeys, type ApplicationIdentity } from '../names';

export type RouteKind = 'live' | 'test';
/** The value of a rule's tag `cutover:route`: `adopted` while another tool's rule is being adopted. */
export type RuleMark = RouteKind | 'adopted';

/** A rule's state without its forward, which follows from the weights of the moment. */
export type RuleShape = Omit<RuleState, 'forward'>;

export interface PlannedRule {
  readonly index: number;
  /** `null` when the deployment creates it. */
  readonly arn: string | null;
  readonly priority: number;
  /** The rule as it was read; a state that is neither this nor planned is somebody else's change. */
  readonly found: RuleState | null;
  /** Where a rollback leads; `null` when there is no rule then. */
  readonly before: RuleState | null;
  /** What it catches while traffic is shared between blue and green; `null` when there is no such rule then. */
  readonly sharing: RuleShape | null;
  /** What it catches while old and new replicas serve from one target group: what both have; `null` when that is nothing. */
  readonly commonShape: RuleShape | null;
  /** What it becomes; `null` when it goes. */
  readonly after: RuleShape | null;
  /** The only module it is for, when that module is published under a path of its own; else `null`. */
  readonly module: string | null;
  /** The rule whose login a new rule takes over; absent where there is none. */
  readonly loginFrom?: Pick<ListenerRule, 'arn' | 'priority'>;
}

export interface RoutePlan {
  readonly kind: RouteKind;
  readonly listenerArn: string;
  readonly application: ApplicationIdentity;
  readonly priorities: PriorityRange;
  /** Target groups with sticky sessions may only share a rule that is sticky itself. */
  readonly sticky: boolean;
  /** What the settings want on every new rule. Default: nothing. */
  readonly tags?: Readonly<Record<string, string>>;
  readonly rules: readonly PlannedRule[];
  /** Which port of the application's service it leads to, e.g. `admin:9090`. Default: the one that its modules are at. */
  readonly port?: string;
}

/** Both ends belong to it. */
export interface PriorityRange {
  readonly from: number;
  readonly to: number;
}

/** The rules of this application on a listener that bear this mark, by their index. @param port as {@link RoutePlan} has it */
export function routeRules(
  rules: readonly ListenerRule[],
  application: ApplicationIdentity,
  mark: RuleMark,
  port?: string,
): ListenerRule[] {
  return rules
    .filter(({ tags }) => belongsTo(tags, application) && tags[tagKeys.route] === mark && tags[tagKeys.port] === port)
    .toSorted((one, other) => ruleIndex(one) - ruleIndex(other));
}

/** A rule's index in its route, as its tags record it. */
export const ruleIndex = ({ tags }: ListenerRule): number => Number(tags[tagKeys.rule] ?? 0);
