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
import { startTraffic, type Allowed, type Traffic } from '../../../local/traffic/traffic';
import { freePort } from '../../../packages/local-aws/test/free-port';
import { defaultTargetGroups } from '../../../planning/observed/blue';
import { tagKeys } from '../../../planning/names';
import { loadSettings } from '../../../settings/load';
import {
  addZone,
  closeAll,
  currentReads,
  expectWhole,
  liveApplication,
  logIn,
  stack,
  stackAws,
} from './live-application';

/** Who comes through the public load balancer. */
let users: Traffic | undefined;

afterAll(async () => {
  await users?.stop().catch(() => undefined);
  await closeAll();
});

const container = (version: string) => ({ servedBy: 'container', version });
const platformServer = { servedBy: 'platform-server', version: '1.0' } as const;
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

/** A zone that is reached through both. */
async function bothListeners(name: string) {
  const made = await createPublic();
  const address = `http://127.0.0.1:${made.live.port}`;
  const inner = own();
  const zone = await addZone(name, (local) => {
    const shared = Object.entries(local).filter(
      ([member]) => !['address', 'listener', 'testListener'].includes(member),
    );
    return {
      ...Object.fromEntries(shared),
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

test('an application behind an internal and a public load balancer moves, comes back and goes on both without a lost request', async () => {
  const { zone, address, made } = await bothListeners('twofold');
  const application = await liveApplication('Twofold', ['Twofold'], zone);
  const { deployments, target } = application;
  const outside = await startTraffic({
    loadBalancer: address,
    nodes: { ...stack().loadBalancerNodes, name: made.name },
    cookie: await logIn(),
    applications: [{ name: 'Twofold', modules: ['Twofold'] }],
    requestsPerSecond: 30,
    streamMs: 800,
  });
  users = outside;
  const expectBoth = async (...allowed: Allowed[]) => {
    await Promise.all([application.traffic, outside].map((one) => one.expect('Twofold', allowed)));
  };
  await expectBoth(platformServer, container('2.0'));
  const moved = await application.deploy({ version: '2.0' });
  expect(await application.ended(moved)).toMatchObject({ result: { outcome: 'completed', live: { slot: 'a' } } });
  await expectBoth(container('2.0'), container('3.0'));
  const taken = await application.deploy({ version: '3.0' }, { bake: '1h' });
  await application.until(({ phase }) => phase === 'bake');
  await deployments.command(target, 'rollback', { by: 'Ana' });
  expect(await deployments.ended(taken)).toMatchObject({ result: { outcome: 'rolledBack' } });
  await expectBoth(container('2.0'));
  await currentReads();
  const rules = await describeRules(stackAws().elb, made.live.arn);
  expect(await deployments.ask({ kind: 'topology', ...target })).toMatchObject({
    rules: [{ route: 'live' }, { route: 'live', through: 'cutover-local-public' }],
  });
  expect(rules.filter(({ tags }) => tags[tagKeys.application] === 'Twofold')).toHaveLength(1);
  await expectBoth(container('2.0'), platformServer);
  const removed = await deployments.start(target, 'removeApplication', { approval: 'none' });
  expect(await application.ended(removed)).toMatchObject({ result: { outcome: 'completed' } });
  await expectWhole(application, [], 0);
  const { failures, sent } = await outside.stop();
  expect(failures).toEqual([]);
  expect(sent).toBeGreaterThan(0);
});
