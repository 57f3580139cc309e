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
  const service = await describeUndrained(ecs, cluster, name);
  if (!service) return null;
  const [taskDefinition, revision] = await together([
    describeTaskDefinition(ecs, service.taskDefinition ?? ''),
    describeRevision(ecs, service),
  ]);
  return observed(name, service, recordedIn(taskDefinition), revision);
}

/**
 * As {@link observeService}, for who asks what serves of a whole zone, again and again: in a tenth of a call, and one more for a task
 * definition that wasn't seen before. Of the settings it lacks those that only a revision tells.
 */
export async function observeServing(
  ecs: AwsClients['ecs'],
  cluster: string,
  name: string,
): Promise<ObservedService | null> {
  const service = await describeUndrained(ecs, cluster, name);
  return service ? observed(name, service, await readRecorded(ecs, service.taskDefinition ?? '')) : null;
}

async function describeUndrained(ecs: AwsClients['ecs'], cluster: string, name: string): Promise<Service | undefined> {
  const service = await describeService(ecs, cluster, name);
  return service?.status === 'DRAINING' ? undefined : service;
}

/** What a task definition says of the release. */
type Recorded = Pick<ObservedService, 'release' | 'adoptedWith'>;

function recordedIn(taskDefinition: TaskDefinition | undefined): Recorded {
  const release = taskDefinition && releaseIn(taskDefinition);
  return { ...(release && { release }), ...adoptedWith(taskDefinition) };
}

/** By client and ARN: a revision of a task definition is never changed, but for its tags and whether it may be used. */
const recorded = new WeakMap<AwsClients['ecs'], Map<string, Recorded>>();
const mostRecorded = 5_000;

async function readRecorded(ecs: AwsClients['ecs'], arn: string): Promise<Recorded> {
  const known = recorded.get(ecs) ?? new Map<string, Recorded>();
  recorded.set(ecs, known);
  const found = known.get(arn) ?? recordedIn(await describeTaskDefinition(ecs, arn));
  // Whoever was asked for last is forgotten last.
  known.delete(arn);
  known.set(arn, found);
  const [oldest] = known.keys();
  if (known.size > mostRecorded && oldest !== undefined) known.delete(oldest);
  return found;
}

function observed(name: string, service: Service, says: Recorded, revision?: ServiceRevision): ObservedService {
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
    ...says,
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
