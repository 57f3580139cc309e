/**
 * An application behind an internal and a public load balancer, through everything that a deployment can do: adopted from another
 * tool, given back to it, kept warm, undone, rolled back and retired. `npm test` has a short walk in `e2e/two-load-balancers`.
 */
import { CreateServiceCommand, DescribeServicesCommand, RegisterTaskDefinitionCommand } from '@aws-sdk/client-ecs';
import {
  CreateRuleCommand,
  CreateTargetGroupCommand,
  DescribeTargetHealthCommand,
} from '@aws-sdk/client-elastic-load-balancing-v2';
import { describeRules } from '../../../activities/aws/elb/listener-rules';
import type { Allowed, Traffic } from '../../../local/traffic/traffic';
import { tagKeys } from '../../../planning/names';
import { loadSettings } from '../../../settings/load';
import type { ZoneSettings } from '../../../settings/schema';
import type { LiveApplication } from '../e2e/live-application';
import { startOwnStack, type OwnStack } from './own-stack';

const name = 'Twofold';
const legacy = 'twofold-legacy';
const container = (version: string) => ({ servedBy: 'container', version });
const platformServer = { servedBy: 'platform-server', version: '1.0' } as const;

let own: OwnStack;
let outside: Traffic | undefined;

beforeAll(async () => {
  own = await startOwnStack({ timeScale: 10 });
}, 300_000);
afterAll(async () => {
  await outside?.stop().catch(() => undefined);
  await own.close();
});

function zoneOf(zone: string): ZoneSettings {
  const found = loadSettings(own.living.stack().settings).zones[zone];
  if (!found) throw new Error('There is no zone.');
  return found;
}

const listenersOf = ({ listener, otherListeners = [] }: ZoneSettings) => [
  listener,
  ...otherListeners.map((other) => other.listener),
];

/** A service behind both, with a rule for everything that begins with the module's name on each. */
async function deployByAnotherTool(application: LiveApplication, zone: ZoneSettings): Promise<void> {
  const { ecs, elb } = own.living.stackAws();
  const { cluster, container: place, network, targetGroup, registry, taskDefinition } = zone;
  const { taskDefinition: registered } = await ecs.send(
    new RegisterTaskDefinitionCommand({
      family: legacy,
      ...(taskDefinition as object),
      networkMode: 'awsvpc',
      requiresCompatibilities: ['FARGATE'],
      containerDefinitions: [
        {
          name: 'web',
          image: `${registry}/${await application.image({ version: '1.5' })}`,
          portMappings: [{ containerPort: place.port }],
        },
      ],
    }),
  );
  const groups = await Promise.all(
    listenersOf(zone).map(async (listener, at) => {
      const { TargetGroups: [made] = [] } = await elb.send(
        new CreateTargetGroupCommand({
          Name: `${legacy}-${at}`,
          Protocol: 'HTTP',
          Port: 80,
          TargetType: 'ip',
          VpcId: targetGroup.vpc,
          HealthCheckPath: `/${name}/_ping.aspx`,
          HealthCheckIntervalSeconds: 5,
          HealthCheckTimeoutSeconds: 2,
        }),
      );
      const arn = made?.TargetGroupArn ?? '';
      await rule(listener, arn, '/nobody-asks-for-this', 10);
      return { listener, arn };
    }),
  );
  await ecs.send(
    new CreateServiceCommand({
      cluster,
      serviceName: legacy,
      taskDefinition: registered?.taskDefinitionArn,
      desiredCount: 1,
      launchType: 'FARGATE',
      loadBalancers: groups.map(({ arn }) => ({
        targetGroupArn: arn,
        containerName: 'web',
        containerPort: place.port,
      })),
      networkConfiguration: { awsvpcConfiguration: { subnets: network?.subnets } },
    }),
  );
  for (const { listener, arn } of groups) {
    while (!(await isHealthy(arn))) await own.living.currentReads();
    await rule(listener, arn, `/${name}*`, 11);
  }
}

async function rule(ListenerArn: string, TargetGroupArn: string, path: string, Priority: number): Promise<void> {
  const Conditions = [{ Field: 'path-pattern', Values: [path] }];
  const Actions = [{ Type: 'forward' as const, TargetGroupArn }];
  const { elb } = own.living.stackAws();
  await elb.send(new CreateRuleCommand({ ListenerArn, Priority, Conditions, Actions }));
}

