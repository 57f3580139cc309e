/**
 * Which stopped tasks speak against the release. A task that was scaled in, or stopped by hand, proves nothing about it; a start that
 * failed before the container ran may go well the next time, and ECS tries again by itself.
 * https://docs.aws.amazon.com/AmazonECS/latest/developerguide/stopped-task-error-codes.html
 */
import type { Task } from '@aws-sdk/client-ecs';

/** Whether the task ended for a fault of its own: it crashed, failed its health check, or didn't start. */
export function isFailed({ lastStatus, stopCode, stoppedReason = '' }: Task): boolean {
  if (lastStatus !== 'STOPPED') return false;
  if (stopCode === 'ServiceSchedulerInitiated') return /fail/i.test(stoppedReason);
  return stopCode === 'TaskFailedToStart' || stopCode === 'EssentialContainerExited';
}

/** Whether the task didn't start for a reason that may pass: a network interface, a registry that is slow, an instance. */
export function mayStartNextTime({ stopCode, stoppedReason, containers = [] }: Task): boolean {
  const reasons = [stoppedReason, ...containers.map(({ reason }) => reason)].join(' ');
  return stopCode === 'TaskFailedToStart' && !isAbsent.some((absent) => absent.test(reasons));
}

/** An image, a secret or a log group that doesn't exist: the next try fails as this one did. */
const isAbsent = [
  /CannotPull.*(not found|manifest unknown|does not exist|not exist)/is,
  /ResourceNotFoundException|find the specified secret|invalid ssm parameters|ParameterNotFound/i,
  /log group does not exist/i,
];

/** How many starts may fail during a wait for so many replicas; ECS's circuit breaker counts alike. */
export const toleratedStarts = (count: number): number => Math.max(3, Math.floor(count / 2));
