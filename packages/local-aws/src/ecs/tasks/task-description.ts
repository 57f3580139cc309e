/** A task as DescribeTasks shows it. */
import type {
  Attachment,
  Container as ContainerDescription,
  NetworkBinding,
  Task as TaskDescription,
} from '@aws-sdk/client-ecs';
import { zoneAt } from '../../subnets';
import type { Ecs } from '../ecs';
import { latestPlatformVersion, platformFamilyOf } from '../platform';
import type { Container, Task, TaskDefinition } from '../state';
import { tagsOf } from '../tags';
import { taskAddress } from './targets';

export function describeTask(ecs: Ecs, task: Task, withTags = false): TaskDescription {
  const definition = ecs.state.taskDefinitions[task.taskDefinitionArn]?.settings;
  const hasNetwork = definition?.networkMode === 'awsvpc';
  return {
    taskArn: task.arn,
    clusterArn: task.clusterArn,
    taskDefinitionArn: task.taskDefinitionArn,
    group: task.group,
    startedBy: task.startedBy,
    launchType: task.launchType as 'EC2',
    capacityProviderName: task.capacityProviderName,
    ...(task.launchType === 'FARGATE' && {
      platformVersion: latestPlatformVersion(definition),
      platformFamily: platformFamilyOf(definition),
      ephemeralStorage: definition?.ephemeralStorage ?? { sizeInGiB: 20 },
      fargateEphemeralStorage: definition?.ephemeralStorage ?? { sizeInGiB: 20 },
    }),
    cpu: definition?.cpu,
    memory: definition?.memory,
    lastStatus: task.lastStatus,
    desiredStatus: task.desiredStatus,
    healthStatus: 'UNKNOWN',
    connectivity: 'CONNECTED',
    connectivityAt: task.lastStatus === 'PROVISIONING' ? undefined : new Date(task.createdAt),
    enableExecuteCommand: ecs.state.services[task.serviceArn ?? '']?.settings.enableExecuteCommand ?? false,
    version: task.version,
    availabilityZone: task.availabilityZone ?? zoneAt(ecs.scope.region, 0),
    overrides: {
      containerOverrides: task.containers.map(({ name }) => ({ name })),
      inferenceAcceleratorOverrides: [],
      ...task.overrides,
    },
    attachments: hasNetwork ? [describeInterface(task)] : [],
    attributes: [
      { name: 'ecs.cpu-architecture', value: definition?.runtimePlatform?.cpuArchitecture?.toLowerCase() ?? 'x86_64' },
    ],
    containers: task.containers.map((container) => describeContainer(task, container, hasNetwork, definition)),
    tags: withTags ? tagsOf(ecs, task.arn) : [],
    stopCode: task.stopCode,
    stoppedReason: task.stoppedReason,
    createdAt: new Date(task.createdAt),
    pullStartedAt: dateOf(task.pullStartedAt),
    pullStoppedAt: dateOf(task.pullStoppedAt),
    startedAt: dateOf(task.startedAt),
    stoppingAt: dateOf(task.stoppingAt),
    executionStoppedAt: dateOf(task.executionStoppedAt),
    stoppedAt: dateOf(task.stoppedAt),
  };
}

/** The network interface of a task in its own network. Where no engine gives it an address, all have the loopback address and different ports. */
function describeInterface(task: Task): Attachment {
  const { address = taskAddress } = task;
  return {
    id: `${task.id.slice(0, 8)}-${task.id.slice(8, 12)}-${task.id.slice(12, 16)}-${task.id.slice(16, 20)}-${task.id.slice(20)}`,
    type: 'ElasticNetworkInterface',
    status: task.lastStatus === 'STOPPED' ? 'DELETED' : task.lastStatus === 'PROVISIONING' ? 'PRECREATED' : 'ATTACHED',
    details: [
      ...(task.subnet === undefined ? [] : [{ name: 'subnetId', value: task.subnet }]),
      { name: 'networkInterfaceId', value: `eni-${task.id.slice(0, 17)}` },
      { name: 'macAddress', value: `0a:${task.id.slice(0, 10).match(/../g)?.join(':')}` },
      { name: 'privateDnsName', value: `ip-${address.replaceAll('.', '-')}.ec2.internal` },
      { name: 'privateIPv4Address', value: address },
    ],
  };
}

function describeContainer(
  task: Task,
  container: Container,
  hasNetwork: boolean,
  definition: TaskDefinition['settings'] | undefined,
): ContainerDescription {
  const own = definition?.containerDefinitions?.find(({ name }) => name === container.name);
  const bindings = container.ports.map(({ containerPort, hostPort }): NetworkBinding => ({
    bindIP: task.address ?? taskAddress,
    containerPort,
    hostPort,
    protocol: 'tcp',
  }));
  return {
    containerArn: `${task.arn.replace(':task/', ':container/')}/${container.runtimeId.slice(0, 32)}`,
    taskArn: task.arn,
    name: container.name,
    image: container.image,
    imageDigest: container.imageDigest,
    runtimeId: container.runtimeId,
    lastStatus: container.lastStatus,
    cpu: textOf(own?.cpu ?? 0),
    memory: textOf(own?.memory),
    memoryReservation: textOf(own?.memoryReservation),
    exitCode: container.exitCode,
    reason: container.reason,
    healthStatus: 'UNKNOWN',
    managedAgents: [],
    // AWS leaves them out for a task with a network of its own; here they show which port is the container's.
    networkBindings: bindings,
    networkInterfaces: hasNetwork
      ? [{ attachmentId: describeInterface(task).id, privateIpv4Address: task.address ?? taskAddress }]
      : [],
  };
}

const textOf = (value: number | undefined) => (value === undefined ? undefined : `${value}`);

function dateOf(milliseconds: number | undefined): Date | undefined {
  return milliseconds === undefined ? undefined : new Date(milliseconds);
}
