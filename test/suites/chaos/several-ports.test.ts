/**
 * A service in three target groups of one load balancer: its modules, a page of the back office by a rule on the same listener, and
 * operations behind a listener of their own, whose default rule leads there. Each is another container. Through everything that a
 * deployment can do, and at each of them somebody asks all the time.
 */
import { CreateServiceCommand, DescribeServicesCommand, RegisterTaskDefinitionCommand } from '@aws-sdk/client-ecs';
import {
  CreateListenerCommand,
  CreateRuleCommand,
  CreateTargetGroupCommand,
  DeleteRuleCommand,
  DescribeTargetGroupsCommand,
  DescribeTargetHealthCommand,
} from '@aws-sdk/client-elastic-load-balancing-v2';
import { startTraffic, type Traffic } from '../../../local/traffic/traffic';
import { freePort } from '../../../packages/local-aws/test/free-port';
import { targetGroupName } from '../../../planning/names';
import { targetGroupsOf, type ListenerRule } from '../../../planning/routing/listener-rules';
import { loadSettings } from '../../../settings/load';
import { described, rulesOf } from './another-tool';
import { startOwnStack, type OwnStack } from './own-stack';

const name = 'Ported';
const legacy = 'ported-legacy';
const container = (version: string) => ({ servedBy: 'container', version });
const platformServer = { servedBy: 'platform-server', version: '1.0' } as const;
/** Another tool's containers beside the modules': no deployment changes their images. */
const beside = [
  { name: 'admin', port: 9090, module: 'Backoffice', version: '9.0' },
  { name: 'ops', port: 9191, module: 'Operations', version: '9.1' },
];

let own: OwnStack;
const others: Traffic[] = [];

beforeAll(async () => {
  own = await startOwnStack({ timeScale: 10 });
}, 300_000);
afterAll(async () => {
  await Promise.all(others.map((traffic) => traffic.stop().catch(() => undefined)));
  await own.close();
});

