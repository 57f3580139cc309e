/** An ECS service as a plan sees it: with its release, the settings that a twin takes over, and what rules a twin out. */
import type { Service, TaskDefinition } from '@aws-sdk/client-ecs';
import { fromEcsTags } from '../../../planning/names';
import type { ObservedService, ServiceSettings } from '../../../planning/observed/observed';
import { recordIn, releaseIn } from '../../../planning/release/release';
import { detectionOf } from '../../../planning/twin/failure-detection';
import { missingInTwin } from '../../../planning/twin/members';
import type { AwsClients } from '../client/clients';
import { describeService } from './services';
import { describeTaskDefinition } from './task-definitions';

/** `null` where there is no such service, or it was deleted and still drains. */
export async function observeService(
  ecs: AwsClients['ecs'],
  cluster: string,
  name: string,
): Promise<ObservedService | null> {
  const service = await describeService(ecs, cluster, name);
  if (!service || service.status === 'DRAINING') return null;
  const taskDefinition = await describeTaskDefinition(ecs, service.taskDefinition ?? '');
  const release = taskDefinition && releaseIn(taskDefinition);
  return {
    name,
    ...(service.serviceArn !== undefined && { arn: service.serviceArn }),
    tags: fromEcsTags(service.tags),
    desiredCount: service.desiredCount ?? 0,
    runningCount: service.runningCount ?? 0,
    pendingCount: service.pendingCount ?? 0,
    taskDefinitionArn: service.taskDefinition ?? '',
    targetGroupArns: (service.loadBalancers ?? []).flatMap(({ targetGroupArn }) => targetGroupArn ?? []),
    ...portsOf(service),
    ...(release && { release }),
    ...adoptedWith(taskDefinition),
    settings: settingsOf(service),
    traits: traitsOf(service),
    ...detectionOf(service.deploymentConfiguration),
  };
}

function portsOf({ loadBalancers = [] }: Service): Pick<ObservedService, 'container' | 'ports'> {
  const ports = loadBalancers.flatMap(({ targetGroupArn, containerName: name, containerPort: port }) =>
    targetGroupArn === undefined || name === undefined || port === undefined ? [] : [{ targetGroupArn, name, port }],
  );
  const [first] = ports;
  return first ? { container: { name: first.name, port: first.port }, ports } : {};
}

function adoptedWith(taskDefinition: TaskDefinition | undefined): Pick<ObservedService, 'adoptedWith'> {
  const { adopted } = recordIn(taskDefinition);
  return typeof adopted === 'string' ? { adoptedWith: adopted } : {};
}

function traitsOf(service: Service) {
  const { deploymentController, deploymentConfiguration, schedulingStrategy, deployments } = service;
  return {
    controller: service.resourceManagementType === 'ECS' ? 'ECS Express Mode' : (deploymentController?.type ?? 'ECS'),
    strategy: deploymentConfiguration?.strategy ?? 'ROLLING',
    scheduling: schedulingStrategy ?? 'REPLICA',
    serviceConnect: deployments?.[0]?.serviceConnectConfiguration?.enabled ?? false,
    missingInTwin: missingInTwin(service),
  };
}

function settingsOf(service: Service): ServiceSettings {
  const { minimumHealthyPercent = 100, maximumPercent = 200 } = service.deploymentConfiguration ?? {};
  const settings = {
    launchType: service.capacityProviderStrategy?.length ? undefined : service.launchType,
    capacityProviderStrategy: service.capacityProviderStrategy?.length ? service.capacityProviderStrategy : undefined,
    platformVersion: service.platformVersion,
    networkConfiguration: service.networkConfiguration,
    placementConstraints: service.placementConstraints,
    placementStrategy: service.placementStrategy,
    serviceRegistries: service.serviceRegistries?.length ? service.serviceRegistries : undefined,
    volumeConfigurations: service.deployments?.[0]?.volumeConfigurations,
    healthCheckGracePeriodSeconds: service.healthCheckGracePeriodSeconds,
    enableExecuteCommand: service.enableExecuteCommand,
    enableECSManagedTags: service.enableECSManagedTags,
    propagateTags: service.propagateTags,
    availabilityZoneRebalancing: service.availabilityZoneRebalancing,
    deploymentConfiguration: { minimumHealthyPercent, maximumPercent },
  };
  return Object.fromEntries(Object.entries(settings).filter(([, value]) => value !== undefined));
}
