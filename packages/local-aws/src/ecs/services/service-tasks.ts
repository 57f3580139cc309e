/** The tasks of a service, as its scheduler starts them. */
import type { Ecs } from '../ecs';
import type { Deployment, Service, Task } from '../state';
import { tagsOf } from '../tags';
import { placeTask, roomIn, type Place } from '../tasks/placement';
import { strategyOf, taskLaunchTypeOf } from './capacity';

/**
 * Starts a task of a deployment; undefined when there is no room for it.
 * @param places where it may be, by default in any subnet of the service
 */
export function startTask(
  ecs: Ecs,
  service: Service,
  deployment: Deployment,
  places?: readonly Place[],
): Task | undefined {
  const cluster = ecs.state.clusters[service.clusterArn];
  const definition = ecs.state.taskDefinitions[deployment.taskDefinition];
  if (cluster === undefined || definition === undefined || roomIn(ecs, cluster) === 0) return undefined;
  const settings = {
    group: `service:${service.name}`,
    startedBy: deployment.id,
    serviceArn: service.arn,
    deploymentId: deployment.id,
    launchType: taskLaunchTypeOf(deployment.settings),
    capacityProviderName: strategyOf(deployment.settings)?.[0]?.capacityProvider,
    loadBalancers: deployment.settings.loadBalancers ?? [],
    networkConfiguration: deployment.settings.networkConfiguration,
    tags: propagatedTags(ecs, service, deployment),
  };
  return placeTask(ecs, cluster, { definition, settings, ...(places && { places }) });
}

function propagatedTags(ecs: Ecs, service: Service, deployment: Deployment): ReturnType<typeof tagsOf> {
  if (service.settings.propagateTags === 'SERVICE') return tagsOf(ecs, service.arn);
  return service.settings.propagateTags === 'TASK_DEFINITION' ? tagsOf(ecs, deployment.taskDefinition) : [];
}
