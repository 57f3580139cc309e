/**
 * Looks after those that work, and those that are waited for: who was terminated says nothing at its end. Only the time between
 * two looks grows, so that a hold of days costs little.
 */
import { condition, proxyActivities } from '@temporalio/workflow';
import type { HookActivities } from '../../activities/hooks/index';
import { taskQueues } from '../../contract/ids';
import type { TurnsRequest, WorkflowRun } from '../../contract/turns';
import type { Queue } from './queue';

const { describeEnded } = proxyActivities<Pick<HookActivities, 'describeEnded'>>({
  taskQueue: taskQueues.aws,
  startToCloseTimeout: '30s',
  retry: { initialInterval: '1s', backoffCoefficient: 2, maximumInterval: '1m' },
});

const firstPauseMs = 1_000;
/** While somebody waits a look costs two of Temporal's actions. */
const longestPauseMs = { somebodyWaits: 2 * 60_000, nobodyWaits: 10 * 60_000 } as const;

/** Goes on until the workflow ends. When somebody begins to wait, a look is due soon. */
export async function lookAfter(queue: Queue): Promise<never> {
  let pauseMs = firstPauseMs;
  for (;;) {
    const waited = queue.hasWaiting();
    const longest = waited ? longestPauseMs.somebodyWaits : longestPauseMs.nobodyWaits;
    const summary = 'Then it looks whether somebody was terminated';
    const early = await condition(() => !waited && queue.hasWaiting(), waited ? Math.min(pauseMs, longest) : longest, {
      summary,
    });
    pauseMs = early ? firstPauseMs : 2 * Math.min(pauseMs, longest);
    if (early) continue;
    const runs = runsToLookAt(queue.now());
    if (runs.length > 0) queue.ended(await describeEnded(runs));
  }
}

/** Those that have their turn; deployments that somebody waits for; and who waits for one, and takes up a place. */
export function runsToLookAt({ entries, deployments }: TurnsRequest): WorkflowRun[] {
  const awaited = deployments.filter(({ lock }) => entries.some((one) => one.lock === lock && !one.hasTurn));
  const calls = entries.filter(({ lock, hasTurn }) => hasTurn || awaited.some((one) => one.lock === lock));
  return [...calls, ...awaited.map(({ lock, runId }) => ({ workflowId: lock, runId }))].map(
    ({ workflowId, runId }) => ({ workflowId, runId }),
  );
}
