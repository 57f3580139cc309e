/**
 * Whether replicas are healthy, can still become so, or are in trouble, and if so why, in words that an operator can act on. Only
 * tasks of the wanted revision count, and what can't be read is not health.
 */
import type { Service, Task } from '@aws-sdk/client-ecs';
import type { TargetHealthDescription } from '@aws-sdk/client-elastic-load-balancing-v2';
import { ApplicationFailure } from '@temporalio/common';
import { formatDuration } from '../../../settings/durations';
import { waitedMs } from '../../polling';
import type { AwsClients } from '../client/clients';
import { unless } from '../client/errors';
import { describeTargets } from '../elb/target-groups';
import { findCapacityEvent, noCapacity } from './capacity';
import { describeInstances, noInstances, type ContainerInstances } from '../targets/container-instances';
import { isFailed, mayStartNextTime, toleratedStarts } from './failed-tasks';
import { findForeignTargets, formatAddress } from '../targets/lingering';
import { describeService, serviceChanged } from './services';
import { describeStop } from './stopped-tasks';
import { findSickTarget, isUnhealthy, noTargetSightings, type TargetSightings } from '../targets/target-health';
import { describeTasks } from './tasks';

/** The replicas that are waited for or watched. */
export interface Replicas {
  readonly service: string;
  readonly taskDefinitionArn: string;
  readonly targetGroupArn: string;
  /** At least this many must be healthy. */
  readonly count: number;
  /** ARNs of tasks that had stopped before, and prove nothing about this attempt. */
  readonly ignoredTasks: readonly string[];
  readonly timeoutMs: number;
}

/** What a wait remembers of its earlier looks. */
export interface Sightings extends TargetSightings {
  /** Since when watched replicas aren't whole, in milliseconds by `performance.now()`. */
  incompleteSince?: number | undefined;
  /** Since when there are targets that belong to no task, in milliseconds by `performance.now()`. */
  foreignSince?: number | undefined;
}

export interface ObservedReplicas {
  readonly service: Service;
  readonly stopped: readonly Task[];
  /** Read only when a target is unhealthy, or there are more than tasks; else empty. */
  readonly running: readonly Task[];
  /** Those that the running tasks are on, as far as they are read. Default: none. */
  readonly instances?: ContainerInstances;
  readonly targets: readonly TargetHealthDescription[];
}

/** @throws {ApplicationFailure} of type `GreenUnhealthy` when the service is gone */
export async function observeReplicas(
  clients: AwsClients,
  cluster: string,
  replicas: Replicas,
): Promise<ObservedReplicas> {
  const observed = await findReplicas(clients, cluster, replicas);
  if (!observed) throw unhealthy(`Service ${replicas.service} is gone.`);
  return observed;
}

/**
 * As {@link observeReplicas}, but `undefined` while a read may still miss a service that was just created.
 * @throws {ApplicationFailure} of type `GreenUnhealthy` when the service isn't there after that
 */
export async function observeNewReplicas(
  clients: AwsClients,
  cluster: string,
  replicas: Replicas,
): Promise<ObservedReplicas | undefined> {
  const observed = await findReplicas(clients, cluster, replicas);
  if (!observed && waitedMs() >= staleReadsMs) throw unhealthy(`Service ${replicas.service} is gone.`);
  return observed;
}

/** `undefined` when ECS shows no such service. It may list no tasks yet for one that it shows. */
async function findReplicas(
  clients: AwsClients,
  cluster: string,
  { service: name, targetGroupArn }: Replicas,
): Promise<ObservedReplicas | undefined> {
  const service = await describeService(clients.ecs, cluster, name);
  if (!service) return undefined;
  const list = (desiredStatus: 'RUNNING' | 'STOPPED') =>
    unless('ServiceNotFound', [], describeTasks(clients, cluster, name, desiredStatus));
  const [stopped, targets] = await Promise.all([list('STOPPED'), describeTargets(clients.elb, targetGroupArn)]);
  const isOneTooMany = targets.filter(isInUse).length > (service.runningCount ?? 0);
  const running = targets.some(isUnhealthy) || isOneTooMany ? await list('RUNNING') : [];
  return { service, stopped, running, targets, instances: await describeInstances(clients, cluster, running) };
}

/** Whether every replica that the service wants runs the wanted revision and is healthy. */
export function allHealthy({ service, targets }: ObservedReplicas, { taskDefinitionArn, count }: Replicas): boolean {
  const deployments = service.deployments ?? [];
  const desired = service.desiredCount ?? 0;
  const current = targets.filter(isInUse);
  return (
    desired >= count &&
    deployments.length === 1 &&
    deployments[0]?.taskDefinition === taskDefinitionArn &&
    service.runningCount === desired &&
    current.length === desired &&
    current.every(({ TargetHealth }) => TargetHealth?.State === 'healthy')
  );
}

