/**
 * How many workers share AWS's rates, which are one account's. Counted are those that poll Temporal for activities that call AWS,
 * so that no setting has to give their number.
 */
import type { Connection } from '@temporalio/client';
import { temporal } from '@temporalio/proto';

export interface Fleet {
  /** At least this worker itself. */
  readonly size: () => number;
  /** Whether Temporal answered a count in the last two minutes. */
  readonly isConnected: () => boolean;
  close(): void;
}

export interface FleetOptions {
  readonly namespace: string;
  /** Those of the workers that call AWS. */
  readonly taskQueues: readonly string[];
  /** This worker's identity in Temporal. */
  readonly identity: string;
}

const lookEveryMs = 15_000;
/** A worker that runs polls at least once a minute; Temporal lists one that stopped for five. */
const forgottenAfterMs = 90_000;
/** Eight counts in a row that nobody answered. */
const lostAfterMs = 120_000;

/** Counts now and again and again; when a count fails, the one before holds. */
export async function watchFleet({ workflowService }: Connection, options: FleetOptions): Promise<Fleet> {
  let size = 1;
  let answered = performance.now();
  const look = async (): Promise<void> => {
    const answers = await Promise.all(
      options.taskQueues.map((name) =>
        workflowService.describeTaskQueue({
          namespace: options.namespace,
          taskQueue: { name },
          taskQueueType: temporal.api.enums.v1.TaskQueueType.TASK_QUEUE_TYPE_ACTIVITY,
        }),
      ),
    );
    const pollers = answers.flatMap((answer) => answer.pollers ?? []);
    size = countWorkers(pollers, options.identity, Date.now());
    answered = performance.now();
  };
  const attempt = (): Promise<void> => look().catch(() => undefined);
  await attempt();
  const timer = setInterval(() => void attempt(), lookEveryMs);
  const isConnected = () => performance.now() - answered < lostAfterMs;
  return { size: () => size, isConnected, close: () => clearInterval(timer) };
}

export interface Poller {
  readonly identity?: string | null;
  readonly lastAccessTime?: temporal.api.taskqueue.v1.IPollerInfo['lastAccessTime'];
}

/** This worker, and every other one that polled lately. */
export function countWorkers(pollers: readonly Poller[], identity: string, nowMs: number): number {
  const recent = pollers.filter(
    ({ lastAccessTime }) => nowMs - Number(lastAccessTime?.seconds ?? 0) * 1000 < forgottenAfterMs,
  );
  return new Set([identity, ...recent.map((poller) => poller.identity ?? '')]).size;
}
