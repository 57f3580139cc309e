/** ECS services: created, changed or deleted in one call each, and never over somebody else's deployment. */
import {
  CreateServiceCommand,
  DeleteServiceCommand,
  UpdateServiceCommand,
  type Deployment,
  type Service,
} from '@aws-sdk/client-ecs';
import { ApplicationFailure } from '@temporalio/common';
import { createHash } from 'node:crypto';
import { ecsTags } from '../../../planning/names';
import { tagsAtCreation } from '../../../planning/tags';
import type { ServiceSettings } from '../../../planning/observed/observed';
import type { ServicePlan } from '../../../planning/plans/green';
import { detectionOf, detectionOff, type DetectionPlan } from '../../../planning/twin/failure-detection';
import { unchangeable } from '../../../planning/twin/service-settings';
import type { Site } from '../../../planning/site';
import { describeServiceTogether } from '../client/batched-reads';
import type { AwsClients } from '../client/clients';
import { unless } from '../client/errors';
import { confirmUnchanged } from '../confirmation';
import { writing, type AwsDependencies } from '../dependencies';
import { setServiceTags } from '../tags';

/** How many tasks a service is to want. */
export type WantedCount = {
  readonly service: string;
  /** The task definition that the service must still have, unless somebody else deployed to it meanwhile. Default: any. */
  readonly expecting?: string;
} & (
  | { readonly desiredCount: number }
  /** Leaves a higher count as it is: people, or autoscaling, wanted it. */
  | { readonly atLeast: number }
);

type Strategy = NonNullable<Service['capacityProviderStrategy']>;

/** AWS takes another strategy, or none any more (an empty list), only with a new deployment that is forced. */
function strategyChange({ capacityProviderStrategy: now = [] }: Service, wanted: Strategy = []) {
  return comparable(now) === comparable(wanted) ? {} : { capacityProviderStrategy: wanted, forceNewDeployment: true };
}

/** UpdateService leaves what it isn't told of: what is wanted no more is taken away by an empty list. */
const takenAway = ({ serviceRegistries = [], deployments = [] }: Service, wanted: ServiceSettings) => ({
  ...(serviceRegistries.length > 0 && !wanted.serviceRegistries && { serviceRegistries: [] }),
  ...(deployments[0]?.volumeConfigurations?.length && !wanted.volumeConfigurations && { volumeConfigurations: [] }),
});

/** What UpdateService is told, so that a service has these settings and no others, and ECS judges no deployment of it. */
export function updateOf(found: Service, wanted: ServiceSettings) {
  const { launchType: _, ...settings } = wanted;
  const off = detectionOff(detectionOf(found.deploymentConfiguration).failureDetection);
  return {
    ...settings,
    ...(settings.deploymentConfiguration && {
      deploymentConfiguration: { ...settings.deploymentConfiguration, ...off },
    }),
    ...takenAway(found, settings),
    ...strategyChange(found, settings.capacityProviderStrategy),
  };
}

/**
 * Whether UpdateService can't make it so. Another target group it does change, but where the former one is gone the new deployment
 * may never end (https://github.com/aws/containers-roadmap/issues/2196).
 */
const isAnother = (found: Service, wanted: ServiceSettings, groups: readonly string[]): boolean =>
  (found.loadBalancers ?? []).some((one) => !groups.includes(one.targetGroupArn ?? '')) ||
  unchangeable(found, wanted) !== undefined;

const comparable = (strategy: Strategy): string =>
  strategy
    .map(({ capacityProvider = '', weight = 0, base = 0 }) => `${capacityProvider} ${weight} ${base}`)
    .toSorted()
    .join();

