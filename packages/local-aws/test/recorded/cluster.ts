/** A cluster with task definitions, tasks and services, each changed and described once. */
import type { ContainerDefinition, DescribeTasksCommandOutput } from '@aws-sdk/client-ecs';
import { eventually, type LocalAws } from '../local-aws';

const cluster = 'zone';
const role = 'arn:aws:iam::123456789012:role/tasks';
const tags = [{ key: 'team', value: 'sales' }];
const awsvpcConfiguration = { subnets: ['subnet-a'], securityGroups: ['sg-1'], assignPublicIp: 'ENABLED' as const };

export async function fillCluster({ ecs }: LocalAws, targetGroupArn: string): Promise<void> {
  await fillSettings(ecs);
  const definition = await registerDefinitions(ecs);
  await fillServices(ecs, definition, targetGroupArn);
  await describeServices(ecs);
}

async function fillSettings(ecs: LocalAws['ecs']): Promise<void> {
  const logConfiguration = {
    cloudWatchLogGroupName: 'commands',
    cloudWatchEncryptionEnabled: true,
    s3BucketName: 'commands',
    s3EncryptionEnabled: false,
  };
  const kmsKeyId = 'arn:aws:kms:us-east-1:123456789012:key/1';
  await ecs.createCluster({
    clusterName: cluster,
    settings: [{ name: 'containerInsights', value: 'disabled' }],
    capacityProviders: ['FARGATE', 'FARGATE_SPOT'],
    configuration: { executeCommandConfiguration: { kmsKeyId, logging: 'OVERRIDE', logConfiguration } },
    tags,
  });
  await ecs.updateCluster({ cluster, serviceConnectDefaults: { namespace: 'sales' } });
  await ecs.updateClusterSettings({ cluster, settings: [{ name: 'containerInsights', value: 'enabled' }] });
  await ecs.putClusterCapacityProviders({
    cluster,
    capacityProviders: ['FARGATE', 'FARGATE_SPOT'],
    defaultCapacityProviderStrategy: [{ capacityProvider: 'FARGATE', weight: 1, base: 1 }],
  });
  const include = ['ATTACHMENTS', 'CONFIGURATIONS', 'SETTINGS', 'STATISTICS', 'TAGS'] as const;
  await ecs.describeClusters({ clusters: [cluster, 'missing'], include: [...include] });
  await ecs.listClusters({});
  await ecs.describeCapacityProviders({});
  await ecs.listAccountSettings({ effectiveSettings: true });
  await ecs.listContainerInstances({ cluster });
  await ecs.describeContainerInstances({ cluster, containerInstances: ['missing'] });
}

/** With every member that the recorded ones were given. */
const container = {
  name: 'web',
  image: 'orders:1',
  cpu: 64,
  memory: 256,
  memoryReservation: 128,
  portMappings: [{ name: 'web', containerPort: 8080, appProtocol: 'http' }],
  environment: [{ name: 'GREETING', value: 'hello' }],
  environmentFiles: [],
  mountPoints: [{ sourceVolume: 'files', containerPath: '/files', readOnly: true }],
  secrets: [],
  dockerLabels: { team: 'sales' },
  entryPoint: [],
  command: [],
  links: [],
  dnsServers: [],
  dnsSearchDomains: [],
  extraHosts: [],
  dockerSecurityOptions: [],
  privileged: false,
  pseudoTerminal: false,
  readonlyRootFilesystem: false,
  linuxParameters: { capabilities: {}, devices: [] },
  logConfiguration: { logDriver: 'awslogs', options: { 'awslogs-group': 'orders', 'awslogs-region': 'us-east-1' } },
} satisfies ContainerDefinition;

/** @returns the ARN of one that starts */
async function registerDefinitions(ecs: LocalAws['ecs']): Promise<string> {
  const register = async (over: Partial<ContainerDefinition> = {}) => {
    const { taskDefinition } = await ecs.registerTaskDefinition({
      family: 'orders',
      networkMode: 'awsvpc',
      requiresCompatibilities: ['FARGATE'],
      cpu: '256',
      memory: '512',
      runtimePlatform: { cpuArchitecture: 'X86_64', operatingSystemFamily: 'LINUX' },
      tags,
      taskRoleArn: role,
      executionRoleArn: role,
      volumes: [{ name: 'files', host: {} }],
      containerDefinitions: [{ ...container, ...over }],
    });
    return taskDefinition?.taskDefinitionArn ?? '';
  };
  const taskDefinition = await register();
  const secrets = [{ name: 'PASSWORD', valueFrom: 'arn:aws:ssm:us-east-1:123456789012:parameter/password' }];
  const failing = await register({ image: 'absent:1', command: ['serve'], secrets });
  await ecs.describeTaskDefinition({ taskDefinition: failing, include: ['TAGS'] });
  const plain = { memory: 128, image: 'orders:1' };
  const linked = [
    { ...plain, name: 'web', links: ['files'] },
    { ...plain, name: 'files' },
  ];
  await ecs.registerTaskDefinition({ family: 'linked', containerDefinitions: linked });
  await ecs.listTaskDefinitions({});
  await ecs.listTaskDefinitionFamilies({});
  const run = { cluster, taskDefinition: failing, networkConfiguration: { awsvpcConfiguration }, tags };
  const task = (await ecs.runTask({ ...run, launchType: 'FARGATE' })).tasks?.[0]?.taskArn ?? '';
  const describe = async () => await ecs.describeTasks({ cluster, tasks: [task], include: ['TAGS'] });
  await eventually(describe, ({ tasks }) => tasks?.[0]?.lastStatus === 'STOPPED');
  await ecs.deregisterTaskDefinition({ taskDefinition: failing });
  return taskDefinition;
}

