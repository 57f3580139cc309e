/** A load balancer with listeners, rules and groups, each changed and described once. */
import type { Action } from '@aws-sdk/client-elastic-load-balancing-v2';
import type { LocalAws } from '../local-aws';

/** @returns the ARN of the target group that its rules forward to */
export async function fillLoadBalancer({ elbv2, aws }: LocalAws): Promise<string> {
  const SecurityGroups = ['sg-1'];
  const Tags = [{ Key: 'team', Value: 'sales' }];
  const made = await elbv2.createLoadBalancer({
    Name: 'zone',
    Subnets: ['subnet-a', 'subnet-b'],
    SecurityGroups,
    Tags,
  });
  const LoadBalancerArn = made.LoadBalancers?.[0]?.LoadBalancerArn ?? '';
  const group = { Protocol: 'HTTP', Port: 80, VpcId: 'vpc-local', TargetType: 'ip' } as const;
  const { TargetGroups } = await elbv2.createTargetGroup({ Name: 'orders', ...group });
  const TargetGroupArn = TargetGroups?.[0]?.TargetGroupArn ?? '';
  const forward = actionsTo(TargetGroupArn);
  const Certificates = [{ CertificateArn: await certificate(aws.controlUrl) }];
  const listen = async (Port: number, DefaultActions: Action[]) => {
    const secure = Port === 8443 ? ({ Protocol: 'HTTPS', Certificates } as const) : ({ Protocol: 'HTTP' } as const);
    const { Listeners = [] } = await elbv2.createListener({ LoadBalancerArn, Port, DefaultActions, ...secure });
    return Listeners[0]?.ListenerArn ?? '';
  };
  const ListenerArn = await listen(8080, forward);
  await listen(8081, redirect);
  const secure = await listen(8443, forward);
  await elbv2.addListenerCertificates({ ListenerArn: secure, Certificates });
  await elbv2.describeListenerCertificates({ ListenerArn: secure });
  await elbv2.modifyListener({ ListenerArn: secure, DefaultActions: forward });
  await fillRules(elbv2, ListenerArn, forward);
  await elbv2.registerTargets({ TargetGroupArn, Targets: [{ Id: '127.0.0.1', Port: 9 }] });
  await changeAndDescribe(elbv2, LoadBalancerArn, TargetGroupArn);
  return TargetGroupArn;
}

const redirect: Action[] = [
  { Type: 'redirect', Order: 1, RedirectConfig: { Protocol: 'HTTPS', Port: '443', StatusCode: 'HTTP_301' } },
];

function actionsTo(TargetGroupArn: string): Action[] {
  const TargetGroupStickinessConfig = { Enabled: false, DurationSeconds: 3600 };
  const ForwardConfig = { TargetGroups: [{ TargetGroupArn, Weight: 1 }], TargetGroupStickinessConfig };
  return [{ Type: 'forward', Order: 1, TargetGroupArn, ForwardConfig }];
}

async function certificate(controlUrl: string): Promise<string> {
  const body = JSON.stringify({ names: ['apps.example.com'] });
  const answer = await fetch(`${controlUrl}/certificates`, { method: 'POST', body });
  return ((await answer.json()) as { readonly arn: string }).arn;
}

async function fillRules(elbv2: LocalAws['elbv2'], ListenerArn: string, forward: Action[]): Promise<void> {
  for (const [Priority, Actions] of [
    [1, forward],
    [2, redirect],
  ] as const)
    await elbv2.createRule({
      ListenerArn,
      Priority,
      Conditions: [{ Field: 'path-pattern', Values: [`/${Priority}/*`] }],
      Actions: [...Actions],
    });
  const { Rules = [] } = await elbv2.describeRules({ ListenerArn });
  const { RuleArn = '' } = Rules[0] ?? {};
  await elbv2.modifyRule({ RuleArn, Conditions: [{ Field: 'path-pattern', Values: ['/images/*'] }] });
  await elbv2.setRulePriorities({ RulePriorities: [{ RuleArn, Priority: 5 }] });
}

async function changeAndDescribe(elbv2: LocalAws['elbv2'], LoadBalancerArn: string, TargetGroupArn: string) {
  const Attributes = [{ Key: 'deregistration_delay.timeout_seconds', Value: '600' }];
  await elbv2.modifyTargetGroup({ TargetGroupArn, HealthCheckPath: '/ready' });
  await elbv2.modifyTargetGroupAttributes({ TargetGroupArn, Attributes });
  await elbv2.modifyLoadBalancerAttributes({
    LoadBalancerArn,
    Attributes: [{ Key: 'idle_timeout.timeout_seconds', Value: '30' }],
  });
  await elbv2.setIpAddressType({ LoadBalancerArn, IpAddressType: 'dualstack' });
  await elbv2.setSecurityGroups({ LoadBalancerArn, SecurityGroups: ['sg-2'] });
  await elbv2.setSubnets({ LoadBalancerArn, Subnets: ['subnet-a', 'subnet-b'] });
  await elbv2.describeLoadBalancers({});
  await elbv2.describeLoadBalancerAttributes({ LoadBalancerArn });
  await elbv2.describeListeners({ LoadBalancerArn });
  await elbv2.describeTargetGroups({});
  await elbv2.describeTargetGroupAttributes({ TargetGroupArn });
  await elbv2.describeTargetHealth({ TargetGroupArn });
  await elbv2.describeTags({ ResourceArns: [LoadBalancerArn] });
  await elbv2.describeAccountLimits({});
  await elbv2.describeSSLPolicies({});
}
