/**
 * Whether a service lacks capacity. ECS reports that in the service's events only, once for every try, and tries again by itself: an
 * Auto Scaling group brings an instance in minutes, and Fargate's shortages pass.
 */
import type { Service, ServiceEvent } from '@aws-sdk/client-ecs';
import { ApplicationFailure } from '@temporalio/common';
import { waitedMs } from '../../polling';

/**
 * The newest event, where it is about missing capacity and tasks are still missing. One from before this wait proves nothing, for
 * there may be room by now: people retry then.
 */
export function findCapacityEvent(service: Service): ServiceEvent | undefined {
  const since = Date.now() - waitedMs();
  const [newest] = (service.events ?? []).filter(
    ({ createdAt, message = '' }) => createdAt !== undefined && createdAt.getTime() >= since && !besides.test(message),
  );
  return lacksTasks(service) && shortage.test(newest?.message ?? '') ? newest : undefined;
}

const shortage = /unable to place a task|Capacity is unavailable/i;
/**
 * Events that say nothing about capacity, but may come between: that a healthy service's tasks can't be spread more evenly over the
 * Availability Zones, and that ECS gave up the deployment.
 * https://docs.aws.amazon.com/AmazonECS/latest/developerguide/service-rebalancing.html
 */
const besides = /unable to place a task in Availability Zone|deployment failed/i;

/** Whether fewer tasks run or start than the service's current deployment wants. */
function lacksTasks(service: Service): boolean {
  const { runningCount = 0, pendingCount = 0, desiredCount = 0 } = service.deployments?.[0] ?? service;
  return runningCount + pendingCount < desiredCount;
}

/**
 * People must add capacity: the workflow holds, and a retry of the activity can't help.
 * @param message what it meant for the replicas, as a sentence
 */
export const noCapacity = ({ message: event = '' }: ServiceEvent, message: string): ApplicationFailure =>
  ApplicationFailure.nonRetryable(
    [message, ...(message.includes(event.replace(/[.]$/, '')) ? [] : [event]), 'Add capacity, then retry.'].join(' '),
    'NoCapacity',
  );
