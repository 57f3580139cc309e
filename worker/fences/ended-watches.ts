/**
 * Waits and watches that their run has ended. They give a sign of life so seldom that one would hear of its end a minute later, and
 * would read AWS until then. What the run does next in the same process is the hint: Temporal is asked, and what it counts on no more
 * looks at nothing from there on.
 */
import type { Client } from '@temporalio/client';
import type { ActivityInterceptorsFactory } from '@temporalio/worker';
import { rest } from '../../activities/polling';
import { taskQueues } from '../../contract/ids';

/** An activity that Temporal counts on in a run. */
export interface PendingActivity {
  readonly activityId: string;
  readonly attempt: number;
  readonly isCancelled: boolean;
}

export type DescribePending = (workflowId: string, runId: string) => Promise<readonly PendingActivity[]>;

/** Asks what Temporal counts on: no action of Temporal Cloud, and what a watch last told stays as it is. */
export const pendingOf =
  ({ workflow }: Client): DescribePending =>
  async (workflowId, runId) => {
    const { raw } = await workflow.getHandle(workflowId, runId).describe();
    return (raw.pendingActivities ?? []).map(({ activityId, attempt, state }) => ({
      activityId: activityId ?? '',
      attempt: attempt ?? 1,
      isCancelled: state === cancelRequested,
    }));
  };

/** `PENDING_ACTIVITY_STATE_CANCEL_REQUESTED`, as Temporal's API has it. */
const cancelRequested = 3;

type Context = Parameters<ActivityInterceptorsFactory>[0];

export function endsWatches(describe: DescribePending): ActivityInterceptorsFactory {
  const waitsOf = new Map<string, Set<Context>>();
  const askAbout = async ({ workflowId, runId }: { readonly workflowId: string; readonly runId: string }) => {
    const asked = [...(waitsOf.get(runId) ?? [])];
    if (asked.length === 0) return;
    // Where Temporal doesn't answer, they hear of their end as before.
    const pending = await describe(workflowId, runId).catch(() => undefined);
    for (const context of pending === undefined ? [] : asked) {
      const { activityId, attempt } = context.info;
      const own = pending?.find((one) => one.activityId === activityId && one.attempt === attempt);
      if (!own || own.isCancelled) rest(context);
    }
  };
  return (context) => {
    const { workflowExecution, taskQueue } = context.info;
    return {
      inbound: {
        execute: async (input, next) => {
          if (!workflowExecution) return await next(input);
          const { runId } = workflowExecution;
          void askAbout(workflowExecution);
          if (!taskQueue.startsWith(taskQueues.waits)) return await next(input);
          const waits = waitsOf.get(runId) ?? new Set<Context>();
          waitsOf.set(runId, waits.add(context));
          try {
            return await next(input);
          } finally {
            waits.delete(context);
            if (waits.size === 0) waitsOf.delete(runId);
          }
        },
      },
    };
  };
}
