/** What ECS refuses, in exactly AWS's words if they are known, and that a refused call leaves nothing behind. */
import type { CreateServiceCommandInput, RegisterTaskDefinitionCommandInput } from '@aws-sdk/client-ecs';
import { startLocalAws, type LocalAws } from '../local-aws';
import { createZone, vpc, type Zone } from './zone';

let local: LocalAws;
let zone: Zone;
let definition: string;
let withVolume: string;
let inUse: string;
let unused: string;
let instances: string;

beforeAll(async () => {
  local = await startLocalAws();
  zone = await createZone(local);
  definition = await zone.registerTaskDefinition('orders:1');
  const volumes = [{ name: 'data', configuredAtLaunch: true }];
  const containerDefinitions = [{ name: 'web', image: 'orders:1', memory: 128 }];
  const { taskDefinition: voluminous } = await local.ecs.registerTaskDefinition({
    family: 'voluminous',
    networkMode: 'awsvpc',
    volumes,
    containerDefinitions,
  });
  withVolume = voluminous?.taskDefinitionArn ?? '';
  inUse = await zone.createGroup('in-use');
  unused = await createGroup('unused', 'ip');
  instances = await createGroup('instances', 'instance');
});
afterAll(() => local.close());

async function createGroup(Name: string, TargetType: 'ip' | 'instance'): Promise<string> {
  const made = await local.elbv2.createTargetGroup({
    Name,
    Protocol: 'HTTP',
    Port: 80,
    VpcId: 'vpc-local',
    TargetType,
  });
  return made.TargetGroups?.[0]?.TargetGroupArn ?? '';
}

const balanced = (targetGroupArn: string, containerName = 'web', containerPort = 8080): object => ({
  loadBalancers: [{ targetGroupArn, containerName, containerPort }],
});
const bounds = (minimumHealthyPercent: number, maximumPercent: number): object => ({
  deploymentConfiguration: { minimumHealthyPercent, maximumPercent },
});

