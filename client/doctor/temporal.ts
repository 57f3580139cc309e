/** What the doctor finds out about Temporal: whether it answers, knows the search attributes, and has workers. */
import type { Connection } from '@temporalio/client';
import { temporal } from '@temporalio/proto';
import { searchAttributes, taskQueues } from '../../contract/ids';
import { finding } from '../../contract/questions';
import type { Finding } from '../../planning/doctor';
import type { temporalConfiguration } from '../../temporal/configuration';
import { connectToTemporal } from '../../temporal/connection';

export async function checkTemporal({
  connectionOptions,
  namespace,
}: ReturnType<typeof temporalConfiguration>): Promise<Finding[]> {
  const { connection, close } = await connectToTemporal(connectionOptions);
  try {
    const says = `${connectionOptions.address} answers, namespace ${namespace}`;
    return [
      finding({ check: 'Temporal', state: 'ok', says }),
      await checkSearchAttributes(connection, namespace),
      await checkWorkers(connection, namespace),
    ];
  } finally {
    await close();
  }
}

async function checkSearchAttributes({ operatorService }: Connection, namespace: string): Promise<Finding> {
  const check = 'search attributes';
  const { customAttributes } = await operatorService.listSearchAttributes({ namespace });
  const names = Object.values(searchAttributes).map(({ name }) => name);
  const missing = names.filter((name) => customAttributes[name] === undefined);
  if (missing.length === 0) return finding({ check, state: 'ok', says: names.join(', ') });
  const next = 'Start a worker, which registers them, or use "temporal operator search-attribute create".';
  return finding({ check, state: 'error', says: `${missing.join(', ')} are missing`, next });
}

/** Temporal remembers a worker for some minutes after it went: only one seen lately counts. */
const seenLatelyMs = 90_000;

async function checkWorkers({ workflowService }: Connection, namespace: string): Promise<Finding> {
  const check = 'worker';
  const queues = [
    [taskQueues.workflows, temporal.api.enums.v1.TaskQueueType.TASK_QUEUE_TYPE_WORKFLOW],
    [taskQueues.aws, temporal.api.enums.v1.TaskQueueType.TASK_QUEUE_TYPE_ACTIVITY],
  ] as const;
  const workers: string[] = [];
  for (const [name, taskQueueType] of queues) {
    const { pollers } = await workflowService.describeTaskQueue({ namespace, taskQueue: { name }, taskQueueType });
    const seen = (pollers ?? []).filter(
      ({ lastAccessTime }) => Date.now() - Number(lastAccessTime?.seconds ?? 0) * 1000 < seenLatelyMs,
    );
    if (seen.length === 0) {
      const next = 'Start one with "cutover worker".';
      return finding({ check, state: 'error', says: `nobody polls task queue ${name}`, next });
    }
    workers.push(...seen.map(({ identity }) => identity ?? ''));
  }
  return finding({ check, state: 'ok', says: [...new Set(workers)].join(', ') });
}
