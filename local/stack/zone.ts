/**
 * What a zone needs on AWS before the first deployment, and what an administrator would set up by hand: a cluster, a load
 * balancer with a listener whose default rule forwards to the Platform Server, and a test listener that answers 404. What is
 * missing is created, through the AWS SDK like everything else.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { CreateClusterCommand, ECSClient } from '@aws-sdk/client-ecs';
import {
  CreateListenerCommand,
  CreateLoadBalancerCommand,
  CreateTargetGroupCommand,
  DescribeListenersCommand,
  DescribeLoadBalancersCommand,
  DescribeTargetHealthCommand,
  ElasticLoadBalancingV2Client,
  RegisterTargetsCommand,
  SetIpAddressTypeCommand,
  type Action,
  type LoadBalancer,
} from '@aws-sdk/client-elastic-load-balancing-v2';
import { platformServerPing } from '../platform-server/server';
import type { Ports } from './ports';

/** How to reach the local AWS, which verifies signatures. */
export interface AwsAccess {
  readonly endpoint: string;
  readonly region: string;
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
}

/** The resources of the zone; listeners and target groups by ARN. */
export interface Zone {
  readonly cluster: string;
  readonly listenerArn: string;
  readonly testListenerArn: string;
  /** The load balancer's name in DNS. */
  readonly dnsName: string;
}

/** IDs of a network, which doesn't exist on one machine. */
export const localNetwork = {
  vpc: 'vpc-0a0a0a0a0a0a0a0a0',
  subnets: ['subnet-0a0a0a0a0a0a0a0a0', 'subnet-0b0b0b0b0b0b0b0b0'],
  securityGroups: ['sg-0a0a0a0a0a0a0a0a0'],
};

/** What its cluster and its load balancer are called. */
export const zoneName = 'cutover-local';

/** Returns when the Platform Server is healthy in its target group. */
export async function createZone(access: AwsAccess, ports: Ports, signal: AbortSignal): Promise<Zone> {
  const { endpoint, region, accessKeyId, secretAccessKey } = access;
  // The SDK's warning about Node 20 at every start is nothing that the user of a local stack can act on.
  process.env['AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED'] ??= 'true';
  const configuration = { endpoint, region, credentials: { accessKeyId, secretAccessKey } };
  const [ecs, elb] = [new ECSClient(configuration), new ElasticLoadBalancingV2Client(configuration)];
  try {
    await ecs.send(new CreateClusterCommand({ clusterName: zoneName }));
    const { loadBalancerArn, dnsName } = await createLoadBalancer(elb);
    const targetGroupArn = await createTargetGroup(elb, ports);
    const forward: Action = { Type: 'forward', TargetGroupArn: targetGroupArn };
    const notFound: Action = {
      Type: 'fixed-response',
      FixedResponseConfig: { StatusCode: '404', ContentType: 'text/plain', MessageBody: 'No test route leads here.' },
    };
    const listenerArn = await createListener(elb, loadBalancerArn, ports.loadBalancer, forward);
    const testListenerArn = await createListener(elb, loadBalancerArn, ports.testListener, notFound);
    await waitForHealthy(elb, targetGroupArn, signal);
    return { cluster: zoneName, listenerArn, testListenerArn, dnsName };
  } finally {
    ecs.destroy();
    elb.destroy();
  }
}

/** It has a node with IPv6 where the machine has that, one of an earlier version too. */
async function createLoadBalancer(
  elb: ElasticLoadBalancingV2Client,
): Promise<{ readonly loadBalancerArn: string; readonly dnsName: string }> {
  const known = await findLoadBalancer(elb);
  const { subnets, securityGroups } = localNetwork;
  const request = new CreateLoadBalancerCommand({ Name: zoneName, Subnets: subnets, SecurityGroups: securityGroups });
  const made = known ?? (await elb.send(request)).LoadBalancers?.[0];
  const loadBalancerArn = given(made?.LoadBalancerArn, 'a load balancer');
  await elb.send(new SetIpAddressTypeCommand({ LoadBalancerArn: loadBalancerArn, IpAddressType: 'dualstack' }));
  return { loadBalancerArn, dnsName: given(made?.DNSName, "the load balancer's name") };
}

async function findLoadBalancer(elb: ElasticLoadBalancingV2Client): Promise<LoadBalancer | undefined> {
  const { LoadBalancers: all = [] } = await elb.send(new DescribeLoadBalancersCommand({}));
  return all.find(({ LoadBalancerName }) => LoadBalancerName === zoneName);
}

async function createTargetGroup(elb: ElasticLoadBalancingV2Client, ports: Ports): Promise<string> {
  const { TargetGroups } = await elb.send(
    new CreateTargetGroupCommand({
      Name: 'platform-server',
      Protocol: 'HTTP',
      Port: ports.platformServer,
      VpcId: localNetwork.vpc,
      TargetType: 'ip',
      HealthCheckPath: platformServerPing,
      HealthCheckIntervalSeconds: 5,
      HealthCheckTimeoutSeconds: 2,
      HealthyThresholdCount: 2,
      UnhealthyThresholdCount: 2,
    }),
  );
  const arn = given(TargetGroups?.[0]?.TargetGroupArn, 'a target group');
  const target = { Id: '127.0.0.1', Port: ports.platformServer };
  await elb.send(new RegisterTargetsCommand({ TargetGroupArn: arn, Targets: [target] }));
  return arn;
}

/** A listener that is there already keeps its rules, the default rule included. */
async function createListener(
  elb: ElasticLoadBalancingV2Client,
  loadBalancerArn: string,
  port: number,
  action: Action,
): Promise<string> {
  const { Listeners } = await elb.send(new DescribeListenersCommand({ LoadBalancerArn: loadBalancerArn }));
  const there = Listeners?.find((listener) => listener.Port === port);
  if (there?.ListenerArn !== undefined) return there.ListenerArn;
  const created = await elb.send(
    new CreateListenerCommand({
      LoadBalancerArn: loadBalancerArn,
      Protocol: 'HTTP',
      Port: port,
      DefaultActions: [action],
    }),
  );
  return given(created.Listeners?.[0]?.ListenerArn, 'a listener');
}

async function waitForHealthy(
  elb: ElasticLoadBalancingV2Client,
  targetGroupArn: string,
  signal: AbortSignal,
): Promise<void> {
  for (;;) {
    const { TargetHealthDescriptions } = await elb.send(
      new DescribeTargetHealthCommand({ TargetGroupArn: targetGroupArn }),
    );
    if (TargetHealthDescriptions?.some(({ TargetHealth }) => TargetHealth?.State === 'healthy')) return;
    await sleep(100, undefined, { signal });
  }
}

function given<T>(value: T | undefined, what: string): T {
  if (value === undefined) throw new Error(`The local AWS answered without ${what}.`);
  return value;
}
