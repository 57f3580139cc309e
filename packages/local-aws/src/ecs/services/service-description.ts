/** A service as DescribeServices shows it. Lists are never absent, because clients index them. */
import type { Deployment as DeploymentDescription, Service as ServiceDescription } from '@aws-sdk/client-ecs';
import { accountId } from '../../scope';
import { tasksOfService, type Ecs } from '../ecs';
import type { Deployment, Service, Task } from '../state';
import { tagsOf } from '../tags';
import { launchTypeOf, taskLaunchTypeOf } from './capacity';
import { describePlatform } from './platform';
import { serviceDeploymentArn, summarize } from './service-deployments';

export function describeService(ecs: Ecs, service: Service, withTags = false): ServiceDescription {
  const tasks = tasksOfService(ecs, service);
  const { settings } = service;
  const isFargate = taskLaunchTypeOf(settings) === 'FARGATE';
  return {
    ...settings,
    launchType: launchTypeOf(settings),
    ...describePlatform(ecs, service),
    ...(isFargate && { platformVersion: settings.platformVersion ?? 'LATEST' }),
    serviceArn: service.arn,
    serviceName: service.name,
    clusterArn: service.clusterArn,
    status: service.status,
    loadBalancers: settings.loadBalancers ?? [],
    serviceRegistries: settings.serviceRegistries ?? [],
    placementConstraints: settings.placementConstraints ?? [],
    placementStrategy: settings.placementStrategy ?? [],
    desiredCount: service.desiredCount,
    runningCount: runningOf(tasks).length,
    pendingCount: pendingOf(tasks).length,
    taskDefinition: service.taskDefinition,
    deployments: service.deployments.map((deployment) => describeDeployment(ecs, deployment, tasks)),
    roleArn: settings.role ?? `arn:aws:iam::${accountId}:role/aws-service-role/ecs.amazonaws.com/AWSServiceRoleForECS`,
    events: service.events.map(({ id, createdAt, message }) => ({ id, createdAt: new Date(createdAt), message })),
    ...describeCurrent(ecs, service),
    createdAt: new Date(service.createdAt),
    createdBy: `arn:aws:iam::${accountId}:user/local`,
    tags: withTags ? tagsOf(ecs, service.arn) : [],
  };
}

/** The service deployment that is under way or was the last, and the revisions that have or want tasks. */
function describeCurrent(
  ecs: Ecs,
  service: Service,
): Pick<ServiceDescription, 'currentServiceDeployment' | 'currentServiceRevisions'> {
  const [record] = service.history ?? [];
  if (record === undefined) return {};
  const revisions = service.deployments.map(({ revision = '', status, desiredCount }) =>
    summarize(ecs, service, revision, status === 'PRIMARY' ? desiredCount : 0),
  );
  return { currentServiceDeployment: serviceDeploymentArn(service, record), currentServiceRevisions: revisions };
}

function describeDeployment(ecs: Ecs, deployment: Deployment, all: readonly Task[]): DeploymentDescription {
  const tasks = all.filter(({ deploymentId }) => deploymentId === deployment.id);
  const { networkConfiguration, launchType, capacityProviderStrategy = [] } = deployment.settings;
  const { serviceConnectConfiguration, volumeConfigurations } = deployment.settings;
  return {
    id: deployment.id,
    status: deployment.status,
    taskDefinition: deployment.taskDefinition,
    desiredCount: deployment.status === 'PRIMARY' ? deployment.desiredCount : 0,
    pendingCount: pendingOf(tasks).length,
    runningCount: runningOf(tasks).length,
    failedTasks: deployment.failedTasks,
    createdAt: new Date(deployment.createdAt),
    updatedAt: new Date(deployment.updatedAt),
    capacityProviderStrategy,
    launchType,
    ...describePlatform(ecs, deployment),
    networkConfiguration,
    serviceConnectConfiguration,
    volumeConfigurations,
    rolloutState: deployment.rolloutState,
    rolloutStateReason: deployment.rolloutStateReason,
  };
}

/** The tasks that run, draining ones included. */
function runningOf(tasks: readonly Task[]): readonly Task[] {
  return tasks.filter(({ lastStatus }) => lastStatus === 'RUNNING' || lastStatus === 'DEACTIVATING');
}

function pendingOf(tasks: readonly Task[]): readonly Task[] {
  return tasks.filter(({ lastStatus }) => ['PROVISIONING', 'PENDING', 'ACTIVATING'].includes(lastStatus));
}
