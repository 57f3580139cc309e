/** A public load balancer beside the stack's own, and a zone that is reached through both. */
import { CreateRuleCommand } from '@aws-sdk/client-elastic-load-balancing-v2';
import {
  answering,
  createLoadBalancer,
  untilHealthy,
  type FurtherLoadBalancer,
} from '../../../bench/many/load-balancer';
import { startTraffic, type Traffic } from '../../../local/traffic/traffic';
import { freePort } from '../../../packages/local-aws/test/free-port';
import { loadSettings } from '../../../settings/load';
import { addZone, currentReads, logIn, stack, stackAws } from './live-application';

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
async function createPublic(guards: Guards | undefined): Promise<FurtherLoadBalancer> {
  const { elb } = stackAws();
  const made = await createLoadBalancer({
    elb,
    name: 'cutover-local-public',
    like: own()?.listener ?? '',
    ports: [await freePort(), await freePort()],
    ...(guards && { otherwise: answering('403') }),
  });
  const { live, platformServer } = made;
  if (guards)
    await elb.send(
      new CreateRuleCommand({
        ListenerArn: live.arn,
        Priority: 40_000,
        Conditions: [
          { Field: 'http-header', HttpHeaderConfig: { HttpHeaderName: guards.header, Values: [guards.value] } },
        ],
        Actions: [{ Type: 'forward', TargetGroupArn: platformServer }],
      }),
    );
  await untilHealthy(elb, platformServer);
  if (guards) await letIn(live.port, guards);
  return made;
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
  made: FurtherLoadBalancer,
  headers: Readonly<Record<string, string>> = {},
): Promise<Traffic> =>
  await startTraffic({
    loadBalancer: address,
    headers,
    nodes: { ...stack().loadBalancerNodes, name: made.name },
    cookie: await logIn(),
    applications: [{ name: application, modules: [application] }],
    requestsPerSecond: 20,
    streamMs: 800,
  });
