/** A load balancer beside a stack's own, with the same Platform Server behind it. */
import {
  CreateListenerCommand,
  CreateLoadBalancerCommand,
  CreateTargetGroupCommand,
  DescribeTargetHealthCommand,
  RegisterTargetsCommand,
  type Action,
  type ElasticLoadBalancingV2Client,
} from '@aws-sdk/client-elastic-load-balancing-v2';
import { setTimeout as sleep } from 'node:timers/promises';
import { describeRules } from '../../activities/aws/elb/listener-rules';
import { platformServerPing } from '../../local/platform-server/server';
import { localNetwork } from '../../local/stack/zone';
import { defaultTargetGroups } from '../../planning/observed/blue';

export interface FurtherLoadBalancer {
  /** In DNS. */
  readonly name: string;
  /** Leads to the Platform Server, unless told otherwise. */
  readonly live: Listener;
  /** Answers 404. */
  readonly test: Listener;
  /** The ARN of the Platform Server's target group. */
  readonly platformServer: string;
}

interface Listener {
  readonly arn: string;
  readonly port: number;
}

interface Wanted {
  readonly elb: ElasticLoadBalancingV2Client;
  readonly name: string;
  /** The ARN of a listener that leads to the Platform Server. */
  readonly like: string;
  /** Free ones, of the live and the test listener. */
  readonly ports: readonly [number, number];
  /** What the live listener does where no rule says otherwise. Default: forwards to the Platform Server. */
  readonly otherwise?: Action;
}

export const answering = (StatusCode: string): Action => ({
  Type: 'fixed-response',
  FixedResponseConfig: { StatusCode },
});

/** Resolves when its Platform Server is registered; healthy it is only once a listener leads to it. */
export async function createLoadBalancer(wanted: Wanted): Promise<FurtherLoadBalancer> {
  const { elb, name, ports, otherwise } = wanted;
  const { subnets: Subnets, securityGroups: SecurityGroups } = localNetwork;
  const { LoadBalancers: [made] = [] } = await elb.send(
    new CreateLoadBalancerCommand({ Name: name, Subnets, SecurityGroups }),
  );
  const platformServer = await groupOfPlatformServer(wanted);
  const listen = async (Port: number, action: Action): Promise<Listener> => {
    const DefaultActions = [action];
    const { Listeners: [listener] = [] } = await elb.send(
      new CreateListenerCommand({ LoadBalancerArn: made?.LoadBalancerArn, Protocol: 'HTTP', Port, DefaultActions }),
    );
    return { arn: listener?.ListenerArn ?? '', port: Port };
  };
  const [live, test] = ports;
  return {
    name: made?.DNSName ?? '',
    live: await listen(live, otherwise ?? { Type: 'forward', TargetGroupArn: platformServer }),
    test: await listen(test, answering('404')),
    platformServer,
  };
}

async function groupOfPlatformServer({ elb, name, like }: Wanted): Promise<string> {
  const [behind = ''] = defaultTargetGroups({ rules: await describeRules(elb, like) });
  const { TargetHealthDescriptions = [] } = await elb.send(new DescribeTargetHealthCommand({ TargetGroupArn: behind }));
  const { TargetGroups: [group] = [] } = await elb.send(
    new CreateTargetGroupCommand({
      Name: `${name}-server`,
      HealthCheckPath: platformServerPing,
      HealthCheckIntervalSeconds: 5,
      HealthCheckTimeoutSeconds: 2,
      HealthyThresholdCount: 2,
      Protocol: 'HTTP',
      Port: 80,
      VpcId: localNetwork.vpc,
      TargetType: 'ip',
    }),
  );
  const TargetGroupArn = group?.TargetGroupArn ?? '';
  const Targets = TargetHealthDescriptions.flatMap(({ Target }) => Target ?? []);
  await elb.send(new RegisterTargetsCommand({ TargetGroupArn, Targets }));
  return TargetGroupArn;
}

/** Resolves when all of its targets are healthy. */
export async function untilHealthy(elb: ElasticLoadBalancingV2Client, TargetGroupArn: string): Promise<void> {
  for (;;) {
    const { TargetHealthDescriptions: now = [] } = await elb.send(new DescribeTargetHealthCommand({ TargetGroupArn }));
    if (now.length > 0 && now.every(({ TargetHealth }) => TargetHealth?.State === 'healthy')) return;
    await sleep(100);
  }
}
