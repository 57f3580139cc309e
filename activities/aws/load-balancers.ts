/** A listener's load balancer as its quotas see it: all listeners together. */
import {
  DescribeAccountLimitsCommand,
  DescribeListenersCommand,
  paginateDescribeListeners,
  paginateDescribeRules,
  type Rule,
} from '@aws-sdk/client-elastic-load-balancing-v2';
import type { LoadBalancerUse } from '../../planning/preview';
import type { AwsClients } from './clients';

type Elb = AwsClients['elb'];

/** What AWS gives when the account has no others, or they can't be read. */
const defaultLimits = {
  'rules-per-application-load-balancer': 100,
  'target-groups-per-application-load-balancer': 100,
} as const;

/** https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-limits.html */
export async function describeLoadBalancerUse(elb: Elb, listenerArn: string): Promise<LoadBalancerUse> {
  const { Listeners = [] } = await elb.send(new DescribeListenersCommand({ ListenerArns: [listenerArn] }));
  const LoadBalancerArn = Listeners[0]?.LoadBalancerArn;
  const rules: Rule[] = [];
  for await (const page of paginateDescribeListeners({ client: elb }, { LoadBalancerArn }))
    for (const { ListenerArn } of page.Listeners ?? [])
      for await (const { Rules = [] } of paginateDescribeRules({ client: elb }, { ListenerArn })) rules.push(...Rules);
  const limits = await describeLimits(elb);
  return {
    rules: rules.filter(({ IsDefault }) => !IsDefault).length,
    ruleLimit: limits('rules-per-application-load-balancer'),
    targetGroups: new Set(rules.flatMap(targetGroupsOf)).size,
    targetGroupLimit: limits('target-groups-per-application-load-balancer'),
  };
}

const targetGroupsOf = ({ Actions = [] }: Rule) =>
  Actions.flatMap(({ TargetGroupArn, ForwardConfig }) => [
    ...(TargetGroupArn === undefined ? [] : [TargetGroupArn]),
    ...(ForwardConfig?.TargetGroups ?? []).map((group) => group.TargetGroupArn ?? ''),
  ]);

async function describeLimits(elb: Elb): Promise<(name: keyof typeof defaultLimits) => number> {
  const answer = await elb.send(new DescribeAccountLimitsCommand({ PageSize: 100 })).catch(() => undefined);
  const limits = new Map((answer?.Limits ?? []).map(({ Name, Max }) => [Name, Number(Max)]));
  return (name) => limits.get(name) ?? defaultLimits[name];
}
