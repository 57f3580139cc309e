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
import { describeTargets } from '../elb/target-groups';
import { findCapacityEvent, noCapacity } from './capacity';
import { describeService, serviceChanged } from './services';
import { describeStop } from './stopped-tasks';
import { findSickTarget, isUnhealthy, noTargetSightings, type TargetSightings } from './target-health';
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

export interface ObservedReplicas {
  readonly service: Service;
  readonly stopped: readonly Task[];
  /** Read only when a target is unhealthy; else empty. */
  readonly running: readonly Task[];
  readonly targets: readonly TargetHealthDescription[];
}

/** @throws {ApplicationFailure} of type `GreenUnhealthy` when the service is gone */
export async function observeReplicas(
  clients: AwsClients,
  cluster: string,
  replicas: Replicas,
): Promise<ObservedReplicas> {
  const service = await describeService(clients.ecs, cluster, replicas.service);
  if (!service) throw unhealthy(`Service ${replicas.service} is gone.`);
  const [stopped, targets] = await Promise.all([
    describeTasks(clients, cluster, replicas.service, 'STOPPED'),
    describeTargets(clients.elb, replicas.targetGroupArn),
  ]);
  const running = targets.some(isUnhealthy) ? await describeTasks(clients, cluster, replicas.service, 'RUNNING') : [];
  return { service, stopped, running, targets };
}

/** Whether every replica that the service wants runs the wanted revision and is healthy. */
export function allHealthy({ service, targets }: ObservedReplicas, { taskDefinitionArn, count }: Replicas): boolean {
  const deployments = service.deployments ?? [];
  const desired = service.desiredCount ?? 0;
  const current = targets.filter(({ TargetHealth }) => TargetHealth?.State !== 'draining');
  return (
    desired >= count &&
    deployments.length === 1 &&
    deployments[0]?.taskDefinition === taskDefinitionArn &&
    service.runningCount === desired &&
    current.length === desired &&
    current.every(({ TargetHealth }) => TargetHealth?.State === 'healthy')
  );
}

/** How many run and are healthy, as text for people. */
export function formatProgress({ service, targets }: ObservedReplicas): string {
  const healthy = targets.filter(({ TargetHealth }) => TargetHealth?.State === 'healthy').length;
  const states = targets.map(({ TargetHealth }) => TargetHealth?.State ?? 'unknown').join(', ') || 'no targets yet';
  return `${service.runningCount ?? 0} of ${service.desiredCount ?? 0} tasks run, ${healthy} healthy (${states})`;
}

/**
 * @throws {ApplicationFailure} of type `GreenUnhealthy` or `NoCapacity` at the first sign that the replicas can't become or stay
 * healthy; of type `ServiceChangedByOthers` when somebody deployed another revision
 */
export async function refuseTrouble(
  clients: AwsClients,
  observed: ObservedReplicas,
  replicas: Replicas,
  sightings = noTargetSightings(),
): Promise<void> {
  const stop = observed.stopped.find((task) => isTrouble(task, replicas));
  if (stop) throw unhealthy([await describeStop(clients, stop), ...formatChecks(stop, sightings)].join('; '));
  const sick = findSickTarget(observed, replicas.timeoutMs, sightings);
  if (sick) throw unhealthy(formatTarget(sick));
  refuseOtherRevision(observed.service, replicas);
  const failed = observed.service.deployments?.find(({ rolloutState }) => rolloutState === 'FAILED');
  if (failed) throw unhealthy(`ECS gave up on ${replicas.service}: ${failed.rolloutStateReason ?? 'no reason given'}`);
  const starved = findCapacityEvent(observed.service);
  if (starved) throw noCapacity(starved);
}

/**
 * As {@link refuseTrouble}, for replicas that were healthy when the watch began: a task that had stopped before proves nothing,
 * for it was replaced, or people knew of it and continued.
 * @throws {ApplicationFailure} besides, of type `ServiceChangedByOthers`, when the service wants no replica any more: what is
 * retired next would be the last that answers
 */
export async function refuseNewTrouble(
  clients: AwsClients,
  observed: ObservedReplicas,
  replicas: Replicas,
  sightings = noTargetSightings(),
): Promise<void> {
  const began = Date.now() - waitedMs();
  const stopped = observed.stopped.filter(({ stoppedAt }) => stoppedAt === undefined || stoppedAt.getTime() >= began);
  await refuseTrouble(clients, { ...observed, stopped }, replicas, sightings);
  refuseNoReplica(replicas.service, observed.service);
}

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

/** Somebody else deployed to the service: the replicas waited for can't come, and theirs must not be taken for them. */
function refuseOtherRevision({ taskDefinition }: Service, { service, taskDefinitionArn }: Replicas): void {
  if (taskDefinition === taskDefinitionArn || waitedMs() < staleReadsMs) return;
  throw serviceChanged(service, `it runs ${taskDefinition} instead of ${taskDefinitionArn}`);
}

/** A task that was scaled in, or stopped by hand, proves nothing about the release. */
function isTrouble(task: Task, { taskDefinitionArn, ignoredTasks }: Replicas): boolean {
  if (task.taskDefinitionArn !== taskDefinitionArn || ignoredTasks.includes(task.taskArn ?? '')) return false;
  if (task.lastStatus !== 'STOPPED') return false;
  if (task.stopCode === 'ServiceSchedulerInitiated') return /fail/i.test(task.stoppedReason ?? '');
  return task.stopCode === 'TaskFailedToStart' || task.stopCode === 'EssentialContainerExited';
}

/** What was last seen of the targets that might still be starting, where ECS stopped a task for its health check. */
const formatChecks = ({ stoppedReason = '' }: Task, { starting }: TargetSightings): string[] =>
  /health check/i.test(stoppedReason) ? starting.slice(0, 1).map(formatTarget) : [];

/** A target's state as one sentence, with the load balancer's own reason. */
export const formatTarget = ({ Target, TargetHealth }: TargetHealthDescription): string => {
  const { State, Reason = 'no reason given', Description } = TargetHealth ?? {};
  return `Target ${Target?.Id}:${Target?.Port} is ${State}: ${Reason}${Description === undefined ? '' : ` (${Description})`}.`;
};

/** The failure of replicas that didn't become healthy in time. */
export const notInTime = ({ service, timeoutMs }: Replicas, progress: string): ApplicationFailure =>
  unhealthy(`${service} was not healthy within ${formatDuration(timeoutMs)}: ${progress}.`);

/** Traffic is where it was: the workflow holds or rolls back, and a retry of the activity can't help. */
const unhealthy = (message: string) => ApplicationFailure.nonRetryable(message, 'GreenUnhealthy');
