/** How tasks are made: what a new task is like, and whether its cluster has room for it. */
import { randomUUID } from 'node:crypto';
import { arnOf, hexId } from '../../scope';
import { zoneAt, zonesOfSubnets } from '../../subnets';
import { isWanted, putTask, type Ecs } from '../ecs';
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

/** Where a task with a network of its own is. */
export interface Place {
  readonly subnet: string;
  readonly availabilityZone: string;
}

/** The places that a network configuration allows: its subnets. */
export function placesIn(ecs: Ecs, network: Task['networkConfiguration']): Place[] {
  const known = zonesOfSubnets(ecs.scope.region, ecs.elbv2.state, ecs.state);
  const subnets = network?.awsvpcConfiguration?.subnets ?? [];
  return subnets.map((subnet, index) => ({
    subnet,
    availabilityZone: known.get(subnet) ?? zoneAt(ecs.scope.region, index),
  }));
}

/** How many more tasks a zone has room for. */
function roomInZone(ecs: Ecs, cluster: Pick<Cluster, 'arn'>, zone: string): number {
  const placed = Object.values(ecs.state.tasks).filter(
    (task) => task.clusterArn === cluster.arn && task.availabilityZone === zone && task.lastStatus !== 'STOPPED',
  );
  return Math.max(0, ecs.capacity(zone) - placed.length);
}

/** The place whose zone has the fewest tasks of the deployment, of those with room. */
function choosePlace(ecs: Ecs, cluster: Cluster, places: readonly Place[], settings: TaskSettings): Place | undefined {
  const siblings = Object.values(ecs.state.tasks).filter(
    (task) => isWanted(task) && task.deploymentId !== undefined && task.deploymentId === settings.deploymentId,
  );
  const count = ({ availabilityZone }: Place): number =>
    siblings.filter((task) => task.availabilityZone === availabilityZone).length;
  return places
    .filter(({ availabilityZone }) => roomInZone(ecs, cluster, availabilityZone) > 0)
    .toSorted((one, other) => count(one) - count(other))[0];
}

/** A task that is to be made. */
export interface NewTask {
  readonly definition: TaskDefinition;
  readonly settings: TaskSettings;
  /** Where it may be. Default: in any subnet of its network. */
  readonly places?: readonly Place[];
}

/**
 * Makes a task in the state PROVISIONING, without checking that its cluster has room for it. Undefined when none of the zones that it
 * may be in has room.
 */
export function placeTask(ecs: Ecs, cluster: Cluster, { definition, settings, ...given }: NewTask): Task | undefined {
  const places = given.places ?? placesIn(ecs, settings.networkConfiguration);
  const place = choosePlace(ecs, cluster, places, settings);
  if (places.length > 0 && place === undefined) return undefined;
  const id = hexId(32);
  const arn = arnOf(ecs.scope, 'ecs', `task/${cluster.name}/${id}`);
  const { tags, ...rest } = settings;
  const task: Task = {
    arn,
    id,
    clusterArn: cluster.arn,
    taskDefinitionArn: definition.arn,
    ...rest,
    ...place,
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
  putTask(ecs, task);
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
