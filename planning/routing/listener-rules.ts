/**
 * Listener rules as planners see them: a small canonical form of what the ALB has, and which rule wins a request.
 * https://docs.aws.amazon.com/elasticloadbalancing/latest/application/rule-condition-types.html
 */
import type { Action, RuleTransform } from '@aws-sdk/client-elastic-load-balancing-v2';
import { tagKeys } from '../names';

export interface RuleCondition {
  readonly field: 'path-pattern' | 'host-header' | 'http-header' | 'http-request-method' | 'query-string' | 'source-ip';
  /** The header's name, for `http-header`. */
  readonly header?: string;
  /** Wildcard patterns; a query string's as `key=value`. */
  readonly values: readonly string[];
  readonly regularExpressions: readonly string[];
}

/** One target group's share of a rule. */
export interface WeightedTargetGroup {
  readonly targetGroupArn: string;
  readonly weight: number;
}

/** What a rule does with the requests that it catches. */
export interface RuleState {
  readonly conditions: readonly RuleCondition[];
  /** Empty when the rule doesn't forward (a redirect, a fixed response). */
  readonly forward: readonly WeightedTargetGroup[];
  /** Actions beside the forward, as AWS has them: they are left as they are. */
  readonly otherActions: readonly Action[];
  readonly transforms: readonly RuleTransform[];
  /** How long clients stay with the target group that answered them first; absent where they don't. */
  readonly stickySeconds?: number;
  /** The forward in AWS's own words, of a rule that isn't cutover's: put back so, it is what it was, word for word. */
  readonly described?: Action;
}

export interface ListenerRule extends RuleState {
  readonly arn: string;
  readonly priority: number | 'default';
  readonly tags: Readonly<Record<string, string>>;
}

/** A listener of a load balancer. */
export interface ObservedListener extends ListenerRules {
  readonly arn: string;
  readonly protocol: 'HTTP' | 'HTTPS';
  readonly port: number;
  readonly loadBalancerArn: string;
  readonly loadBalancerDnsName: string;
  /** The Availability Zone of each subnet of the load balancer. Default: not known. */
  readonly zonesOfSubnets?: Readonly<Record<string, string>>;
}

export interface ListenerRules {
  /** Every rule, the default one included. */
  readonly rules: readonly ListenerRule[];
  /** What requests for the zone bear beside host and path. Default: nothing. */
  readonly met?: readonly RuleCondition[];
  /** The Platform Server's target group, where the settings name it. Default: where the default rule forwards. */
  readonly platformServer?: string | undefined;
  /** Target groups of others' rules in which servers of the Platform Server's are registered too. Default: none. */
  readonly sameFrontEnds?: readonly string[] | undefined;
  /** Those of which that couldn't be told: instances here, addresses there, and nobody to say whose. Default: none. */
  readonly unknownFrontEnds?: readonly string[] | undefined;
}

/** A rule of another listener of the same load balancer, and where users meet it. */
export interface RuleElsewhere extends ListenerRule {
  readonly listener: Pick<ObservedListener, 'arn' | 'protocol' | 'port'>;
}

/** Whether the rule's requests reach this target group: a weight of 0 only attaches it. */
export const sendsTo = ({ forward }: RuleState, wanted: string | null): boolean =>
  forward.some(({ targetGroupArn, weight }) => targetGroupArn === wanted && weight > 0);

/** The ARNs of the target groups that the rule's requests reach; empty when it answers by itself. */
export const targetGroupsOf = ({ forward }: Pick<RuleState, 'forward'>): string[] =>
  forward.filter(({ weight }) => weight > 0).map(({ targetGroupArn }) => targetGroupArn);

/** A test route's rules keep a target group attached, and no user's requests come to them. */
export const isNoTestRoute = ({ tags }: ListenerRule): boolean => tags[tagKeys.route] !== 'test';

export interface RoutedRequest {
  readonly host: string;
  readonly path: string;
  /** Names in lower case. */
  readonly headers?: Readonly<Record<string, string>>;
}

/**
 * The rule that a plain GET reaches: the lowest priority whose conditions all hold, else the default rule.
 * A rule that depends on a query string or on the client's address catches no *plain* request.
 */
export function winningRule(rules: readonly ListenerRule[], request: RoutedRequest): ListenerRule | undefined {
  return byPriority(rules).find((rule) => rule.conditions.every((condition) => holds(condition, request)));
}

/** The rules that win requests for these paths, by priority. */
export function winnersOf(
  rules: readonly ListenerRule[],
  paths: readonly string[],
  hosts: readonly string[],
): ListenerRule[] {
  const asked = paths.flatMap((path) => [path, `${path}/`]).flatMap((path) => hosts.map((host) => ({ host, path })));
  return byPriority([...new Set(asked.flatMap((request) => winningRule(rules, request) ?? []))]);
}

/** Rules as a request sees them that meets these conditions: without those. */
export const seenBy = <Rule extends Pick<RuleState, 'conditions'>>(
  rules: readonly Rule[],
  met: readonly RuleCondition[] = [],
): Rule[] =>
  met.length === 0
    ? [...rules]
    : rules.map((rule) => ({ ...rule, conditions: rule.conditions.filter((one) => !isMetBy(one, met)) }));

