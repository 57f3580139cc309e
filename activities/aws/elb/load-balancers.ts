/** A listener's load balancer: all of its listeners together, as its quotas count them, and a target group that several share. */
import {
  DescribeAccountLimitsCommand,
  DescribeListenersCommand,
  paginateDescribeListeners,
} from '@aws-sdk/client-elastic-load-balancing-v2';
import type { ObservedListener, RuleElsewhere } from '../../../planning/routing/listener-rules';
import type { Observed } from '../../../planning/observed/observed';
import { hasNoneHealthy, type GroupHealth } from '../../../planning/findings/dns-health';
import { targetGroupName } from '../../../planning/names';
import { planFailover } from '../../../planning/plans/target-group';
import type { LoadBalancerUse } from '../../../planning/preview/budgets';
import type { AwsClients } from '../client/clients';
import { describeRules, protocolOf } from './listener-rules';
import { describeAttributes, describeTargets } from './target-groups';

type Elb = AwsClients['elb'];

/** AWS's defaults, for an account whose quotas can't be read. */
const defaultLimits = {
  'rules-per-application-load-balancer': 100,
  'target-groups-per-application-load-balancer': 100,
} as const;

/**
 * The rules of a load balancer's other listeners, with their tags.
 * @param read listeners whose rules have been read already
 */
export async function describeRulesElsewhere(
  elb: Elb,
  { arn, loadBalancerArn }: Pick<ObservedListener, 'arn' | 'loadBalancerArn'>,
  read: readonly Pick<ObservedListener, 'arn' | 'rules'>[] = [],
): Promise<RuleElsewhere[]> {
  const rules: RuleElsewhere[] = [];
  for await (const page of paginateDescribeListeners({ client: elb }, { LoadBalancerArn: loadBalancerArn }))
    for (const { ListenerArn = '', Protocol, Port = 80 } of page.Listeners ?? []) {
      if (ListenerArn === arn) continue;
      const known = read.find((one) => one.arn === ListenerArn);
      const listener = { arn: ListenerArn, protocol: protocolOf(Protocol), port: Port };
      const found = known?.rules ?? (await describeRules(elb, ListenerArn));
      rules.push(...found.map((rule) => ({ ...rule, listener })));
    }
  return rules;
}

/** The ARN of a listener's load balancer. */
export async function describeLoadBalancerOf(elb: Elb, listenerArn: string): Promise<string> {
  const { Listeners = [] } = await elb.send(new DescribeListenersCommand({ ListenerArns: [listenerArn] }));
  return Listeners[0]?.LoadBalancerArn ?? '';
}

/**
 * How much of the load balancer's quotas is used. One call, for the quotas.
 * https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-limits.html
 */
export async function describeLoadBalancerUse(
  elb: Elb,
  { liveListener, elsewhere }: Pick<Observed, 'liveListener' | 'elsewhere'>,
): Promise<LoadBalancerUse> {
  const rules = [...liveListener.rules, ...elsewhere];
  const limits = await describeLimits(elb);
  const targetGroups = rules.flatMap(({ forward }) => forward.map(({ targetGroupArn }) => targetGroupArn));
  return {
    rules: rules.filter(({ priority }) => priority !== 'default').length,
    ruleLimit: limits('rules-per-application-load-balancer'),
    targetGroups: new Set(targetGroups).size,
    targetGroupLimit: limits('target-groups-per-application-load-balancer'),
  };
}

/**
 * The health of every target group that the rules lead to, in which Route 53 sees the load balancer's.
 * One DescribeTargetHealth for each, and one DescribeTargetGroupAttributes for each without a healthy target.
 */
export async function describeGroupHealth(
  elb: Elb,
  { liveListener, elsewhere }: Pick<Observed, 'liveListener' | 'elsewhere'>,
): Promise<GroupHealth[]> {
  const rules = [...liveListener.rules, ...elsewhere];
  const arns = new Set(rules.flatMap(({ forward }) => forward.map(({ targetGroupArn }) => targetGroupArn)));
  const groups: GroupHealth[] = [];
  for (const arn of arns) {
    const states = (await describeTargets(elb, arn)).map(({ TargetHealth }) => TargetHealth?.State ?? 'unknown');
    const attributes = hasNoneHealthy(states) ? await describeAttributes(elb, arn) : {};
    const isUncounted = hasNoneHealthy(states) && planFailover(attributes).failover === undefined;
    groups.push({ name: targetGroupName(arn), states, isUncounted });
  }
  return groups;
}

async function describeLimits(elb: Elb): Promise<(name: keyof typeof defaultLimits) => number> {
  const answer = await elb.send(new DescribeAccountLimitsCommand({ PageSize: 100 })).catch(() => undefined);
  const limits = new Map((answer?.Limits ?? []).map(({ Name, Max }) => [Name, Number(Max)]));
  return (name) => limits.get(name) ?? defaultLimits[name];
}