async function fillServices(ecs: LocalAws['ecs'], taskDefinition: string, targetGroupArn: string): Promise<void> {
  const common = {
    cluster,
    taskDefinition,
    networkConfiguration: { awsvpcConfiguration },
    enableECSManagedTags: true,
    desiredCount: 1,
  };
  await ecs.createService({
    ...common,
    serviceName: 'orders',
    launchType: 'FARGATE',
    loadBalancers: [{ targetGroupArn, containerName: 'web', containerPort: 8080 }],
    healthCheckGracePeriodSeconds: 60,
    propagateTags: 'SERVICE',
    tags,
    deploymentController: { type: 'ECS' },
    deploymentConfiguration: { alarms: { alarmNames: [], enable: false, rollback: false } },
    serviceConnectConfiguration: { enabled: false },
    serviceRegistries: [{ registryArn: 'arn:aws:servicediscovery:us-east-1:123456789012:service/srv-1' }],
  });
  const capacityProviderStrategy = [{ capacityProvider: 'FARGATE', weight: 1, base: 0 }];
  await ecs.createService({ ...common, serviceName: 'spread', capacityProviderStrategy });
  const placementStrategy = [{ type: 'spread' as const, field: 'attribute:ecs.availability-zone' }];
  const managedEBSVolume = {
    roleArn: role,
    sizeInGiB: 100,
    volumeType: 'gp3',
    iops: 3000,
    throughput: 125,
    filesystemType: 'ext4' as const,
  };
  const volumeConfigurations = [{ name: 'files', managedEBSVolume }];
  const { taskDefinition: withVolume } = await ecs.registerTaskDefinition({
    family: 'placed',
    networkMode: 'awsvpc',
    volumes: [{ name: 'files', configuredAtLaunch: true }],
    containerDefinitions: [container],
  });
  await ecs.createService({
    ...common,
    taskDefinition: withVolume?.taskDefinitionArn,
    serviceName: 'placed',
    launchType: 'EC2',
    placementStrategy,
    volumeConfigurations,
  });
}

async function describeServices(ecs: LocalAws['ecs']): Promise<void> {
  for (const serviceName of ['orders', 'spread'])
    await eventually(
      async (): Promise<Partial<DescribeTasksCommandOutput>> => {
        const { taskArns = [] } = await ecs.listTasks({ cluster, serviceName });
        return taskArns.length === 0 ? {} : await ecs.describeTasks({ cluster, tasks: taskArns, include: ['TAGS'] });
      },
      ({ tasks }) => tasks?.[0]?.lastStatus === 'RUNNING',
    );
  const services = ['orders', 'spread', 'placed', 'missing'];
  await eventually(
    () => ecs.describeServices({ cluster, services, include: ['TAGS'] }),
    ({ services: found = [] }) => found.every(({ events = [] }) => events.length > 0),
  );
  const { serviceArns = [] } = await ecs.listServices({ cluster });
  await ecs.listTagsForResource({ resourceArn: serviceArns.find((arn) => arn.endsWith('/orders')) });
  for (const service of ['orders', 'spread']) {
    const { serviceDeployments = [] } = await ecs.listServiceDeployments({ cluster, service });
    const { serviceDeploymentArn = '', targetServiceRevisionArn = '' } = serviceDeployments[0] ?? {};
    await ecs.describeServiceDeployments({ serviceDeploymentArns: [serviceDeploymentArn] });
    await ecs.describeServiceRevisions({ serviceRevisionArns: [targetServiceRevisionArn] });
  }
}

export async function emptyCluster({ ecs }: LocalAws): Promise<void> {
  const { taskArns: tasks = [] } = await ecs.listTasks({ cluster, serviceName: 'orders' });
  await ecs.updateTaskProtection({ cluster, tasks, protectionEnabled: true, expiresInMinutes: 60 });
  await ecs.getTaskProtection({ cluster, tasks });
  await ecs.stopTask({ cluster, task: tasks[0], reason: 'enough' });
  for (const service of ['orders', 'spread', 'placed']) {
    await ecs.updateService({ cluster, service, desiredCount: 0 });
    await ecs.deleteService({ cluster, service, force: true });
  }
}
