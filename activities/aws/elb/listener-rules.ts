/** Listeners and their rules: read whole, and written one call at a time. */
import {
  CreateRuleCommand,
  DeleteRuleCommand,
  DescribeListenersCommand,
  DescribeLoadBalancersCommand,
  DescribeTagsCommand,
  ModifyRuleCommand,
  paginateDescribeRules,
  type Action,
  type Rule,
  type RuleCondition as AwsRuleCondition,
} from '@aws-sdk/client-elastic-load-balancing-v2';
import { ApplicationFailure } from '@temporalio/common';
import type {
  ListenerRule,
  RuleCondition,
  RuleState,
  WeightedTargetGroup,
} from '../../../planning/routing/listener-rules';
import { elbTags } from '../../../planning/names';
import type { ObservedListener } from '../../../planning/routing/listener-rules';
import type { AwsClients } from '../client/clients';
import { unless } from '../client/errors';

type Elb = AwsClients['elb'];
export type Tags = Readonly<Record<string, string>>;

/** @throws `NotFound` when there is no such listener. */
export async function describeListener(elb: Elb, arn: string): Promise<ObservedListener> {
  const { Listeners = [] } = await elb.send(new DescribeListenersCommand({ ListenerArns: [arn] }));
  const [listener] = Listeners;
  if (!listener?.LoadBalancerArn) throw ApplicationFailure.nonRetryable(`There is no listener ${arn}.`, 'NotFound');
  const { LoadBalancers = [] } = await elb.send(
    new DescribeLoadBalancersCommand({ LoadBalancerArns: [listener.LoadBalancerArn] }),
  );
  return {
    arn,
    protocol: listener.Protocol === 'HTTPS' ? 'HTTPS' : 'HTTP',
    port: listener.Port ?? 80,
    loadBalancerArn: listener.LoadBalancerArn,
    loadBalancerDnsName: LoadBalancers[0]?.DNSName ?? '',
    rules: await describeRules(elb, arn),
  };
}

/** Every rule of a listener, with its tags. */
export async function describeRules(elb: Elb, listenerArn: string): Promise<ListenerRule[]> {
  for (let reading = 1; ; reading++) {
    const rules: Rule[] = [];
    for await (const page of paginateDescribeRules({ client: elb }, { ListenerArn: listenerArn }))
      rules.push(...(page.Rules ?? []));
    const arns = rules.map(({ RuleArn = '' }) => RuleArn);
    // Another deployment may remove its rule between the two calls: then both are read again.
    const tags = await unless('RuleNotFound', undefined, describeTags(elb, arns));
    if (tags) return rules.map((rule) => listenerRule(rule, tags.get(rule.RuleArn ?? '') ?? {}));
    if (reading === 5) throw ApplicationFailure.retryable(`The rules of ${listenerArn} keep changing.`, 'NotYet');
  }
}

/** The calls on tags, DescribeTags, AddTags and RemoveTags, take 20 ARNs each. */
export const inTagCalls = (arns: readonly string[]): string[][] =>
  Array.from({ length: Math.ceil(arns.length / 20) }, (_, call) => arns.slice(call * 20, (call + 1) * 20));

export async function describeTags(elb: Elb, arns: readonly string[]): Promise<Map<string, Tags>> {
  const tags = new Map<string, Tags>();
  for (const ResourceArns of inTagCalls(arns)) {
    const { TagDescriptions = [] } = await elb.send(new DescribeTagsCommand({ ResourceArns }));
    for (const { ResourceArn = '', Tags = [] } of TagDescriptions)
      tags.set(ResourceArn, Object.fromEntries(Tags.map(({ Key = '', Value = '' }) => [Key, Value])));
  }
  return tags;
}

function listenerRule(rule: Rule, tags: Tags): ListenerRule {
  const actions = rule.Actions ?? [];
  return {
    arn: rule.RuleArn ?? '',
    priority: rule.IsDefault ? 'default' : Number(rule.Priority),
    conditions: (rule.Conditions ?? []).map(ruleCondition),
    forward: actions.flatMap(forwardOf),
    otherActions: actions.filter(({ Type }) => Type !== 'forward').map(withoutSecret),
    transforms: rule.Transforms ?? [],
    ...stickinessOf(actions),
    tags,
  };
}

