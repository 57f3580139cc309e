/** What every operation of ECS and the scheduler use, and the look-ups that they share. */
import type { Elbv2 } from '../elbv2/elbv2';
import type { TaskFaults } from '../faults/task-faults';
import type { LogsState } from '../logs/state';
import { fail } from '../protocol/errors';
import { arnOf, type Scope } from '../scope';
import type { Cluster, EcsState, Service, Task, TaskDefinition } from './state';
import type { TaskRunner } from './tasks/runner';

export interface Ecs {
  readonly state: EcsState;
  readonly scope: Scope;
  readonly elbv2: Elbv2;
  /** The containers' log streams. */
  readonly logs: LogsState;
  /** All of AWS's own times are divided by it. */
  readonly timeScale: number;
  readonly now: () => number;
  /** To be called after every change. */
  readonly changed: () => void;
  /** Resolves when every change is stored. */
  readonly saved: () => Promise<void>;
  /** Asks the scheduler for its next round now rather than soon. */
  readonly wake: () => void;
  /** The number of tasks that a cluster has room for, or a zone of it. */
  readonly capacity: (zone?: string) => number;
  /** What runs the tasks' containers, and has their images. */
  readonly runner: TaskRunner;
  readonly taskFaults: TaskFaults;
  /** The folder with a folder for every task. */
  readonly tasksFolder: string;
}

/** One of AWS's own durations, divided by the time scale. */
export function scaled(ecs: Ecs, milliseconds: number): number {
  return milliseconds / ecs.timeScale;
}

/**
 * Finds a cluster by name or ARN; `default` when none is given.
 * @throws {AwsError} with code `ClusterNotFoundException`
 */
export function clusterOf(ecs: Ecs, cluster: string | undefined): Cluster {
  const found = ecs.state.clusters[clusterArn(ecs, cluster)];
  return found?.status === 'ACTIVE' ? found : fail('ClusterNotFoundException', 'Cluster not found.');
}

export function clusterArn(ecs: Pick<Ecs, 'scope'>, cluster = 'default'): string {
  return cluster.startsWith('arn:') ? cluster : arnOf(ecs.scope, 'ecs', `cluster/${cluster}`);
}

export function serviceArn(ecs: Ecs, cluster: Pick<Cluster, 'name'>, service: string): string {
  return service.startsWith('arn:') ? service : arnOf(ecs.scope, 'ecs', `service/${cluster.name}/${service}`);
}

/** @throws {AwsError} with code `ServiceNotFoundException` or `ServiceNotActiveException` */
export function activeService(ecs: Ecs, cluster: Cluster, service: string): Service {
  const found = ecs.state.services[serviceArn(ecs, cluster, service)];
  if (found === undefined || found.clusterArn !== cluster.arn)
    return fail('ServiceNotFoundException', 'Service not found.');
  return found.status === 'ACTIVE' ? found : fail('ServiceNotActiveException', 'Service was not ACTIVE.');
}

/** Finds `family` (its latest active revision), `family:revision` or an ARN; undefined when there is none. */
export function findTaskDefinition(ecs: Pick<Ecs, 'state' | 'scope'>, reference: string): TaskDefinition | undefined {
  const [, name = reference] = reference.split(':task-definition/');
  if (name.includes(':')) return ecs.state.taskDefinitions[arnOf(ecs.scope, 'ecs', `task-definition/${name}`)];
  return Object.values(ecs.state.taskDefinitions)
    .filter(({ family, status }) => family === name && status === 'ACTIVE')
    .toSorted((one, other) => other.revision - one.revision)[0];
}

/**
 * Finds a task definition from which tasks can be started.
 * @throws {AwsError} with code `ClientException`
 */
export function runnableTaskDefinition(ecs: Ecs, reference: string): TaskDefinition {
  const found = findTaskDefinition(ecs, reference) ?? fail('ClientException', 'TaskDefinition not found.');
  return found.status === 'ACTIVE' ? found : fail('ClientException', 'TaskDefinition is inactive');
}

/** Finds a task by id or ARN. */
export function findTask(ecs: Ecs, cluster: Pick<Cluster, 'name' | 'arn'>, task: string): Task | undefined {
  const arn = task.startsWith('arn:') ? task : arnOf(ecs.scope, 'ecs', `task/${cluster.name}/${task}`);
  const found = ecs.state.tasks[arn];
  return found?.clusterArn === cluster.arn ? found : undefined;
}

/** The tasks of each state by their services: every look at every service asks. */
const tasksByService = new WeakMap<EcsState['tasks'], Map<string | undefined, Set<Task>>>();

function tasksKnown({ tasks }: EcsState): Map<string | undefined, Set<Task>> {
  const known = tasksByService.get(tasks);
  if (known) return known;
  const found = new Map<string | undefined, Set<Task>>();
  for (const task of Object.values(tasks)) note(found, task);
  tasksByService.set(tasks, found);
  return found;
}

function note(known: Map<string | undefined, Set<Task>>, task: Task): void {
  known.set(task.serviceArn, (known.get(task.serviceArn) ?? new Set()).add(task));
}

/** Adds a task. Tasks come and go by this and the next alone. */
export function putTask({ state }: Pick<Ecs, 'state'>, task: Task): void {
  note(tasksKnown(state), task);
  state.tasks[task.arn] = task;
}

/** With its tags. */
export function removeTask({ state }: Pick<Ecs, 'state'>, task: Task): void {
  tasksKnown(state).get(task.serviceArn)?.delete(task);
  delete state.tasks[task.arn];
  delete state.tags[task.arn];
}

/** In the order in which they were started. */
export const tasksOfService = ({ state }: Pick<Ecs, 'state'>, service: Pick<Service, 'arn'>): Task[] => [
  ...(tasksKnown(state).get(service.arn) ?? []),
];

/** Whether a task runs or will run, and isn't asked to stop. */
export function isWanted(task: Task): boolean {
  return task.desiredStatus === 'RUNNING' && task.lastStatus !== 'STOPPED';
}

/** A page of a list, and the token of the next page. `most` is the operation's largest page. */
export function pageOf<Item>(
  items: readonly Item[],
  { maxResults, nextToken }: { maxResults?: number | undefined; nextToken?: string | undefined },
  most = 100,
): { items: Item[]; nextToken?: string } {
  const size = maxResults ?? most;
  if (size < 1 || size > most) fail('InvalidParameterException', `maxResults must be between 1 and ${most}.`);
  const start = nextToken === undefined ? 0 : Number(Buffer.from(nextToken, 'base64').toString('utf8'));
  if (!Number.isInteger(start) || start < 0) fail('InvalidParameterException', 'Invalid token.');
  const end = start + size;
  const page = items.slice(start, end);
  return end < items.length ? { items: page, nextToken: Buffer.from(`${end}`).toString('base64') } : { items: page };
}