test.each<[string, () => Partial<CreateServiceCommandInput>, string, () => string]>([
  ['a cluster that is not there', () => ({ cluster: 'none' }), 'ClusterNotFoundException', () => 'Cluster not found.'],
  [
    'a task definition that is not there',
    () => ({ taskDefinition: 'none' }),
    'ClientException',
    () => 'TaskDefinition not found.',
  ],
  [
    'a target group in no rule',
    () => balanced(unused),
    'InvalidParameterException',
    () => `The target group with targetGroupArn ${unused} does not have an associated load balancer.`,
  ],
  [
    'a target group that is not there',
    () => balanced(`${unused}0`),
    'InvalidParameterException',
    () => 'does not exist',
  ],
  [
    'a target group of instances',
    () => balanced(instances),
    'InvalidParameterException',
    () => 'incompatible with the awsvpc network mode',
  ],
  [
    'a container that is not there',
    () => balanced(inUse, 'api'),
    'InvalidParameterException',
    () => 'The container api does not exist in the task definition.',
  ],
  [
    'a port that is not there',
    () => balanced(inUse, 'web', 9090),
    'InvalidParameterException',
    () => 'The container web did not have a container port 9090 defined.',
  ],
  [
    'no network',
    () => ({ networkConfiguration: undefined }),
    'InvalidParameterException',
    () => 'Network Configuration must be provided',
  ],
  [
    'bounds of 100 and 100',
    () => bounds(100, 100),
    'InvalidParameterException',
    () => 'cannot be 100 as this will block deployments.',
  ],
  [
    'a grace period without a load balancer',
    () => ({ healthCheckGracePeriodSeconds: 5 }),
    'InvalidParameterException',
    () => 'grace period',
  ],
  ['a negative count', () => ({ desiredCount: -1 }), 'InvalidParameterException', () => 'Desired count'],
  [
    'the native blue/green strategy',
    () => ({ deploymentConfiguration: { strategy: 'BLUE_GREEN' } }),
    'UnsupportedFeatureException',
    () => 'BLUE_GREEN',
  ],
  [
    'the native canary strategy',
    () => ({ deploymentConfiguration: { strategy: 'CANARY' } }),
    'UnsupportedFeatureException',
    () => 'CANARY',
  ],
  [
    'the native linear strategy',
    () => ({ deploymentConfiguration: { strategy: 'LINEAR' } }),
    'UnsupportedFeatureException',
    () => 'LINEAR',
  ],
  [
    'the CodeDeploy controller',
    () => ({ deploymentController: { type: 'CODE_DEPLOY' } }),
    'UnsupportedFeatureException',
    () => 'CODE_DEPLOY',
  ],
  [
    'the external controller',
    () => ({ deploymentController: { type: 'EXTERNAL' } }),
    'UnsupportedFeatureException',
    () => 'EXTERNAL',
  ],
  [
    'a launch type beside a capacity provider strategy',
    () => ({ launchType: 'FARGATE', capacityProviderStrategy: [{ capacityProvider: 'FARGATE_SPOT' }] }),
    'InvalidParameterException',
    () => 'Specifying both a launch type and capacity provider strategy is not supported. Remove one and try again.',
  ],
  [
    'a load balancer on instances of its own',
    () => ({ launchType: 'EXTERNAL', ...balanced(inUse) }),
    'InvalidParameterException',
    () => 'EXTERNAL',
  ],
  [
    'a platform version of Fargate on instances',
    () => ({ launchType: 'EC2', platformVersion: '1.4.0' }),
    'InvalidParameterException',
    () => 'The platform version must be null when specifying an EC2 launch type.',
  ],
  [
    'placement constraints on Fargate',
    () => ({ launchType: 'FARGATE', placementConstraints: [{ type: 'distinctInstance' }] }),
    'InvalidParameterException',
    () => 'Placement constraints are not supported with FARGATE launch type.',
  ],
  [
    'a placement strategy on Fargate Spot',
    () => ({ capacityProviderStrategy: spot(), placementStrategy: [{ type: 'random' }] }),
    'InvalidParameterException',
    () => 'Placement strategies are not supported with FARGATE launch type.',
  ],
  [
    'ECS Exec and no task role',
    () => ({ enableExecuteCommand: true }),
    'InvalidParameterException',
    () => 'a valid taskRoleArn is not being used',
  ],
  [
    'a volume that its task definition has not',
    () => ({ volumeConfigurations: [{ name: 'data' }] }),
    'InvalidParameterException',
    () => 'Volume configuration provided but no matching configuredAtLaunch volume found in task definition.',
  ],
  [
    'no word on a volume that is configured at launch',
    () => ({ taskDefinition: withVolume }),
    'InvalidParameterException',
    () => 'no matching volume configuration',
  ],
  [
    'rebalancing and no room for it',
    () => ({ availabilityZoneRebalancing: 'ENABLED', ...bounds(50, 100) }),
    'InvalidParameterException',
    () => 'Availability Zone Rebalancing does not support maximumPercent <= 100 % as deployment configuration.',
  ],
  [
    'a name with a blank',
    () => ({ serviceName: 'my service' }),
    'InvalidParameterException',
    () => 'Invalid identifier',
  ],
])('a service with %s is refused', async (_, over, name, words) => {
  const call = zone.createService('refused', definition, { desiredCount: 1, ...over() });
  await expect(call).rejects.toMatchObject({ name, message: expect.stringContaining(words()) });
  const { serviceArns } = await local.ecs.listServices({ cluster: 'zone' });
  expect(serviceArns?.some((arn) => arn.includes('refused'))).toBe(false);
});

test('a service is made once, and again only for the same token', async () => {
  const clientToken = 'once';
  await zone.createService('twice', definition, { desiredCount: 0, clientToken });
  await zone.createService('twice', definition, { desiredCount: 0, clientToken });
  const again = zone.createService('twice', definition, { desiredCount: 0 });
  await expect(again).rejects.toThrow('Creation of service was not idempotent.');
});

const unforced =
  'When switching from launch type to capacity provider strategy on an existing service, or making a change to a capacity provider strategy on a service that is already using one, you must force a new deployment.';