test('every target group of a service moves with its modules: adopted, given back, deployed, rolled, undone and removed', async () => {
  const { currentReads, liveApplication, logIn, stack, stackAws } = own.living;
  const application = await liveApplication(name, [name]);
  const { deployments, target, traffic } = application;
  const zone = loadSettings(stack().settings).zones['local']!;
  const { cluster, container: place, network, registry, taskDefinition, targetGroup } = zone;
  const aws = stackAws();
  const { ecs, elb } = aws;

  const group = async (Name: string, module: string) => {
    const { TargetGroups: [made] = [] } = await elb.send(
      new CreateTargetGroupCommand({
        Name,
        Protocol: 'HTTP',
        Port: 80,
        TargetType: 'ip',
        VpcId: targetGroup.vpc,
        HealthCheckPath: `/${module}/_ping.aspx`,
        HealthCheckIntervalSeconds: 5,
        HealthCheckTimeoutSeconds: 2,
        HealthyThresholdCount: 2,
      }),
    );
    return made?.TargetGroupArn ?? '';
  };
  const forward = (TargetGroupArn: string) => [{ Type: 'forward' as const, TargetGroupArn }];
  const lead = async (TargetGroupArn: string, Priority: number, path: string) => {
    const Conditions = [{ Field: 'path-pattern', Values: [path] }];
    await elb.send(
      new CreateRuleCommand({ ListenerArn: zone.listener, Priority, Conditions, Actions: forward(TargetGroupArn) }),
    );
  };
  const [web, admin, ops] = [
    await group(legacy, name),
    await group('ported-admin', 'Backoffice'),
    await group('ported-ops', 'Operations'),
  ];
  const Port = await freePort();
  const LoadBalancerArn = zone.listener.replace(':listener/', ':loadbalancer/').replace(/\/[^/]*$/, '');
  const { Listeners: [opsListener] = [] } = await elb.send(
    new CreateListenerCommand({ LoadBalancerArn, Protocol: 'HTTP', Port, DefaultActions: forward(ops) }),
  );
  await lead(web, 10, '/nobody-asks-for-this');
  await lead(admin, 12, '/Backoffice*');
  const { taskDefinition: registered } = await ecs.send(
    new RegisterTaskDefinitionCommand({
      family: legacy,
      ...(taskDefinition as object),
      networkMode: 'awsvpc',
      containerDefinitions: [
        ...(await Promise.all(
          beside.map(async ({ name: one, port, module, version }) => ({
            name: one,
            image: `${registry}/${await application.image({ version, modules: [module] })}`,
            portMappings: [{ containerPort: port }],
          })),
        )),
        {
          name: 'web',
          image: `${registry}/${await application.image({ version: '1.5' })}`,
          portMappings: [{ containerPort: place.port }],
        },
      ],
    }),
  );
  await traffic.expect(name, [platformServer, container('1.5')]);
  await ecs.send(
    new CreateServiceCommand({
      cluster,
      serviceName: legacy,
      taskDefinition: registered?.taskDefinitionArn,
      desiredCount: 2,
      launchType: 'EC2',
      // AWS promises no order: that of the modules isn't the first.
      loadBalancers: [
        { targetGroupArn: admin, containerName: 'admin', containerPort: 9090 },
        { targetGroupArn: web, containerName: 'web', containerPort: place.port },
        { targetGroupArn: ops, containerName: 'ops', containerPort: 9191 },
      ],
      networkConfiguration: { awsvpcConfiguration: { subnets: network?.subnets } },
    }),
  );
  const healthy = async (TargetGroupArn: string) => {
    const { TargetHealthDescriptions = [] } = await elb.send(new DescribeTargetHealthCommand({ TargetGroupArn }));
    return TargetHealthDescriptions.filter(({ TargetHealth }) => TargetHealth?.State === 'healthy').length;
  };
  for (const arn of [web, admin, ops]) while ((await healthy(arn)) < 2) await currentReads();
  await lead(web, 11, `/${name}*`);
  const listeners = [zone.listener, opsListener?.ListenerArn ?? ''];
  const rules = async () => {
    await currentReads();
    return await described(aws, listeners);
  };
  for (const [at, { module, version }] of beside.entries()) {
    const loadBalancer = at === 0 ? stack().loadBalancer : `http://127.0.0.1:${Port}`;
    const asking = { cookie: await logIn(), nodes: stack().loadBalancerNodes, requestsPerSecond: 20, streamMs: 800 };
    const users = await startTraffic({ ...asking, loadBalancer, applications: [{ name, modules: [module] }] });
    await users.expect(name, [container(version)]);
    others.push(users);
  }
  /** The slot that each of the three leads to now. */
  const leadsTo = async () => {
    await currentReads();
    const [live = [], opsRules = []] = await rulesOf(aws, listeners);
    const isLive = ({ tags, priority }: ListenerRule) => priority !== 'default' && tags['cutover:route'] !== 'test';
    const led = [
      live.find(({ priority }) => priority === 11),
      live.find(({ priority }) => priority === 12),
      opsRules.find(isLive) ?? opsRules.at(-1),
    ];
    const arns = led.flatMap((rule) => (rule ? targetGroupsOf(rule) : []));
    return arns.map((arn) => /^ported-[0-9a-f]+-([ab])/i.exec(targetGroupName(arn))?.[1] ?? targetGroupName(arn));
  };

  const before = await rules();
  const image = await application.image({ version: '2.0' });
  const { changes, note } = await deployments.ask({ kind: 'plan', ...target, deployment: { image } });
  expect(changes.filter(({ action, what }) => action === 'create' && what === 'target group')).toHaveLength(3);
  expect(note).toMatch(/rules that lead to admin:9090 and ops:9191 move in the same burst/);
  const rejected = await application.deploy({ version: '2.0' }, { approval: 'afterVerify' });
  await application.until(({ commands }) => commands.includes('approve'));
  await traffic.expect(name, [container('1.5')]);
  await deployments.command(target, 'reject', { by: 'Ana' });
  expect(await deployments.ended(rejected)).toMatchObject({ result: { outcome: 'rolledBack' } });
  expect(await rules()).toEqual(before);

  await traffic.expect(name, [container('1.5'), container('2.0')]);
  const returned = await application.deploy({ version: '2.0' }, { bake: '1h' });
  await application.until(({ phase }) => phase === 'bake');
  expect(await leadsTo()).toEqual(['a', 'a', 'a']);
  await deployments.command(target, 'rollback', { by: 'Ana' });
  expect(await deployments.ended(returned)).toMatchObject({ result: { outcome: 'rolledBack' } });
  expect(await rules()).toEqual(before);

  expect(await application.ended(await application.deploy({ version: '2.0' }))).toMatchObject({
    result: { outcome: 'completed', failure: null, live: { slot: 'a', version: '2.0' } },
  });
  expect(await leadsTo()).toEqual(['a', 'a', 'a']);
  const { services: [gone] = [] } = await ecs.send(new DescribeServicesCommand({ cluster, services: [legacy] }));
  expect(gone?.desiredCount).toBe(0);

  await traffic.expect(name, [container('2.0'), container('3.0')]);
  const shift = [{ percent: 30, bake: '1s' }, { percent: 100 }];
  const kept = await application.deploy({ version: '3.0' }, { keepWarm: '1h', shift });
  expect(await application.ended(kept)).toMatchObject({ result: { outcome: 'completed', live: { slot: 'b' } } });
  expect(await leadsTo()).toEqual(['b', 'b', 'b']);
  const undone = await deployments.start(target, 'undo', { bake: '1s' });
  expect(await application.ended(undone)).toMatchObject({ result: { outcome: 'completed', live: { slot: 'a' } } });
  expect(await leadsTo()).toEqual(['a', 'a', 'a']);

  await traffic.expect(name, [container('2.0'), container('4.0')]);
  const rolled = await application.deploy({ version: '4.0' }, {}, 'rollingUpdate');
  expect(await application.ended(rolled)).toMatchObject({ result: { outcome: 'completed', live: { slot: 'a' } } });
  expect(await leadsTo()).toEqual(['a', 'a', 'a']);
  await traffic.expect(name, [container('4.0'), container('5.0')]);
  expect(await application.ended(await application.deploy({ version: '5.0' }))).toMatchObject({
    result: { outcome: 'completed', live: { slot: 'b' } },
  });
  expect(await leadsTo()).toEqual(['b', 'b', 'b']);

  await expect(
    deployments.start(target, 'removeApplication', { approval: 'none' }).then((run) => deployments.ended(run)),
  ).resolves.toMatchObject({
    failure: expect.stringMatching(/leads to port (admin:9090|ops:9191)/),
  });
  for (const users of others) {
    const { failures, sent } = await users.stop();
    expect(failures).toEqual([]);
    expect(sent).toBeGreaterThan(0);
  }
  await currentReads();
  for (const found of (await rulesOf(aws, listeners)).flat())
    if (found.priority === 12 || (found.conditions[0]?.values[0] === '/*' && found.tags['cutover:port'] !== undefined))
      await elb.send(new DeleteRuleCommand({ RuleArn: found.arn }));
  await currentReads();
  await traffic.expect(name, [container('5.0'), platformServer]);
  const removed = await deployments.start(target, 'removeApplication', { approval: 'none' });
  expect(await application.ended(removed)).toMatchObject({ result: { outcome: 'completed' } });
  await currentReads();
  const { TargetGroups = [] } = await elb.send(new DescribeTargetGroupsCommand({}));
  expect(
    TargetGroups.map(({ TargetGroupName }) => TargetGroupName).filter((one) => /^ported-[0-9a-f]{8}/i.test(one ?? '')),
  ).toEqual([]);
  expect((await application.judged()).failures).toEqual([]);
}, 900_000);
