/** A public load balancer beside the stack's own, and a zone that is reached through both. */
import {
  CreateListenerCommand,
  CreateLoadBalancerCommand,
  CreateRuleCommand,
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

const answering = (StatusCode: string): Action => ({ Type: 'fixed-response', FixedResponseConfig: { StatusCode } });

/** Whom the load balancers let in: the public one behind a CDN whoever has its header, the internal one only some addresses. */
export interface Guards {
  readonly sourceIp: readonly string[];
  readonly header: string;
  /** The header's secret, and the file that it is in. */
  readonly value: string;
  readonly file: string;
  /** The variable of the worker with the secret of the public one's test route, which has no listener. */
  readonly testVariable: string;
}
const own = () => loadSettings(stack().settings).zones['local'];

/** A public load balancer beside the stack's own, with the same Platform Server behind it. */
async function createPublic(guards: Guards | undefined) {
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
  const forward: Action = { Type: 'forward', TargetGroupArn };
  const live = await listen(guards ? answering('403') : forward);
  if (guards)
    await elb.send(
      new CreateRuleCommand({
        ListenerArn: live.arn,
        Priority: 40_000,
        Conditions: [
          { Field: 'http-header', HttpHeaderConfig: { HttpHeaderName: guards.header, Values: [guards.value] } },
        ],
        Actions: [forward],
      }),
    );
  while (!(await isHealthy())) await currentReads();
  if (guards) await letIn(live.port, guards);
  return { name: made?.DNSName ?? '', live, test: await listen(answering('404')), platformServer: TargetGroupArn };
}

/** Resolves when every node of the load balancer lets in who bears the header. */
async function letIn(port: number, { header, value }: Guards): Promise<void> {
  const isOut = async (node: string) => {
    const answer = await fetch(`http://${node}:${port}/`, { headers: { [header]: value, connection: 'close' } });
    return answer.status === 403;
  };
  for (const node of ['127.0.0.1', '127.0.0.2', '127.0.0.3'])
    while (await isOut(node).catch(() => false)) await currentReads();
}

export type Public = Awaited<ReturnType<typeof createPublic>>;

/**
 * A zone that is reached through both: one replica an application.
 * @param more of its settings
 * @param lacking what it has not of the stack's own zone
 */
export async function bothListeners(
  name: string,
  more: { readonly ownWorkers?: true } = {},
  guards?: Guards,
  lacking: readonly string[] = [],
) {
  const made = await createPublic(guards);
  const address = `http://127.0.0.1:${made.live.port}`;
  const inner = own();
  const zone = await addZone(name, (local) => {
    const shared = Object.entries(local).filter(
      ([member]) => !['address', 'listener', 'testListener', ...lacking].includes(member),
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
          ...(guards && { conditions: [{ sourceIp: guards.sourceIp }] }),
        },
        {
          address,
          listener: made.live.arn,
          ...(guards ? guarded(made.platformServer, guards) : { testListener: made.test.arn }),
        },
      ],
    };
  });
  return { zone, address, made };
}

/** Nothing gets through without the header: the default rule doesn't forward, and a test route has no listener of its own. */
const guarded = (targetGroup: string, { header, file, testVariable }: Guards) => ({
  platformServer: { targetGroup },
  testRoute: { value: { env: testVariable } },
  conditions: [{ header, values: [{ file }] }],
});

/** Users who come through the public one. */
export const startOutside = async (
  application: string,
  address: string,
  made: Public,
  headers: Readonly<Record<string, string>> = {},
): Promise<Traffic> =>
  await startTraffic({
    loadBalancer: address,
    headers,
    nodes: { ...stack().loadBalancerNodes, name: made.name },
    cookie: await logIn(),
    applications: [{ name: application, modules: [application] }],
    requestsPerSecond: 30,
    streamMs: 800,
  });