async function isHealthy(TargetGroupArn: string): Promise<boolean> {
  const { elb } = own.living.stackAws();
  const { TargetHealthDescriptions = [] } = await elb.send(new DescribeTargetHealthCommand({ TargetGroupArn }));
  return TargetHealthDescriptions.some(({ TargetHealth }) => TargetHealth?.State === 'healthy');
}

/** All rules of both, and of their test listeners. */
async function rulesOf({ testListener = '', otherListeners = [], ...zone }: ZoneSettings) {
  await own.living.currentReads();
  const tests = [testListener, ...otherListeners.map((other) => other.testListener ?? '')];
  const all = [...listenersOf({ ...zone, otherListeners }), ...tests];
  return await Promise.all(all.map((arn) => describeRules(own.living.stackAws().elb, arn)));
}

test('through both load balancers it is adopted, given back, kept warm, undone, rolled back and retired', async () => {
  const { bothListeners, startOutside } = await import('../e2e/public-load-balancer.js');
  const { currentReads, liveApplication, stackAws } = own.living;
  const both = await bothListeners('twofold');
  const application = await liveApplication(name, [name], both.zone);
  const { deployments, target } = application;
  const users = (outside = await startOutside(name, both.address, both.made));
  const expectBoth = async (...allowed: Allowed[]) => {
    await Promise.all([application.traffic, users].map((one) => one.expect(name, allowed)));
  };
  const zone = zoneOf(both.zone);
  const rules = () => rulesOf(zone);
  const ownRules = async (route: 'live' | 'test') =>
    (await rules()).map(
      (on) => on.filter(({ tags }) => tags[tagKeys.application] === name && tags[tagKeys.route] === route).length,
    );

  await expectBoth(platformServer, container('1.5'));
  await deployByAnotherTool(application, zone);
  await currentReads();
  const before = await rules();
  await expectBoth(container('1.5'));
  const rejected = await application.deploy({ version: '2.0' }, { approval: 'afterVerify' });
  await application.until(({ commands }) => commands.includes('approve'));
  await deployments.command(target, 'reject', { by: 'Ana' });
  expect(await deployments.ended(rejected)).toMatchObject({ result: { outcome: 'rolledBack' } });
  expect(await rules()).toEqual(before);

  await expectBoth(container('1.5'), container('2.0'));
  const adopted = await application.deploy({ version: '2.0' });
  expect(await application.ended(adopted)).toMatchObject({
    result: { outcome: 'completed', live: { slot: 'a', version: '2.0' } },
  });
  const { ecs } = stackAws();
  await currentReads();
  const found = await ecs.send(new DescribeServicesCommand({ cluster: zone.cluster, services: [legacy] }));
  expect(found.services?.[0]?.desiredCount).toBe(0);

  await expectBoth(container('2.0'), container('3.0'));
  const kept = await application.deploy({ version: '3.0' }, { keepWarm: '1h' });
  expect(await application.ended(kept)).toMatchObject({ result: { outcome: 'completed', live: { slot: 'b' } } });
  expect(await ownRules('test')).toEqual([0, 0, 1, 1]);
  const undone = await deployments.start(target, 'undo', { bake: '1s' });
  expect(await application.ended(undone)).toMatchObject({
    result: { outcome: 'completed', live: { slot: 'a', version: '2.0' } },
  });

  await expectBoth(container('2.0'), container('3.0'));
  const taken = await application.deploy({ version: '3.0' }, { bake: '1h' });
  await application.until(({ phase }) => phase === 'bake');
  await deployments.command(target, 'rollback', { by: 'Ana' });
  expect(await deployments.ended(taken)).toMatchObject({ result: { outcome: 'rolledBack', live: { slot: 'a' } } });
  await expectBoth(container('2.0'), container('4.0'));
  const replaced = await application.deploy({ version: '4.0' }, { keepWarm: '1s' });
  expect(await application.ended(replaced)).toMatchObject({ result: { outcome: 'completed', live: { slot: 'b' } } });
  await expectBoth(container('4.0'));
  while ((await ownRules('test')).some((count) => count > 0)) await currentReads();
  expect(await ownRules('live')).toEqual([1, 1, 0, 0]);
  expect(await application.onAws()).toMatchObject({ desiredCounts: [0, 1] });
  for (const traffic of [application.traffic, users]) {
    const { failures, sent } = await traffic.stop();
    expect(failures).toEqual([]);
    expect(sent).toBeGreaterThan(0);
  }
}, 900_000);
