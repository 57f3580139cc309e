/**
 * An edit of the settings holds at the next deployment, under traffic, and `plan` says before what it changes and which line wants
 * it: first all that AWS changes in place and a port that it doesn't, then another launch type with another network, for which the
 * idle slot is made anew. `npm test` has an application's own settings in `e2e/questions`.
 */
import {
  DescribeServicesCommand,
  DescribeTaskDefinitionCommand,
  PutClusterCapacityProvidersCommand,
} from '@aws-sdk/client-ecs';
import { DescribeTagsCommand, DescribeTargetGroupsCommand } from '@aws-sdk/client-elastic-load-balancing-v2';
import { localNetwork } from '../../../local/stack/zone';
import type { LiveApplication } from '../e2e/live-application';
import { startOwnStack, type OwnStack } from './own-stack';

const name = 'Edited';
const container = (version: string) => ({ servedBy: 'container', version });
const [firstSubnet = ''] = localNetwork.subnets;

let own: OwnStack;

beforeAll(async () => {
  own = await startOwnStack({ timeScale: 20, failedStarts: 0 });
}, 300_000);
afterAll(() => own.closeHealthy());

type Edits = Readonly<Record<string, unknown>>;

/** Writes an application's own settings, each in the place of the one before. */
async function edit(edits: Edits): Promise<void> {
  const { changeSettings } = await import('../../../local/stack/settings.js');
  type Value = NonNullable<Parameters<typeof changeSettings>[1][number]['value']>;
  await changeSettings(
    own.living.stack().settings,
    Object.entries(edits).map(([member, value]) => ({
      path: ['applications', name, member],
      value: value as Value,
    })),
  );
}

/** A zone on Fargate, where no folder of this machine can be mounted. */
async function addFargateZone(): Promise<string> {
  const { addZone, stack, stackAws } = own.living;
  const left = ['service', 'configuration', 'folders', 'builder'];
  const zone = await addZone('edited', (local) => ({
    ...Object.fromEntries(Object.entries(local).filter(([member]) => !left.includes(member))),
    address: `http://localhost:${new URL(stack().loadBalancer).port}`,
  }));
  await stackAws().ecs.send(
    new PutClusterCapacityProvidersCommand({
      cluster: stack().aws.cluster,
      capacityProviders: ['FARGATE', 'FARGATE_SPOT'],
      defaultCapacityProviderStrategy: [],
    }),
  );
  return zone;
}

/** What AWS has of a slot. */
async function seen(application: LiveApplication, slot: 'a' | 'b') {
  await own.living.currentReads();
  const { ecs, elb } = own.living.stackAws();
  const name_ = (await application.services()).find((one) => one.endsWith(`-${slot}`)) ?? '';
  const { cluster } = own.living.stack().aws;
  const { services: [service] = [] } = await ecs.send(
    new DescribeServicesCommand({ cluster, services: [name_], include: ['TAGS'] }),
  );
  const { TargetGroups: [group] = [] } = await elb.send(new DescribeTargetGroupsCommand({ Names: [name_] }));
  const { TagDescriptions: [tagged] = [] } = await elb.send(
    new DescribeTagsCommand({ ResourceArns: [group?.TargetGroupArn ?? ''] }),
  );
  const { taskDefinition } = await ecs.send(
    new DescribeTaskDefinitionCommand({ taskDefinition: service?.taskDefinition }),
  );
  const { deploymentConfiguration: percents, networkConfiguration: network } = service ?? {};
  return {
    launchType: service?.launchType,
    capacity: service?.capacityProviderStrategy?.map(({ capacityProvider }) => capacityProvider) ?? [],
    platformVersion: service?.platformVersion,
    constraints: service?.placementConstraints?.map(({ type }) => type),
    strategy: service?.placementStrategy?.map(({ field }) => field),
    exec: service?.enableExecuteCommand,
    rebalancing: service?.availabilityZoneRebalancing,
    managedTags: service?.enableECSManagedTags,
    propagates: service?.propagateTags,
    grace: service?.healthCheckGracePeriodSeconds,
    percents: [percents?.minimumHealthyPercent, percents?.maximumPercent],
    subnets: network?.awsvpcConfiguration?.subnets,
    registries: service?.serviceRegistries?.map(({ registryArn }) => registryArn),
    tag: service?.tags?.find(({ key }) => key === 'CostCentre')?.value,
    sizes: [taskDefinition?.cpu, taskDefinition?.memory],
    networkMode: taskDefinition?.networkMode,
    protocols: [group?.Protocol, group?.HealthCheckProtocol],
    port: group?.Port,
    targetType: group?.TargetType,
    interval: group?.HealthCheckIntervalSeconds,
    threshold: group?.HealthyThresholdCount,
    groupTag: tagged?.Tags?.find(({ Key }) => Key === 'CostCentre')?.Value,
    groupArn: group?.TargetGroupArn,
  };
}

