/** ECS services: read with what a twin takes over, created or changed in one call. */
import { CreateServiceCommand, UpdateServiceCommand, type Service } from '@aws-sdk/client-ecs';
import { createHash } from 'node:crypto';
import type { ServicePlan } from '../../../planning/plans/green';
import type { Site } from '../../../planning/site';
import { ecsTags } from '../../../planning/names';
import type { ObservedService, ServiceSettings } from '../../../planning/observed/observed';
import { releaseIn } from '../../../planning/release/release';
import { describeServiceTogether } from '../client/batched-reads';
import type { AwsClients } from '../client/clients';
import { serviceChanged } from './service-changes';
import { describeTaskDefinition } from './task-definitions';

type Ecs = AwsClients['ecs'];

/** `undefined` when there is none, or it was deleted. */
export async function describeService(ecs: Ecs, cluster: string, name: string): Promise<Service | undefined> {
  const service = await describeServiceTogether(ecs, cluster, name);
  return service?.status === 'INACTIVE' ? undefined : service;
}

/** With its release, its settings and what stands in the way of a twin; `null` where there is none. */
export async function observeService(ecs: Ecs, cluster: string, name: string): Promise<ObservedService | null> {
  const service = await describeService(ecs, cluster, name);
  if (!service) return null;
  const taskDefinition = await describeTaskDefinition(ecs, service.taskDefinition ?? '');
  const release = taskDefinition && releaseIn(taskDefinition);
  return {
    name,
    desiredCount: service.desiredCount ?? 0,
    runningCount: service.runningCount ?? 0,
    pendingCount: service.pendingCount ?? 0,
    taskDefinitionArn: service.taskDefinition ?? '',
    targetGroupArns: (service.loadBalancers ?? []).flatMap(({ targetGroupArn }) => targetGroupArn ?? []),
    ...(release && { release }),
    settings: settingsOf(service),
    traits: traitsOf(service),
  };
}

/** Whether it scales is Application Auto Scaling's to say. */
function traitsOf({ deploymentController, deploymentConfiguration, schedulingStrategy, deployments }: Service) {
  return {
    controller: deploymentController?.type ?? 'ECS',
    strategy: deploymentConfiguration?.strategy ?? 'ROLLING',
    scheduling: schedulingStrategy ?? 'REPLICA',
    serviceConnect: deployments?.[0]?.serviceConnectConfiguration?.enabled ?? false,
    scales: false,
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
    healthCheckGracePeriodSeconds: service.healthCheckGracePeriodSeconds,
    enableExecuteCommand: service.enableExecuteCommand,
    enableECSManagedTags: service.enableECSManagedTags,
    propagateTags: service.propagateTags,
    availabilityZoneRebalancing: service.availabilityZoneRebalancing,
    deploymentConfiguration: { minimumHealthyPercent, maximumPercent },
  };
  return Object.fromEntries(Object.entries(settings).filter(([, value]) => value !== undefined));
}

/**
 * The service with this task definition, count and settings.
 * Effect: one CreateService, or one UpdateService. Idempotent: absolute; a creation bears the run's token.
 */
export async function setService(
  ecs: Ecs,
  { cluster, runId }: Site,
  plan: ServicePlan,
  taskDefinition: string,
  targetGroupArn: string,
): Promise<void> {
  const { launchType, ...updatable } = plan.settings;
  const common = {
    cluster,
    taskDefinition,
    desiredCount: plan.desiredCount,
    loadBalancers: [{ targetGroupArn, containerName: plan.container.name, containerPort: plan.container.port }],
    ...updatable,
  };
  const found = await describeService(ecs, cluster, plan.name);
  if (found) await ecs.send(new UpdateServiceCommand({ service: plan.name, ...common }));
  else
    await ecs.send(
      new CreateServiceCommand({
        serviceName: plan.name,
        clientToken: createHash('sha256').update(`${runId} ${plan.name}`).digest('hex').slice(0, 36),
        ...common,
        ...(launchType && { launchType }),
        tags: ecsTags(plan.tags),
      }),
    );
}

/** `atLeast` leaves a higher count as it is: somebody, or autoscaling, wanted it. */
export type CountBound = 'exactly' | 'atLeast';

/**
 * Effect: at most one UpdateService. Idempotent: absolute. A service that doesn't exist has no tasks: nothing to do for 0.
 * @param expected the task definition that it must still run, or somebody else deployed to it meanwhile
 */
export async function setDesiredCount(
  ecs: Ecs,
  cluster: string,
  service: string,
  desiredCount: number,
  expected?: string,
  bound: CountBound = 'exactly',
): Promise<void> {
  const found = await describeService(ecs, cluster, service);
  if (expected !== undefined && found && found.taskDefinition !== expected)
    throw serviceChanged(service, `it runs ${found.taskDefinition} instead of ${expected}`);
  if (found?.desiredCount === desiredCount || (!found && desiredCount === 0)) return;
  if (bound === 'atLeast' && (found?.desiredCount ?? 0) > desiredCount) return;
  await ecs.send(new UpdateServiceCommand({ cluster, service, desiredCount }));
}