export const serviceActivities = (aws: AwsDependencies) => ({
  /**
   * The service with this task definition, count and settings.
   * @param groups the ARN of its target group; several where it is behind several load balancers
   * Effect: one CreateService, or its tags and one UpdateService; where that can't make it so, one DeleteService first.
   * Idempotent: absolute; a creation bears the run's token, one for each target group.
   * @throws {ApplicationFailure} of type `NotYet`, retryable, while a service of this name that was deleted still drains
   */
  async setService(
    site: Site,
    plan: ServicePlan,
    taskDefinition: string,
    groups: string | readonly string[],
  ): Promise<void> {
    const { ecs } = writing(aws, site);
    const { cluster, runId } = site;
    const targetGroups = [groups].flat();
    const common = {
      cluster,
      taskDefinition,
      desiredCount: plan.desiredCount,
      loadBalancers: targetGroups.map((targetGroupArn, at) => {
        const { name: containerName, port: containerPort } = plan.ports?.[at] ?? plan.container;
        return { targetGroupArn, containerName, containerPort };
      }),
    };
    const found = await describeService(ecs, cluster, plan.name);
    if (found?.status === 'DRAINING')
      throw ApplicationFailure.retryable(`Service ${plan.name} was deleted and still drains.`, 'NotYet');
    if (found && isAnother(found, plan.settings, targetGroups)) {
      await ecs.send(new DeleteServiceCommand({ cluster, service: plan.name, force: true }));
      throw ApplicationFailure.retryable(`Service ${plan.name} is made anew, and drains first.`, 'NotYet');
    }
    if (found) {
      // First, for the tasks that it starts may inherit them.
      await setServiceTags(ecs, found, plan.tags, plan.tagsOfOthers);
      await ecs.send(new UpdateServiceCommand({ service: plan.name, ...common, ...updateOf(found, plan.settings) }));
    } else
      await ecs.send(
        new CreateServiceCommand({
          serviceName: plan.name,
          clientToken: createHash('sha256')
            .update(`${runId} ${plan.name} ${targetGroups.join(' ')}`)
            .digest('hex')
            .slice(0, 36),
          ...common,
          ...plan.settings,
          tags: ecsTags({ ...plan.tagsOfOthers, ...tagsAtCreation(plan.tags) }),
        }),
      );
  },

  /**
   * Gives a service this count. One that doesn't exist has no tasks: there is nothing to do for 0. It is asked for its count whatever
   * a read shows, for that may be older than the last change, or miss a service that was just created.
   * Effect: one UpdateService. Idempotent: absolute.
   * @throws {ApplicationFailure} of type `ServiceChangedByOthers` when it has another task definition than expected
   */
  async setDesiredCount(site: Site, wanted: WantedCount): Promise<void> {
    const { ecs } = writing(aws, site);
    const { cluster } = site;
    const { service, expecting } = wanted;
    const found = await expectRevision(ecs, cluster, service, expecting);
    const desiredCount = 'atLeast' in wanted ? Math.max(wanted.atLeast, found?.desiredCount ?? 0) : wanted.desiredCount;
    const update = ecs.send(new UpdateServiceCommand({ cluster, service, desiredCount }));
    if (desiredCount > 0) return void (await update);
    try {
      await unless('ServiceNotFound', undefined, unless('ServiceNotActive', undefined, update));
    } catch (failure) {
      // ECS takes no count for a service whose target group is in no rule, such as that of an idle slot.
      if (!(found && isIdle(found) && isNotYet(failure))) throw failure;
    }
  },

  /**
   * Lets ECS judge the service's own deployments again, as its owner wants it.
   * Effect: one UpdateService, which begins no deployment. Idempotent: absolute; a service that is gone is left alone.
   */
  async setFailureDetection(site: Site, { service, configuration }: DetectionPlan): Promise<void> {
    const { ecs } = writing(aws, site);
    const { cluster } = site;
    const update = ecs.send(new UpdateServiceCommand({ cluster, service, deploymentConfiguration: configuration }));
    await unless('ServiceNotFound', undefined, unless('ServiceNotActive', undefined, update));
  },

  /**
   * Deletes a service that wants no task.
   * Effect: at most one DeleteService, which AWS refuses while tasks are wanted. Idempotent: a service that is gone, or going, is left
   * alone.
   * @throws {ApplicationFailure} of type `ServiceChangedByOthers` when it wants a task again
   */
  async deleteService(site: Site, service: string): Promise<void> {
    const { ecs } = writing(aws, site);
    const { cluster } = site;
    await confirmUnchanged(async () => {
      const { desiredCount = 0 } = (await describeService(ecs, cluster, service)) ?? {};
      return desiredCount === 0 ? undefined : scaledMeanwhile(service, desiredCount);
    });
    const call = ecs.send(new DeleteServiceCommand({ cluster, service }));
    await unless('ServiceNotFound', undefined, unless('ServiceNotActive', undefined, call));
  },
});

const isIdle = ({ desiredCount, runningCount, pendingCount }: Service) =>
  [desiredCount, runningCount, pendingCount].every((count) => count === 0);

const isNotYet = (failure: unknown) => failure instanceof ApplicationFailure && failure.type === 'NotYet';

const scaledMeanwhile = (service: string, count: number) =>
  ApplicationFailure.nonRetryable(
    `Somebody scaled ECS service ${service} to ${count} while it was being removed: scale it to 0 and retry.`,
    'ServiceChangedByOthers',
  );

/**
 * The service, if it is seen, once it has the task definition that is expected of it.
 * @throws {ApplicationFailure} of type `ServiceChangedByOthers` when it keeps another one
 */
async function expectRevision(
  ecs: AwsClients['ecs'],
  cluster: string,
  name: string,
  expected: string | undefined,
): Promise<Service | undefined> {
  let found: Service | undefined;
  await confirmUnchanged(async () => {
    found = await describeService(ecs, cluster, name);
    const now = found?.taskDefinition;
    if (expected === undefined || now === undefined || now === expected) return undefined;
    return serviceChanged(name, `it runs ${now} instead of ${expected}`);
  });
  return found;
}

/** With its current deployment first, as everything here reads it. `undefined` when there is none, or it was deleted. */
export async function describeService(
  ecs: AwsClients['ecs'],
  cluster: string,
  name: string,
): Promise<Service | undefined> {
  const service = await describeServiceTogether(ecs, cluster, name);
  return service === undefined || service.status === 'INACTIVE' ? undefined : currentFirst(service);
}

/** AWS documents no order of the deployments. */
const currentFirst = (service: Service): Service =>
  service.deployments === undefined
    ? service
    : { ...service, deployments: service.deployments.toSorted((one, other) => rankOf(one) - rankOf(other)) };

const rankOf = ({ status }: Deployment) => (status === 'PRIMARY' ? 0 : 1);

/**
 * Somebody else changed the service in mid-deployment. The deployment holds; nothing is overwritten.
 * @param how what differs, as a clause, e.g. `it is gone`
 */
export const serviceChanged = (service: string, how: string): ApplicationFailure =>
  ApplicationFailure.nonRetryable(
    `ECS service ${service} was changed by somebody else: ${how}. Retry looks again and goes on once it is as it was; a rollback gives traffic to blue and takes green down.`,
    'ServiceChangedByOthers',
  );