/** What AWS changes in place, but for the target group's port. */
const edits = {
  service: {
    capacityProviderStrategy: [
      { capacityProvider: 'FARGATE', base: 1, weight: 1 },
      { capacityProvider: 'FARGATE_SPOT', weight: 3 },
    ],
    platformVersion: '1.4.0',
    enableExecuteCommand: true,
    availabilityZoneRebalancing: 'DISABLED',
    propagateTags: 'SERVICE',
    enableECSManagedTags: true,
    serviceRegistries: [{ registryArn: 'arn:aws:servicediscovery:us-east-1:000000000000:service/srv-edited' }],
    healthCheckGracePeriod: '90s',
    minimumHealthyPercent: 50,
    maximumPercent: 150,
  },
  network: { subnets: [firstSubnet], securityGroups: localNetwork.securityGroups },
  taskDefinition: { cpu: '512', memory: '1024' },
  targetGroup: { port: 8080, healthCheck: { interval: '6s', timeout: '3s', healthyThreshold: 3 } },
  tags: { CostCentre: '42' },
};
const edited = {
  capacity: ['FARGATE', 'FARGATE_SPOT'],
  platformVersion: '1.4.0',
  exec: true,
  rebalancing: 'DISABLED',
  managedTags: true,
  propagates: 'SERVICE',
  registries: [expect.stringMatching(/srv-edited$/)],
  grace: 90,
  percents: [50, 150],
  subnets: [firstSubnet],
  tag: '42',
  sizes: ['512', '1024'],
  port: 8080,
  targetType: 'ip',
  interval: 6,
  threshold: 3,
  groupTag: '42',
};
/** How each is told, now → then, with a line of the settings. */
const told = [
  'capacityProviderStrategy.1.capacityProvider: none → "FARGATE_SPOT"',
  'platformVersion: "LATEST" → "1.4.0"',
  'enableExecuteCommand: false → true',
  'availabilityZoneRebalancing: "ENABLED" → "DISABLED"',
  'propagateTags: "NONE" → "SERVICE"',
  'enableECSManagedTags: false → true',
  'healthCheckGracePeriodSeconds: 60 → 90',
  'deploymentConfiguration.minimumHealthyPercent: 100 → 50',
  'deploymentConfiguration.maximumPercent: 200 → 150',
  'networkConfiguration.awsvpcConfiguration.subnets: 2 → 1 entries',
  'cpu: "256" → "512"',
  'memory: "512" → "1024"',
  'port: 80 → 8080',
  'HealthCheckIntervalSeconds: "5" → "6"',
  'HealthyThresholdCount: "2" → "3"',
];

