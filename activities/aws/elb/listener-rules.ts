/** Listeners and their rules: read whole, and written one call at a time. */
import { together } from '../../concurrency';
import {
  CreateRuleCommand,
  DeleteRuleCommand,
  DescribeListenersCommand,
  DescribeLoadBalancersCommand,
  DescribeTagsCommand,
  ModifyRuleCommand,
  paginateDescribeRules,
  type Rule,
} from '@aws-sdk/client-elastic-load-balancing-v2';
import { ApplicationFailure } from '@temporalio/common';
import { elbTags } from '../../../planning/names';
import type { ListenerRule, ObservedListener, RuleState } from '../../../planning/routing/listener-rules';
import type { Tags } from '../../../planning/tags';
import type { AwsClients } from '../client/clients';
import { unless } from '../client/errors';
import { awsActions, awsCondition, listenerRule } from './rule-conversion';

type Elb = AwsClients['elb'];

/**
 * A listener with all of its rules.
 * @throws {ApplicationFailure} of type `NotFound` when there is no such listener
 */
export async function describeListener(elb: Elb, arn: string): Promise<ObservedListener> {
  // Where there is no such listener, its entrance says so in words for people.
  const [entrance, rules] = await together([describeEntrance(elb, arn), describeRules(elb, arn)]);
  return { ...entrance, rules };
}

/**
 * How a listener is reached.
 * @throws {ApplicationFailure} of type `NotFound` when there is no such listener
 */
export async function describeEntrance(elb: Elb, arn: string): Promise<Omit<ObservedListener, 'rules'>> {
  const { Listeners = [] } = await elb.send(new DescribeListenersCommand({ ListenerArns: [arn] }));
  const [listener] = Listeners;
  if (!listener?.LoadBalancerArn) throw ApplicationFailure.nonRetryable(`There is no listener ${arn}.`, 'NotFound');
  const { LoadBalancers = [] } = await elb.send(
    new DescribeLoadBalancersCommand({ LoadBalancerArns: [listener.LoadBalancerArn] }),
  );
  return {
    arn,
    protocol: protocolOf(listener.Protocol),
    port: listener.Port ?? 80,
    loadBalancerArn: listener.LoadBalancerArn,
    loadBalancerDnsName: LoadBalancers[0]?.DNSName ?? '',
    zonesOfSubnets: Object.fromEntries(
      (LoadBalancers[0]?.AvailabilityZones ?? []).map(({ SubnetId = '', ZoneName = '' }) => [SubnetId, ZoneName]),
    ),
  };
}

export const protocolOf = (protocol: string | undefined): ObservedListener['protocol'] =>
  protocol === 'HTTPS' ? 'HTTPS' : 'HTTP';

/**
 * Every rule of a listener, with its tags.
 * @throws {ApplicationFailure} of type `NotYet`, retryable, when the rules change at every reading
 */
export async function describeRules(elb: Elb, listenerArn: string): Promise<ListenerRule[]> {
  for (let reading = 1; ; reading++) {
    const rules: Rule[] = [];
    for await (const page of paginateDescribeRules({ client: elb }, { ListenerArn: listenerArn }))
      rules.push(...(page.Rules ?? []));
    const arns = rules.map(({ RuleArn = '' }) => RuleArn);
    // Another deployment may delete a rule between the two calls: then both are made again.
    const tags = await unless('RuleNotFound', undefined, describeTags(elb, arns));
    if (tags) return rules.map((rule) => listenerRule(rule, tags.get(rule.RuleArn ?? '') ?? {}));
    if (reading === 5) throw ApplicationFailure.retryable(`The rules of ${listenerArn} keep changing.`, 'NotYet');
  }
}

/** The ARNs in lists of at most 20, as DescribeTags, AddTags and RemoveTags take them. */
export const inTagCalls = (arns: readonly string[]): string[][] =>
  Array.from({ length: Math.ceil(arns.length / 20) }, (_, call) => arns.slice(call * 20, (call + 1) * 20));

/** The tags of resources, by ARN. */
export async function describeTags(elb: Elb, arns: readonly string[]): Promise<Map<string, Tags>> {
  const tags = new Map<string, Tags>();
  for (const ResourceArns of inTagCalls(arns)) {
    const { TagDescriptions = [] } = await elb.send(new DescribeTagsCommand({ ResourceArns }));
    for (const { ResourceArn = '', Tags = [] } of TagDescriptions)
      tags.set(ResourceArn, Object.fromEntries(Tags.map(({ Key = '', Value = '' }) => [Key, Value])));
  }
  return tags;
}

/** A rule to be created. */
export interface NewRule {
  readonly listenerArn: string;
  readonly priority: number;
  readonly state: RuleState;
  /** Whether a target group of the route has sticky sessions. */
  readonly sticky: boolean;
  readonly tags: Tags;
}

/**
 * Effect: one CreateRule. Not idempotent: the caller has looked for the rule before.
 * @throws {ApplicationFailure} that {@link isAwsError} finds to be `PriorityInUse`, when the priority is taken
 */
export async function createRule(elb: Elb, { listenerArn, priority, state, sticky, tags }: NewRule): Promise<void> {
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

/**
 * Gives a rule its conditions and actions together, so that every module of the rule moves at the same instant.
 * Effect: one ModifyRule. Idempotent: absolute.
 */
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

/** Effect: one DeleteRule. @throws {ApplicationFailure} that {@link isAwsError} finds to be `RuleNotFound`, when it is gone */
export async function deleteRule(elb: Elb, arn: string): Promise<void> {
  await elb.send(new DeleteRuleCommand({ RuleArn: arn }));
}