const spot = (weight = 1) => [{ capacityProvider: 'FARGATE_SPOT', weight }];

test('a service changes its capacity provider strategy by a forced deployment only', async () => {
  await zone.createService('strategic', definition, { desiredCount: 0, launchType: 'FARGATE' });
  const update = async (capacityProviderStrategy: ReturnType<typeof spot>, forceNewDeployment?: boolean) =>
    local.ecs.updateService({
      cluster: 'zone',
      service: 'strategic',
      capacityProviderStrategy,
      ...(forceNewDeployment !== undefined && { forceNewDeployment }),
    });
  const refusal = { name: 'InvalidParameterException', message: unforced };
  await expect(update(spot())).rejects.toMatchObject(refusal);
  expect(await zone.service('strategic')).toMatchObject({ launchType: 'FARGATE' });
  await update(spot(), true);
  const changed = await zone.service('strategic');
  expect([changed.launchType, changed.capacityProviderStrategy]).toEqual([undefined, spot()]);
  expect(changed.deployments?.[0]?.capacityProviderStrategy).toEqual(spot());
  await update(spot());
  await expect(update(spot(2), false)).rejects.toMatchObject(refusal);
  await expect(update([])).rejects.toMatchObject(refusal);
  await update([], true);
  const back = await zone.service('strategic');
  expect([back.launchType, back.capacityProviderStrategy ?? []]).toEqual(['FARGATE', []]);
});

test('Availability Zone rebalancing is on unless there is no room for it or it is refused', async () => {
  const made = async (name: string, over: Partial<CreateServiceCommandInput>) => {
    await zone.createService(name, definition, { desiredCount: 0, ...over });
    return (await zone.service(name)).availabilityZoneRebalancing;
  };
  expect(await made('rebalanced', {})).toBe('ENABLED');
  expect(await made('not-rebalanced', { availabilityZoneRebalancing: 'DISABLED' })).toBe('DISABLED');
  expect(await made('no-room', bounds(50, 100))).toBe('DISABLED');
  const narrow = { cluster: 'zone', service: 'rebalanced', ...bounds(50, 100) };
  await expect(local.ecs.updateService(narrow)).rejects.toMatchObject({
    name: 'InvalidParameterException',
    message: expect.stringContaining('does not support maximumPercent <= 100 %'),
  });
  await local.ecs.updateService({ ...narrow, availabilityZoneRebalancing: 'DISABLED' });
  await local.ecs.updateService({ cluster: 'zone', service: 'rebalanced', ...bounds(100, 200) });
  expect((await zone.service('rebalanced')).availabilityZoneRebalancing).toBe('DISABLED');
});

test('what is not there is listed as missing, or refused by name', async () => {
  const services = await local.ecs.describeServices({ cluster: 'zone', services: ['none'] });
  expect(services.failures).toEqual([{ arn: expect.stringMatching(/service\/zone\/none$/), reason: 'MISSING' }]);
  const tasks = await local.ecs.describeTasks({ cluster: 'zone', tasks: ['0'.repeat(32)] });
  expect(tasks.failures?.[0]?.reason).toBe('MISSING');
  const service = { cluster: 'zone', service: 'none' };
  await expect(local.ecs.updateService(service)).rejects.toMatchObject({ name: 'ServiceNotFoundException' });
  await expect(local.ecs.stopTask({ cluster: 'zone', task: 'none' })).rejects.toThrow(
    'The referenced task was not found.',
  );
  await expect(local.ecs.describeTaskDefinition({ taskDefinition: 'none' })).rejects.toThrow(
    'Unable to describe task definition.',
  );
  const eleven = Array.from({ length: 11 }, (_, index) => `s${index}`);
  await expect(local.ecs.describeServices({ cluster: 'zone', services: eleven })).rejects.toMatchObject({
    name: 'InvalidParameterException',
  });
});

