/** A public load balancer beside the stack's own, and a zone that is reached through both. */
import {
  CreateListenerCommand,
  CreateLoadBalancerCommand,
  CreateTargetGroupCommand,
  DescribeTargetHealthCommand,
  RegisterTargetsCommand,
  type Action,
} from '@aws-sdk/client-elastic-load-balancing-v2';
import { describeRules } from '../../../activities/aws/elb/listener-rules';
import { platformServerPing } from '../../../local/platform-server/server';
import { localNetwork } from '../../../local/stack/zone';
import { startTraffic, type Traffic } from '../../../local/traffic/traffic';
import { freePort } from '../../../packages/local-aws/test/free-port';
import { defaultTargetGroups } from '../../../planning/observed/blue';
import { loadSettings } from '../../../settings/load';
import { addZone, currentReads, logIn, stack, stackAws } from './live-application';

const notFound: Action = { Type: 'fixed-response', FixedResponseConfig: { StatusCode: '404' } };
const own = () => loadSettings(stack().settings).zones['local'];

/** A public load balancer beside the stack's own, with the same Platform Server behind it. */
async function createPublic() {
  const { elb } = stackAws();
  const { subnets, vpc, securityGroups } = localNetwork;
  const { LoadBalancers: [made] = [] } = await elb.send(
    new CreateLoadBalancerCommand({ Name: 'cutover-local-public', Subnets: subnets, SecurityGroups: securityGroups }),
  );
  const [behind] = defaultTargetGroups({ rules: await describeRules(elb, own()?.listener ?? '') });
  const { TargetHealthDescriptions = [] } = await elb.send(
    new DescribeTargetHealthCommand({ TargetGroupArn: behind ?? '' }),
  );
  const { TargetGroups: [group] = [] } = await elb.send(
    new CreateTargetGroupCommand({
      Name: 'platform-server-public',
      HealthCheckPath: platformServerPing,
      HealthCheckIntervalSeconds: 5,
      HealthCheckTimeoutSeconds: 2,
      HealthyThresholdCount: 2,
      Protocol: 'HTTP',
      Port: 80,
      VpcId: vpc,
      TargetType: 'ip',
    }),
  );
  const TargetGroupArn = group?.TargetGroupArn ?? '';
  const Targets = TargetHealthDescriptions.flatMap(({ Target }) => Target ?? []);
  await elb.send(new RegisterTargetsCommand({ TargetGroupArn, Targets }));
  const isHealthy = async () => {
    const { TargetHealthDescriptions: now = [] } = await elb.send(new DescribeTargetHealthCommand({ TargetGroupArn }));
    return now.length > 0 && now.every(({ TargetHealth }) => TargetHealth?.State === 'healthy');
  };
  const listen = async (action: Action) => {
    const Port = await freePort();
    const { Listeners: [listener] = [] } = await elb.send(
      new CreateListenerCommand({
        LoadBalancerArn: made?.LoadBalancerArn,
        Protocol: 'HTTP',
        Port,
        DefaultActions: [action],
      }),
    );
    return { arn: listener?.ListenerArn ?? '', port: Port };
  };
  const live = await listen({ Type: 'forward', TargetGroupArn });
  while (!(await isHealthy())) await currentReads();
  return { name: made?.DNSName ?? '', live, test: await listen(notFound) };
}

export type Public = Awaited<ReturnType<typeof createPublic>>;

/** A zone that is reached through both: one replica an application. @param more of its settings */
export async function bothListeners(name: string, more: { readonly ownWorkers?: true } = {}) {
  const made = await createPublic();
  const address = `http://127.0.0.1:${made.live.port}`;
  const inner = own();
  const zone = await addZone(name, (local) => {
    const shared = Object.entries(local).filter(
      ([member]) => !['address', 'listener', 'testListener'].includes(member),
    );
    return {
      ...Object.fromEntries(shared),
      ...more,
      desiredCount: 1,
      listeners: [
        {
          address: `http://localhost:${new URL(stack().loadBalancer).port}`,
          listener: inner?.listener ?? '',
          testListener: inner?.testListener ?? '',
        },
        { address, listener: made.live.arn, testListener: made.test.arn },
      ],
    };
  });
  return { zone, address, made };
}

/** Users who come through the public one. */
export const startOutside = async (application: string, address: string, made: Public): Promise<Traffic> =>
  await startTraffic({
    loadBalancer: address,
    nodes: { ...stack().loadBalancerNodes, name: made.name },
    cookie: await logIn(),
    applications: [{ name: application, modules: [application] }],
    requestsPerSecond: 30,
    streamMs: 800,
  });