/** A login by OpenID Connect, as it can be compared: AWS tells its client secret to nobody. */
function withoutSecret({ AuthenticateOidcConfig: login, ...action }: Action): Action {
  if (!login) return action;
  const { ClientSecret: _secret, UseExistingClientSecret: _existing, ...told } = login;
  return { ...action, AuthenticateOidcConfig: told };
}

/** The same login, with the secret that the rule has. It takes no effect at a creation, which needs one of its own. */
const withExistingSecret = (action: Action): Action =>
  action.AuthenticateOidcConfig
    ? { ...action, AuthenticateOidcConfig: { ...action.AuthenticateOidcConfig, UseExistingClientSecret: true } }
    : action;

function stickinessOf(actions: readonly Action[]): { readonly stickySeconds?: number } {
  const found = actions.find(({ Type }) => Type === 'forward')?.ForwardConfig?.TargetGroupStickinessConfig;
  return found?.Enabled === true ? { stickySeconds: found.DurationSeconds ?? 1 } : {};
}

function forwardOf({ Type, TargetGroupArn, ForwardConfig }: Action): WeightedTargetGroup[] {
  if (Type !== 'forward') return [];
  const groups = ForwardConfig?.TargetGroups ?? (TargetGroupArn === undefined ? [] : [{ TargetGroupArn, Weight: 1 }]);
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
    values: config.Values ?? queries ?? condition.SourceIpConfig?.Values ?? Values ?? [],
    regularExpressions: config.RegexValues ?? [],
  };
}

/** @throws `PriorityInUse` (by `isAwsError`) when somebody took the priority meanwhile. */
export async function createRule(
  elb: Elb,
  listenerArn: string,
  priority: number,
  state: RuleState,
  sticky: boolean,
  tags: Tags,
): Promise<void> {
  await elb.send(
    new CreateRuleCommand({
      ListenerArn: listenerArn,
      Priority: priority,
      Conditions: state.conditions.map(awsCondition),
      Actions: awsActions(state, sticky),
      ...(state.transforms.length > 0 && { Transforms: [...state.transforms] }),
      Tags: elbTags(tags),
    }),
  );
}

/** Conditions and actions in one call: every module of the rule moves at the same instant. */
export async function modifyRule(elb: Elb, arn: string, state: RuleState, sticky: boolean): Promise<void> {
  await elb.send(
    new ModifyRuleCommand({
      RuleArn: arn,
      Conditions: state.conditions.map(awsCondition),
      Actions: awsActions(state, sticky),
      ...(state.transforms.length > 0 ? { Transforms: [...state.transforms] } : { ResetTransforms: true }),
    }),
  );
}

export async function deleteRule(elb: Elb, arn: string): Promise<void> {
  await elb.send(new DeleteRuleCommand({ RuleArn: arn }));
}

/** @param sticky a rule with several groups of which one is sticky must be sticky itself; for as short as AWS has it */
function awsActions({ otherActions: other, forward, stickySeconds }: RuleState, sticky: boolean): Action[] {
  const otherActions = other.map(withExistingSecret);
  if (forward.length === 0) return otherActions;
  const TargetGroups = forward.map(({ targetGroupArn, weight }) => ({
    TargetGroupArn: targetGroupArn,
    Weight: weight,
  }));
  const seconds = stickySeconds ?? (sticky && forward.length > 1 ? 1 : undefined);
  const ForwardConfig = {
    TargetGroups,
    ...(seconds !== undefined && { TargetGroupStickinessConfig: { Enabled: true, DurationSeconds: seconds } }),
  };
  return [...otherActions, { Type: 'forward', Order: otherActions.length + 1, ForwardConfig }];
}

function awsCondition({ field, header, values, regularExpressions }: RuleCondition): AwsRuleCondition {
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

const queryValue = (text: string) => {
  const at = text.indexOf('=');
  return at > 0 ? { Key: text.slice(0, at), Value: text.slice(at + 1) } : { Value: text.slice(at + 1) };
};
