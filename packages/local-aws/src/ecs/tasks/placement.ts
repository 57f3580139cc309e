/** How tasks are made: what a new task is like, and whether its cluster has room for it. */
import { randomUUID } from 'node:crypto';
import { arnOf, hexId } from '../../scope';
import type { Ecs } from '../ecs';
import type { Cluster, Container, Task, TaskDefinition } from '../state';
import { setTags } from '../tags';

export type TaskSettings = Pick<Task, 'group' | 'launchType' | 'loadBalancers'> &
  Partial<Pick<Task, 'startedBy' | 'serviceArn' | 'deploymentId' | 'overrides' | 'networkConfiguration'>> & {
    readonly tags?: readonly { readonly key?: string | undefined; readonly value?: string | undefined }[];
  };

/** How many more tasks the cluster has room for. */
export function roomIn(ecs: Ecs, cluster: Pick<Cluster, 'arn'>): number {
  const placed = Object.values(ecs.state.tasks).filter(
    (task) => task.clusterArn === cluster.arn && task.lastStatus !== 'STOPPED',
  );
  return Math.max(0, ecs.capacity() - placed.length);
}

/** Makes a task in the state PROVISIONING, without checking that there is room for it. */
export function placeTask(ecs: Ecs, cluster: Cluster, definition: TaskDefinition, settings: TaskSettings): Task {
  const id = hexId(32);
  const arn = arnOf(ecs.scope, 'ecs', `task/${cluster.name}/${id}`);
  const { tags, ...rest } = settings;
  const task: Task = {
    arn,
    id,
    clusterArn: cluster.arn,
    taskDefinitionArn: definition.arn,
    ...rest,
    createdAt: ecs.now(),
    lastStatus: 'PROVISIONING',
    since: ecs.now(),
    desiredStatus: 'RUNNING',
    containers: containersOf(definition),
    wasHealthy: false,
    failureCounted: false,
    stopsAtOnce: false,
    version: 1,
  };
  ecs.state.tasks[arn] = task;
  setTags(ecs, arn, tags ? [...tags] : []);
  ecs.changed();
  return task;
}

function containersOf(definition: TaskDefinition): Container[] {
  return (definition.settings.containerDefinitions ?? []).map((container) => ({
    name: container.name ?? '',
    image: container.image ?? '',
    essential: container.essential ?? true,
    runtimeId: `${randomUUID().replaceAll('-', '')}-${Date.now() % 1e10}`,
    ports: [],
    lastStatus: 'PENDING',
  }));
}