test('what the settings say of capacity, network, patience, sizes, health check, port and tags holds at the next deployment, and a rollback brings back what was', async () => {
  const application = await own.living.inContainers(name, [name], await addFargateZone());
  const { deployments, target, traffic } = application;
  const linesOf = async (version: string) => {
    const image = await application.image({ version });
    const { changes } = await deployments.ask({ kind: 'plan', ...target, deployment: { image } });
    return changes.flatMap(({ details }) => details);
  };
  const before = await seen(application, 'a');

  await edit(edits);
  const lines = await linesOf('3.0');
  for (const line of told)
    expect(lines.filter((one) => one.startsWith(line))).toEqual([expect.stringMatching(/ \(cutover\.yaml:\d+\)$/)]);
  await traffic.expect(name, [container('2.0'), container('3.0')]);
  const taken = await application.deploy({ version: '3.0' }, { bake: '1h' });
  await application.until(({ phase }) => phase === 'bake');
  expect(await seen(application, 'b')).toMatchObject(edited);
  expect(await seen(application, 'a')).toEqual(before);
  await deployments.command(target, 'rollback', { by: 'Ana' });
  expect(await deployments.ended(taken)).toMatchObject({ result: { outcome: 'rolledBack', live: { slot: 'a' } } });
  expect(await seen(application, 'a')).toEqual(before);
  await traffic.expect(name, [container('2.0'), container('3.0')]);
  const completed = await application.deploy({ version: '3.0' });
  expect(await application.ended(completed)).toMatchObject({ result: { outcome: 'completed', live: { slot: 'b' } } });

  // The idle slot's group has the earlier port, which nobody can change: it is made anew.
  expect((await linesOf('4.0')).join('\n')).toMatch(/made anew, for AWS changes none of it: port: 80 → 8080 \(cutover/);
  await traffic.expect(name, [container('3.0'), container('4.0')]);
  const next = await application.deploy({ version: '4.0' });
  expect(await application.ended(next)).toMatchObject({ result: { outcome: 'completed', live: { slot: 'a' } } });
  await traffic.expect(name, [container('4.0')]);
  const after = await seen(application, 'a');
  expect(after).toMatchObject(edited);
  expect(after.groupArn).not.toBe(before.groupArn);

  // The sample's containers speak no TLS: over another protocol they never get healthy, and users don't notice.
  await edit({ targetGroup: { ...edits.targetGroup, protocol: 'HTTPS' } });
  expect((await linesOf('5.0')).join('\n')).toMatch(/protocol: HTTP → HTTPS \(cutover\.yaml:\d+\)/);
  const overTls = await application.deploy({ version: '5.0' }, { onFailure: 'rollback' });
  expect(await application.ended(overTls)).toMatchObject({
    result: { outcome: 'rolledBack', failure: expect.stringContaining('healthy'), live: { slot: 'a' } },
  });
  expect(await seen(application, 'b')).toMatchObject({ protocols: ['HTTPS', 'HTTPS'], port: 8080 });

  // On instances tasks are placed, have no addresses of their own, and neither service nor target group can be changed into that.
  await edit({
    service: {
      launchType: 'EC2',
      placementConstraints: [{ type: 'distinctInstance' }],
      placementStrategy: [{ type: 'spread', field: 'attribute:ecs.availability-zone' }],
    },
    network: null,
    taskDefinition: { networkMode: 'bridge' },
    targetGroup: { port: 8080 },
    tags: { CostCentre: '43' },
  });
  const moved = await linesOf('5.0');
  for (const line of [
    'placementConstraints.0.type: none → "distinctInstance"',
    'placementStrategy.0.field: none → "attribute:ecs.availability-zone"',
    'networkMode: "awsvpc" → "bridge"',
    'launchType: none → "EC2"',
  ])
    expect(moved.filter((one) => one.startsWith(line))).toEqual([expect.stringMatching(/ \(cutover\.yaml:\d+\)$/)]);
  expect(moved).toContainEqual(expect.stringMatching(/targetType: ip → instance/));
  await traffic.expect(name, [container('4.0'), container('5.0')]);
  const onInstances = await application.deploy({ version: '5.0' });
  expect(await application.ended(onInstances)).toMatchObject({ result: { outcome: 'completed', live: { slot: 'b' } } });
  await traffic.expect(name, [container('5.0')]);
  expect(await seen(application, 'b')).toMatchObject({
    launchType: 'EC2',
    capacity: [],
    constraints: ['distinctInstance'],
    strategy: ['attribute:ecs.availability-zone'],
    networkMode: 'bridge',
    targetType: 'instance',
    port: 8080,
    tag: '43',
    groupTag: '43',
    // What the settings say no more is as it was.
    grace: 90,
    registries: edited.registries,
  });
  expect(await application.onAws()).toEqual({ liveRules: 1, testRules: 0, desiredCounts: [0, 2] });
  expect((await application.judged()).failures).toEqual([]);
}, 900_000);
