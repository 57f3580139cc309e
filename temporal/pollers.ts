/** The workers that take work from a task queue, as Temporal saw them poll. */
import { temporal } from '@temporalio/proto';
import { taskQueues } from '../contract/ids';
import type { TemporalNamespace } from './worker-deployment';

export type Poller = temporal.api.taskqueue.v1.IPollerInfo;

/** A worker that runs polls at least once a minute; Temporal lists one that stopped for five. */
const seenLatelyMs = 90_000;

/** Those that polled lately. @param nowMs milliseconds since the epoch */
export const recentPollers = <Seen extends Pick<Poller, 'lastAccessTime'>>(
  pollers: readonly Seen[],
  nowMs = Date.now(),
): Seen[] => pollers.filter(({ lastAccessTime }) => nowMs - Number(lastAccessTime?.seconds ?? 0) * 1000 < seenLatelyMs);

const { TASK_QUEUE_TYPE_WORKFLOW, TASK_QUEUE_TYPE_ACTIVITY } = temporal.api.enums.v1.TaskQueueType;

/** All that Temporal remembers of a task queue. @param name one of {@link taskQueues} */
export async function pollersOf({ connection, namespace }: TemporalNamespace, name: string): Promise<Poller[]> {
  const { pollers } = await connection.workflowService.describeTaskQueue({
    namespace,
    taskQueue: { name },
    taskQueueType: name === taskQueues.workflows ? TASK_QUEUE_TYPE_WORKFLOW : TASK_QUEUE_TYPE_ACTIVITY,
  });
  return pollers ?? [];
}

/** The versions that they are of, where they have one. */
export const buildIdsOf = (pollers: readonly Poller[]): ReadonlySet<string> =>
  new Set(pollers.flatMap(({ deploymentOptions }) => deploymentOptions?.buildId ?? []));