const isInUse = ({ TargetHealth }: TargetHealthDescription) => TargetHealth?.State !== 'draining';

/** How many run and are healthy, and what is in the way, as text for people. */
export function formatProgress(observed: ObservedReplicas, replicas: Replicas): string {
  const { service, targets } = observed;
  const healthy = targets.filter(({ TargetHealth }) => TargetHealth?.State === 'healthy').length;
  const states = targets.map(({ TargetHealth }) => TargetHealth?.State ?? 'unknown').join(', ') || 'no targets yet';
  const counts = `${service.runningCount ?? 0} of ${service.desiredCount ?? 0} tasks run, ${healthy} healthy (${states})`;
  return [counts, ...formatObstacles(observed, replicas)].join('; ');
}

/** What ECS tries to get over by itself: starts that failed, and missing capacity. */
export function formatObstacles(observed: ObservedReplicas, replicas: Replicas): string[] {
  const foreign = foreignTargets(observed).map(
    (target) => `${formatAddress(target)} is no task's of ${replicas.service}`,
  );
  const failed = failedStarts(observed, replicas);
  const reason = withoutStop(failed[0]?.stoppedReason ?? 'no reason given');
  const starts = `${failed.length} of ${toleratedStarts(replicas.count)} tolerated starts failed: ${reason}`;
  const event = findCapacityEvent(observed.service);
  const shortage = `ECS waits for capacity: ${withoutStop(event?.message ?? '')}`;
  return [...(failed.length > 0 ? [starts] : []), ...(event ? [shortage] : []), ...foreign];
}

/** Where no running task was read, there is none that is known to be foreign. */
const foreignTargets = ({ targets, running, stopped, instances = noInstances }: ObservedReplicas) => {
  const stopping = stopped.filter(({ lastStatus }) => lastStatus !== 'STOPPED');
  return running.length === 0 ? [] : findForeignTargets(targets, [...running, ...stopping], instances);
};

const withoutStop = (sentence: string) => sentence.replace(/[.]$/, '');

/**
 * A failed start may go well the next time, and capacity may come: they are no trouble yet.
 * @throws {ApplicationFailure} of type `GreenUnhealthy` at the first sign that the replicas can't become or stay healthy, or of type
 * `NoCapacity` when ECS gave up for want of it; of type `ServiceChangedByOthers` when somebody deployed another revision
 */
export async function refuseTrouble(
  clients: AwsClients,
  observed: ObservedReplicas,
  replicas: Replicas,
  sightings: Sightings = noTargetSightings(),
): Promise<void> {
  const stop = ownFailures(observed, replicas).find((task) => !mayStartNextTime(task));
  if (stop) throw unhealthy(await describeFailure(clients, stop, sightings));
  const starts = failedStarts(observed, replicas);
  if (starts[0] && starts.length > toleratedStarts(replicas.count))
    throw unhealthy(`${starts.length} tasks failed to start: ${await describeStop(clients, starts[0])}`);
  const sick = findSickTarget(observed, replicas.timeoutMs, sightings);
  if (sick) throw unhealthy(formatTarget(sick));
  refuseOtherRevision(observed.service, replicas);
  const failed = observed.service.deployments?.find(({ rolloutState }) => rolloutState === 'FAILED');
  if (!failed) return;
  throw lasting(observed, `ECS gave up on ${replicas.service}: ${failed.rolloutStateReason ?? 'no reason given'}`);
}

/**
 * As {@link refuseTrouble}, for replicas that were healthy when the watch began: a task that had stopped before proves nothing,
 * for it was replaced, or people knew of it and continued. Of those that crash one is tolerated while another replica is healthy,
 * if it is replaced within the time limit; the second crash is the release's.
 * @throws {ApplicationFailure} besides, of type `NoCapacity` when capacity is missing for longer than the time limit; of type
 * `ServiceChangedByOthers`, when the service wants no replica any more: what is retired next would be the last that answers
 */
export async function refuseNewTrouble(
  clients: AwsClients,
  observed: ObservedReplicas,
  replicas: Replicas,
  sightings: Sightings = noTargetSightings(),
): Promise<void> {
  const stopped = sinceWaitBegan(observed.stopped);
  const crashes = ownFailures({ ...observed, stopped }, replicas).filter(
    ({ stopCode }) => stopCode !== 'TaskFailedToStart',
  );
  const isServing = observed.targets.some(({ TargetHealth }) => TargetHealth?.State === 'healthy');
  const tolerated = crashes.length === 1 && isServing ? crashes : [];
  const others = stopped.filter((task) => !tolerated.includes(task));
  await refuseTrouble(clients, { ...observed, stopped: others }, replicas, sightings);
  refuseNoReplica(replicas.service, observed.service);
  const isAffected = tolerated.length > 0 || findCapacityEvent(observed.service) !== undefined;
  if (!isAffected || allHealthy(observed, replicas)) sightings.incompleteSince = undefined;
  else sightings.incompleteSince ??= performance.now();
  if (msSince(sightings.incompleteSince) <= replicas.timeoutMs) return;
  const stops = await Promise.all(tolerated.map((task) => describeFailure(clients, task, sightings)));
  throw notInTime(replicas, observed, [formatProgress(observed, replicas), ...stops].join('; '));
}