/** Of a header's values a request has the first. */
export const isMetBy = (condition: RuleCondition, met: readonly RuleCondition[]): boolean =>
  met.some((one) => sameCondition(one, condition) || hasHeader(condition, one));

const hasHeader = ({ field, header = '', values }: RuleCondition, met: RuleCondition) =>
  field === 'http-header' &&
  header.toLowerCase() === met.header?.toLowerCase() &&
  met.values[0] !== undefined &&
  values.includes(met.values[0]);

/** What a rule does, without whose it is. */
export const stateOf = (rule: RuleState): RuleState => {
  const { conditions, forward, otherActions, transforms, stickySeconds, described } = rule;
  return {
    conditions,
    forward,
    otherActions,
    transforms,
    ...(stickySeconds !== undefined && { stickySeconds }),
    ...(described && { described }),
  };
};

/** The least that AWS takes: cutover's own, where a rule holds several groups of which one has sticky sessions. */
export const shortestStickySeconds = 1;

/** How long clients stay by what the rule's owner wants. */
export const ownStickySeconds = ({ forward, stickySeconds }: RuleState): number | undefined =>
  forward.length > 1 && stickySeconds === shortestStickySeconds ? undefined : stickySeconds;

/** Whether a rule's paths have a module among them, whatever its hosts are. */
export function catches(rule: Pick<ListenerRule, 'conditions'>, module: string): boolean {
  const conditions = rule.conditions.filter(({ field }) => field === 'path-pattern');
  return conditions.every((condition) => holds(condition, { host: '', path: `/${module}/` }));
}

/** Ascending, the default rule last: the order in which the ALB looks at them. */
export function byPriority<Rule extends { priority: number | 'default' }>(rules: readonly Rule[]): Rule[] {
  const rank = ({ priority }: Rule) => (priority === 'default' ? Infinity : priority);
  return rules.toSorted((one, other) => rank(one) - rank(other));
}

function holds(condition: RuleCondition, request: RoutedRequest): boolean {
  switch (condition.field) {
    case 'path-pattern':
      return matchesAny(condition, request.path, '');
    case 'host-header':
      return matchesAny(condition, request.host, 'i');
    case 'http-header': {
      const value = request.headers?.[(condition.header ?? '').toLowerCase()];
      return value !== undefined && matchesAny(condition, value, 'i');
    }
    case 'http-request-method':
      return condition.values.includes('GET');
    case 'query-string':
    case 'source-ip':
      return false;
  }
}

/** Whether a text matches one of a condition's patterns. */
export function matchesAny(condition: RuleCondition, text: string, flags: string): boolean {
  return (
    condition.values.some((pattern) => wildcard(pattern, flags).test(text)) ||
    condition.regularExpressions.some((expression) => regularExpression(expression, flags).test(text))
  );
}

/** `*` is any text, `?` one character, and the whole text must match. */
function wildcard(pattern: string, flags: string): RegExp {
  const source = pattern
    .replace(/[.+^${}()|[\]\\]/g, String.raw`\$&`)
    .replace(/\*/g, '.*')
    .replace(/\?/g, '.');
  return new RegExp(`^${source}$`, `${flags}s`);
}

function regularExpression(expression: string, flags: string): RegExp {
  const caseInsensitive = expression.startsWith('(?i)');
  const source = caseInsensitive ? expression.slice('(?i)'.length) : expression;
  return new RegExp(source, caseInsensitive ? 'i' : flags);
}

/** Whether two rules do the same: conditions in any order, weights by their shares. */
export function sameRule(one: RuleState, other: RuleState): boolean {
  return sameConditions(one, other) && sameForward(one.forward, other.forward) && sameKept(one, other);
}

/** The same for rules that may not exist: `null`. */
export const sameState = (one: RuleState | null, other: RuleState | null): boolean =>
  one === null || other === null ? one === other : sameRule(one, other);

export function sameConditions(one: Pick<RuleState, 'conditions'>, other: Pick<RuleState, 'conditions'>): boolean {
  return canonical(one.conditions) === canonical(other.conditions);
}

/** Equal shares: one group at weight 1 is the same as that group at weight 100. */
function sameForward(one: readonly WeightedTargetGroup[], other: readonly WeightedTargetGroup[]): boolean {
  return shares(one) === shares(other);
}

const sameKept = (one: RuleState, other: RuleState) =>
  JSON.stringify([one.otherActions, one.transforms]) === JSON.stringify([other.otherActions, other.transforms]);

export const sameCondition = (one: RuleCondition, other: RuleCondition): boolean => written(one) === written(other);

const canonical = (conditions: readonly RuleCondition[]): string => conditions.map(written).toSorted().join();

const written = ({ field, header, values, regularExpressions }: RuleCondition) =>
  JSON.stringify([field, header?.toLowerCase() ?? '', values.toSorted(), regularExpressions.toSorted()]);

function shares(groups: readonly WeightedTargetGroup[]): string {
  const total = groups.reduce((sum, { weight }) => sum + weight, 0) || 1;
  const written = groups.map(({ targetGroupArn, weight }) => `${targetGroupArn} ${(weight / total).toFixed(6)}`);
  return written.toSorted().join();
}
