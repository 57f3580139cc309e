/** An ECS service as a plan sees it: with its release, the settings that a twin takes over, and what rules a twin out. */
import { together } from '../../concurrency';
import {
  DescribeServiceRevisionsCommand,
  type Service,
  type ServiceRevision,
  type TaskDefinition,
} from '@aws-sdk/client-ecs';
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
  const [taskDefinition, revision] = await together([
    describeTaskDefinition(ecs, service.taskDefinition ?? ''),
    describeRevision(ecs, service),
  ]);
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
    settings: settingsOf(service, revision),
    traits: traitsOf(service, revision),
    ...detectionOf(service.deploymentConfiguration),
  };
}

/**
 * The newest of what a service deploys. AWS tells some of its settings there only. One call; none for a service that wants no task,
 * which nothing becomes a twin of.
 */
async function describeRevision(
  ecs: AwsClients['ecs'],
  { desiredCount = 0, currentServiceRevisions = [] }: Service,
): Promise<ServiceRevision | undefined> {
  const serviceRevisionArns = currentServiceRevisions.flatMap(({ arn }) => arn ?? []).slice(0, 20);
  if (desiredCount === 0 || serviceRevisionArns.length === 0) return undefined;
  const { serviceRevisions = [] } = await ecs.send(new DescribeServiceRevisionsCommand({ serviceRevisionArns }));
  const madeAt = ({ createdAt }: ServiceRevision) => createdAt?.getTime() ?? 0;
  return serviceRevisions.toSorted((one, other) => madeAt(other) - madeAt(one))[0];
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

function traitsOf(service: Service, revision: ServiceRevision | undefined) {
  const { deploymentController, deploymentConfiguration, schedulingStrategy, deployments } = service;
  return {
    controller: service.resourceManagementType === 'ECS' ? 'ECS Express Mode' : (deploymentController?.type ?? 'ECS'),
    strategy: deploymentConfiguration?.strategy ?? 'ROLLING',
    scheduling: schedulingStrategy ?? 'REPLICA',
    serviceConnect: deployments?.[0]?.serviceConnectConfiguration?.enabled ?? false,
    missingInTwin: missingInTwin(service, revision),
  };
}

function settingsOf(service: Service, revision: ServiceRevision | undefined): ServiceSettings {
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
    monitoring: revision?.monitoring?.metricConfigurations?.length ? revision.monitoring : undefined,
    deploymentConfiguration: { minimumHealthyPercent, maximumPercent },
  };
  return Object.fromEntries(Object.entries(settings).filter(([, value]) => value !== undefined));
}