/** By the clock that nobody sets; 0 where it isn't so. */
const msSince = (since = performance.now()): number => performance.now() - since;

/**
 * A service that has, or will have, a share of live traffic must want a replica, whatever else is wrong with it.
 * @throws {ApplicationFailure} of type `ServiceChangedByOthers` when it wants none
 */
export function refuseNoReplica(name: string, service: Service | undefined): void {
  if ((service?.desiredCount ?? 0) > 0 || waitedMs() < staleReadsMs) return;
  throw serviceChanged(name, 'it was scaled to no replica at all');
}

/** How long a read may still show the service as it was before our own change of it. */
export const staleReadsMs = 10_000;

/**
 * Somebody registered a target by hand, or left one: it would get its share of live traffic, and nothing of it is verified.
 * @throws {ApplicationFailure} of type `GreenUnhealthy` when it stays
 */
export function refuseForeignTargets(observed: ObservedReplicas, { service }: Replicas, sightings: Sightings): void {
  const foreign = foreignTargets(observed);
  if (foreign.length === 0) sightings.foreignSince = undefined;
  else sightings.foreignSince ??= performance.now();
  if (msSince(sightings.foreignSince) < staleReadsMs) return;
  const named = foreign.map((target) => `${formatTarget(target)}`).join(' ');
  throw unhealthy(
    `Its target group holds what is no task's of ${service}, and would send it live traffic: deregister it, then retry. ${named}`,
  );
}

/** Somebody else deployed to the service: the replicas waited for can't come, and theirs must not be taken for them. */
function refuseOtherRevision({ taskDefinition }: Service, { service, taskDefinitionArn }: Replicas): void {
  if (taskDefinition === taskDefinitionArn || waitedMs() < staleReadsMs) return;
  throw serviceChanged(service, `it runs ${taskDefinition} instead of ${taskDefinitionArn}`);
}

/** The tasks of the wanted revision that failed, but for those that had stopped before. */
const ownFailures = ({ stopped }: ObservedReplicas, { taskDefinitionArn, ignoredTasks }: Replicas): Task[] =>
  stopped.filter(
    (task) =>
      task.taskDefinitionArn === taskDefinitionArn && !ignoredTasks.includes(task.taskArn ?? '') && isFailed(task),
  );

/** The starts that failed since the wait began, and that ECS tries again. */
const failedStarts = (observed: ObservedReplicas, replicas: Replicas): Task[] =>
  sinceWaitBegan(ownFailures(observed, replicas)).filter(mayStartNextTime);

function sinceWaitBegan(tasks: readonly Task[]): Task[] {
  const began = Date.now() - waitedMs();
  return tasks.filter(({ stoppedAt }) => stoppedAt === undefined || stoppedAt.getTime() >= began);
}

const describeFailure = async (clients: AwsClients, task: Task, sightings: Sightings): Promise<string> =>
  [await describeStop(clients, task), ...formatChecks(task, sightings)].join('; ');

/** What was last seen of the targets that might still be starting, where ECS stopped a task for its health check. */
const formatChecks = ({ stoppedReason = '' }: Task, { starting }: TargetSightings): string[] =>
  /health check/i.test(stoppedReason) ? starting.slice(0, 1).map(formatTarget) : [];

/** A target's state as one sentence, with the load balancer's own reason. */
export const formatTarget = ({ Target, TargetHealth }: TargetHealthDescription): string => {
  const { State, Reason = 'no reason given', Description } = TargetHealth ?? {};
  return `Target ${Target?.Id}:${Target?.Port} is ${State}: ${Reason}${Description === undefined ? '' : ` (${Description})`}.`;
};

/** The failure of replicas that didn't become healthy in time. */
export const notInTime = (
  { service, timeoutMs }: Replicas,
  observed: ObservedReplicas,
  progress: string,
): ApplicationFailure =>
  lasting(observed, `${service} was not healthy within ${formatDuration(timeoutMs)}: ${progress}.`);

/** The failure of what ECS couldn't get over by itself: `NoCapacity` while capacity is missing, else `GreenUnhealthy`. */
function lasting({ service }: ObservedReplicas, message: string): ApplicationFailure {
  const starved = findCapacityEvent(service);
  return starved ? noCapacity(starved, message) : unhealthy(message);
}

/** Traffic is where it was: the workflow holds or rolls back, and a retry of the activity can't help. */
const unhealthy = (message: string) => ApplicationFailure.nonRetryable(message, 'GreenUnhealthy');
