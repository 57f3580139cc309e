/** Converts listener rules between AWS's form and that of plans, which leaves out what AWS never returns and so can be compared. */
import type { Action, Rule, RuleCondition as AwsRuleCondition } from '@aws-sdk/client-elastic-load-balancing-v2';
import {
  shortestStickySeconds,
  type ListenerRule,
  type RuleCondition,
  type RuleState,
  type WeightedTargetGroup,
} from '../../../planning/routing/listener-rules';
import { tagKeys } from '../../../planning/names';
import type { Tags } from '../../../planning/tags';

/** What is read: a rule as plans have it. */
export function listenerRule(rule: Rule, tags: Tags): ListenerRule {
  const actions = rule.Actions ?? [];
  return {
    arn: rule.RuleArn ?? '',
    priority: rule.IsDefault || rule.Priority === 'default' ? 'default' : Number(rule.Priority),
    conditions: (rule.Conditions ?? []).map(ruleCondition),
    forward: actions.flatMap(forwardOf),
    otherActions: actions.filter(({ Type }) => Type !== 'forward').map(withoutSecret),
    transforms: rule.Transforms ?? [],
    ...stickinessOf(actions),
    ...(isOthers(tags) && describedIn(actions)),
    tags,
  };
}

/** Rules of cutover's own are always written as here. */
const isOthers = (tags: Tags) => tags[tagKeys.rule] === undefined;

function describedIn(actions: readonly Action[]): Pick<RuleState, 'described'> {
  const described = actions.find(({ Type }) => Type === 'forward');
  return described ? { described } : {};
}

/** A login by OpenID Connect, as it can be compared: AWS never returns its client secret. */
function withoutSecret({ AuthenticateOidcConfig: login, ...action }: Action): Action {
  if (!login) return action;
  const { ClientSecret: _secret, UseExistingClientSecret: _existing, ...readable } = login;
  return { ...action, AuthenticateOidcConfig: readable };
}

function stickinessOf(actions: readonly Action[]): { readonly stickySeconds?: number } {
  const found = actions.find(({ Type }) => Type === 'forward')?.ForwardConfig?.TargetGroupStickinessConfig;
  return found?.Enabled === true ? { stickySeconds: found.DurationSeconds ?? 1 } : {};
}

function forwardOf({ Type, TargetGroupArn, ForwardConfig }: Action): WeightedTargetGroup[] {
  if (Type !== 'forward') return [];
  const alone = TargetGroupArn === undefined ? [] : [{ TargetGroupArn, Weight: 1 }];
  const groups = ForwardConfig?.TargetGroups?.length ? ForwardConfig.TargetGroups : alone;
  return groups.map((group) => ({ targetGroupArn: group.TargetGroupArn ?? '', weight: group.Weight ?? 1 }));
}

function ruleCondition(condition: AwsRuleCondition): RuleCondition {
  const { Field, Values, PathPatternConfig, HostHeaderConfig, HttpHeaderConfig, HttpRequestMethodConfig } = condition;
  const config: { Values?: string[] | undefined; RegexValues?: string[] | undefined } =
    PathPatternConfig ?? HostHeaderConfig ?? HttpHeaderConfig ?? HttpRequestMethodConfig ?? {};
  const header = HttpHeaderConfig?.HttpHeaderName;
  const queries = condition.QueryStringConfig?.Values?.map(({ Key = '', Value = '' }) => `${Key}=${Value}`);
  return {
    field: (Field ?? 'path-pattern') as RuleCondition['field'],
    ...(header !== undefined && { header }),
    values:
      config.Values ??
      queries ??
      condition.SourceIpConfig?.Values ??
      (config.RegexValues?.length ? [] : (Values ?? [])),
    regularExpressions: config.RegexValues ?? [],
  };
}

/**
 * The actions that make a rule be in this state.
 * @param sticky whether a target group of the route is sticky: a rule with several groups must then be sticky itself, for the
 * shortest time that AWS has
 */
export function awsActions(state: RuleState, sticky: boolean): Action[] {
  const { otherActions: other, forward, stickySeconds, described } = state;
  const otherActions = other.map(withExistingSecret);
  if (forward.length === 0) return otherActions;
  if (described && isDescribed(state, described)) return [...otherActions, described];
  const TargetGroups = forward.map(({ targetGroupArn, weight }) => ({
    TargetGroupArn: targetGroupArn,
    Weight: weight,
  }));
  const seconds = stickySeconds ?? (sticky && forward.length > 1 ? shortestStickySeconds : undefined);
  const ForwardConfig = {
    TargetGroups,
    ...(seconds !== undefined && { TargetGroupStickinessConfig: { Enabled: true, DurationSeconds: seconds } }),
  };
  return [...otherActions, { Type: 'forward', Order: lastOrder(otherActions) + 1, ForwardConfig }];
}

/** Whether a rule in this state forwards as AWS described it, and not elsewhere in the meantime. */
const isDescribed = ({ forward, stickySeconds }: RuleState, described: Action): boolean =>
  JSON.stringify(forwardOf(described)) === JSON.stringify(forward) &&
  stickinessOf([described]).stickySeconds === stickySeconds;

/** A forward is the last action, however another tool numbers those before it. */
const lastOrder = (actions: readonly Action[]) => Math.max(actions.length, ...actions.map(({ Order = 0 }) => Order));

/** A condition as AWS takes it. */
export function awsCondition({ field, header, values, regularExpressions }: RuleCondition): AwsRuleCondition {
  const config = regularExpressions.length > 0 ? { RegexValues: [...regularExpressions] } : { Values: [...values] };
  switch (field) {
    case 'path-pattern':
      return { Field: field, PathPatternConfig: config };
    case 'host-header':
      return { Field: field, HostHeaderConfig: config };
    case 'http-header':
      return { Field: field, HttpHeaderConfig: { HttpHeaderName: header, ...config } };
    case 'http-request-method':
      return { Field: field, HttpRequestMethodConfig: { Values: [...values] } };
    case 'source-ip':
      return { Field: field, SourceIpConfig: { Values: [...values] } };
    case 'query-string':
      return { Field: field, QueryStringConfig: { Values: values.map(queryValue) } };
  }
}

/** The same login with the secret that the rule has already. It has no effect on a new rule, which needs the secret itself. */
const withExistingSecret = (action: Action): Action =>
  action.AuthenticateOidcConfig
    ? { ...action, AuthenticateOidcConfig: { ...action.AuthenticateOidcConfig, UseExistingClientSecret: true } }
    : action;

const queryValue = (text: string) => {
  const at = text.indexOf('=');
  return at > 0 ? { Key: text.slice(0, at), Value: text.slice(at + 1) } : { Value: text.slice(at + 1) };
};