test.each<[string, Partial<RegisterTaskDefinitionCommandInput>, string]>([
  ['no container', { containerDefinitions: [] }, 'Container list cannot be empty.'],
  [
    'a container without an image',
    { containerDefinitions: [{ name: 'web', memory: 1 }] },
    'Container.image should not be null or empty.',
  ],
  [
    'no memory',
    { containerDefinitions: [{ name: 'web', image: 'a:1' }] },
    "At least one of 'memory' or 'memoryReservation'",
  ],
  [
    'a volume that is not there',
    { containerDefinitions: [{ name: 'web', image: 'a:1', memory: 1, mountPoints: [{ sourceVolume: 'v' }] }] },
    "Unknown volume 'v'.",
  ],
  ['Fargate and no network', { requiresCompatibilities: ['FARGATE'], networkMode: 'bridge' }, 'Fargate only supports'],
  ['a family with a blank', { family: 'my family' }, 'Family contains invalid characters.'],
])('a task definition with %s is refused', async (_, over, words) => {
  const good = { family: 'refused', containerDefinitions: [{ name: 'web', image: 'a:1', memory: 1 }] };
  const call = local.ecs.registerTaskDefinition({ ...good, ...over });
  await expect(call).rejects.toMatchObject({ name: 'ClientException', message: expect.stringContaining(words) });
});

const container = { name: 'web', image: 'a:1' };
const onFargate = { requiresCompatibilities: ['FARGATE' as const], networkMode: 'awsvpc' as const };
const sized = (cpu: string, memory: string, operatingSystemFamily: 'LINUX' | 'WINDOWS_SERVER_2022_CORE' = 'LINUX') => ({
  ...onFargate,
  cpu,
  memory,
  runtimePlatform: { operatingSystemFamily },
  containerDefinitions: [container],
});
const efs = { name: 'files', efsVolumeConfiguration: { fileSystemId: 'fs-1' } };
const fsx = {
  name: 'files',
  fsxWindowsFileServerVolumeConfiguration: {
    fileSystemId: 'fs-1',
    rootDirectory: '\\\\share',
    authorizationConfig: { credentialsParameter: 'arn:aws:ssm:us-east-1:000000000000:parameter/p', domain: 'd' },
  },
};
const mapped = (networkMode: 'host' | 'bridge', hostPort?: number) => ({
  networkMode,
  containerDefinitions: [
    {
      ...container,
      memory: 1,
      portMappings: [{ containerPort: 8080, ...(hostPort === undefined ? {} : { hostPort }) }],
    },
  ],
});
const configured = (environment: string, secret: string) => ({
  containerDefinitions: [
    {
      ...container,
      memory: 1,
      environment: [{ name: environment, value: 'v' }],
      secrets: [{ name: secret, valueFrom: 'arn:aws:ssm:us-east-1:000000000000:parameter/p' }],
    },
  ],
});
const noSize = (cpu: string, memory: string) =>
  `No Fargate configuration exists for given values: ${cpu} CPU, ${memory} memory. See the Amazon ECS documentation for the valid values.`;
const unequalPorts = 'When networkMode=host, the host ports and container ports in port mappings must match.';

test.each<[string, Partial<RegisterTaskDefinitionCommandInput>, string]>([
  ...(
    [
      ['256', '256'],
      ['256', '1536'],
      ['256', '4096'],
      ['512', '512'],
      ['512', '5120'],
      ['1024', '1024'],
      ['1024', '9216'],
      ['2048', '3072'],
      ['2048', '17408'],
      ['4096', '7168'],
      ['4096', '31744'],
      ['8192', '18432'],
      ['8192', '65536'],
      ['16384', '36864'],
      ['16384', '126976'],
      ['300', '1024'],
    ] as const
  ).map(([cpu, memory]): [string, Partial<RegisterTaskDefinitionCommandInput>, string] => [
    `${cpu} CPU and ${memory} memory on Fargate`,
    sized(cpu, memory),
    noSize(cpu, memory),
  ]),
  ['a cpu that Windows lacks', sized('512', '1024', 'WINDOWS_SERVER_2022_CORE'), noSize('512', '1024')],
  [
    'a folder of the host on Fargate',
    { ...sized('1024', '2048'), volumes: [{ name: 'shared', host: { sourcePath: '/mnt' } }] },
    'Fargate compatible task definitions do not support sourcePath',
  ],
  [
    'FSx for Windows on Fargate',
    { ...sized('1024', '2048'), volumes: [fsx] },
    'Fargate compatible task definitions do not support fsxWindowsFileServerVolumeConfiguration',
  ],
  [
    'FSx for Windows with Windows on Fargate',
    { ...sized('1024', '2048', 'WINDOWS_SERVER_2022_CORE'), volumes: [fsx] },
    'Fargate compatible task definitions do not support fsxWindowsFileServerVolumeConfiguration',
  ],
  [
    'a volume of Docker on Fargate',
    { ...sized('1024', '2048'), volumes: [{ name: 'v', dockerVolumeConfiguration: { scope: 'task' } }] },
    'Fargate compatible task definitions do not support dockerVolumeConfiguration',
  ],
  [
    'shared memory on Fargate',
    {
      ...sized('1024', '2048'),
      containerDefinitions: [{ ...container, linuxParameters: { sharedMemorySize: 64 } }],
    },
    'Fargate compatible task definitions do not support sharedMemorySize',
  ],
  [
    'a container with all rights on Fargate',
    { ...sized('1024', '2048'), containerDefinitions: [{ ...container, privileged: true }] },
    'Fargate compatible task definitions do not support privileged',
  ],
  [
    'a constraint of placement on Fargate',
    { ...sized('1024', '2048'), placementConstraints: [{ type: 'memberOf', expression: 'task:group == web' }] },
    'Fargate compatible task definitions do not support placementConstraints',
  ],
  [
    'shared memory of several containers on Fargate',
    { ...sized('1024', '2048'), ipcMode: 'task' },
    'Fargate compatible task definitions do not support ipcMode',
  ],
  [
    'processes of the host on Fargate',
    { ...sized('1024', '2048'), pidMode: 'host' },
    'Fargate compatible task definitions do not support pidMode',
  ],
  [
    'processes of all containers of a task with Windows on Fargate',
    { ...sized('1024', '2048', 'WINDOWS_SERVER_2022_CORE'), pidMode: 'task' },
    'Fargate compatible task definitions do not support pidMode',
  ],
  [
    'EFS with Windows on Fargate',
    { ...sized('1024', '2048', 'WINDOWS_SERVER_2022_CORE'), volumes: [efs] },
    'efsVolumeConfiguration',
  ],
  [
    'one name in the environment and in the secrets',
    configured('KEY', 'KEY'),
    "The secret name must be unique and not shared with any new or existing environment variables set on the container, such as 'KEY'.",
  ],
  ['a dynamic port in the host network', mapped('host', 0), unequalPorts],
  ['another port in the host network', mapped('host', 8081), unequalPorts],
  [
    'more than 64 KiB',
    { containerDefinitions: [{ ...container, memory: 1, environment: [{ name: 'K', value: 'v'.repeat(65_536) }] }] },
    "Max allowed length is '65536' bytes.",
  ],
])('a task definition of %s is refused', async (_, over, message) => {
  const call = local.ecs.registerTaskDefinition({ family: 'refused', containerDefinitions: [container], ...over });
  await expect(call).rejects.toMatchObject({ name: 'ClientException', message: expect.stringContaining(message) });
});

test.each<[string, Partial<RegisterTaskDefinitionCommandInput>]>([
  ...(
    [
      ['256', '512'],
      ['256', '2048'],
      ['512', '1024'],
      ['512', '4096'],
      ['1024', '2048'],
      ['1024', '8192'],
      ['2048', '4096'],
      ['2048', '16384'],
      ['4096', '8192'],
      ['4096', '30720'],
      ['8192', '16384'],
      ['8192', '61440'],
      ['16384', '32768'],
      ['16384', '122880'],
    ] as const
  ).map(([cpu, memory]): [string, Partial<RegisterTaskDefinitionCommandInput>] => [
    `${cpu} CPU and ${memory} memory on Fargate`,
    sized(cpu, memory),
  ]),
  ['a size in words', sized('.5 vCPU', '1 GB')],
  ['the smallest size for Windows', sized('1 vCPU', '2GB', 'WINDOWS_SERVER_2022_CORE')],
  ['EFS with Linux on Fargate', { ...sized('256', '512'), volumes: [efs] }],
  ['FSx for Windows on instances', { containerDefinitions: [{ ...container, memory: 1 }], volumes: [fsx] }],
  ['no host port in the host network', mapped('host')],
  ['the same port in the host network', mapped('host', 8080)],
  ['a dynamic port in a bridge', mapped('bridge', 0)],
  ['two names in the environment and in the secrets', configured('KEY', 'SECRET')],
])('a task definition of %s is registered', async (_, over) => {
  const input = { family: 'accepted', containerDefinitions: [container], ...over };
  expect((await local.ecs.registerTaskDefinition(input)).taskDefinition?.status).toBe('ACTIVE');
});

test('a revision that was deregistered starts nothing more, and stays describable', async () => {
  const taskDefinition = await zone.registerTaskDefinition('retired:1');
  await local.ecs.deregisterTaskDefinition({ taskDefinition });
  await expect(zone.createService('refused', taskDefinition)).rejects.toThrow('TaskDefinition is inactive');
  const described = await local.ecs.describeTaskDefinition({ taskDefinition });
  expect(described.taskDefinition?.status).toBe('INACTIVE');
  expect((await local.ecs.listTaskDefinitions({ familyPrefix: 'retired' })).taskDefinitionArns).toEqual([]);
});

test('RunTask with the same token starts the same tasks, and another request with it is refused', async () => {
  const request = { cluster: 'zone', taskDefinition: definition, networkConfiguration: vpc, clientToken: 'run-1' };
  const first = await local.ecs.runTask(request);
  const second = await local.ecs.runTask(request);
  expect(second.tasks?.map(({ taskArn }) => taskArn)).toEqual(first.tasks?.map(({ taskArn }) => taskArn));
  await expect(local.ecs.runTask({ ...request, count: 2 })).rejects.toMatchObject({ name: 'ConflictException' });
  await expect(local.ecs.runTask({ ...request, clientToken: 'run-2', count: 11 })).rejects.toMatchObject({
    name: 'InvalidParameterException',
  });
});

test('tags are kept with what they tag, and read back where they are asked for', async () => {
  await zone.createService('tagged', definition, { desiredCount: 0, tags: [{ key: 'application', value: 'Orders' }] });
  const { serviceArn: resourceArn = '' } = await zone.service('tagged');
  await local.ecs.tagResource({ resourceArn, tags: [{ key: 'version', value: '1.4.2' }] });
  await local.ecs.untagResource({ resourceArn, tagKeys: ['application'] });
  const tags = [{ key: 'version', value: '1.4.2' }];
  expect((await local.ecs.listTagsForResource({ resourceArn })).tags).toEqual(tags);
  const described = await local.ecs.describeServices({ cluster: 'zone', services: ['tagged'], include: ['TAGS'] });
  expect(described.services?.[0]?.tags).toEqual(tags);
  await expect(local.ecs.tagResource({ resourceArn: `${resourceArn}0`, tags })).rejects.toMatchObject({
    name: 'ResourceNotFoundException',
  });
  await expect(local.ecs.tagResource({ resourceArn, tags: [{ key: 'bad', value: 'a;b' }] })).rejects.toMatchObject({
    name: 'InvalidParameterException',
  });
});

test('a cluster goes only when nothing is in it', async () => {
  await local.ecs.createCluster({ clusterName: 'short-lived' });
  const service = { cluster: 'short-lived', serviceName: 's', taskDefinition: definition, desiredCount: 0 };
  await local.ecs.createService({ ...service, networkConfiguration: vpc });
  const leave = { cluster: 'short-lived' };
  await expect(local.ecs.deleteCluster(leave)).rejects.toMatchObject({ name: 'ClusterContainsServicesException' });
  await local.ecs.deleteService({ ...leave, service: 's' });
  expect((await local.ecs.deleteCluster(leave)).cluster?.status).toBe('INACTIVE');
});
