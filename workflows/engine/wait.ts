/** How a runbook lets time pass: bakes and settles while something is watched, and plain timers. */
import { CancellationScope, condition, isCancellation, sleep } from '@temporalio/workflow';
import { formatDuration } from '../../settings/durations';
import type { Execution } from './execution';
import { failedInPassing } from './failures';
import { showStatus } from './status';
import { runStep } from './step';

/** Lets time pass while something is watched; `promote` ends this bake and those that would follow. */
export async function waitInPhase(
  execution: Execution,
  phase: 'settle' | 'bake',
  durationMs: number,
  watch: () => Promise<void>,
): Promise<void> {
  const { state } = execution;
  // Only a bake can be cut short: what hasn't settled isn't everywhere yet.
  const isOver = () => phase === 'bake' && state.promoted;
  if (isOver()) return;
  const action = async (): Promise<void> => {
    if (phase === 'bake') state.waiting = { for: 'bake', until: Date.now() + durationMs };
    showStatus(state);
    const summary = `${phase === 'settle' ? 'Settle' : 'Bake'} for ${formatDuration(durationMs)}`;
    try {
      await whileWatching(watch, () => condition(isOver, durationMs, { summary }));
    } finally {
      state.waiting = null;
    }
  };
  await runStep(execution, phase, { action });
}

/** Waits for `ended` while `watch` may fail; the watch is over when this returns. */
async function whileWatching(watch: () => Promise<void>, ended: () => Promise<unknown>): Promise<void> {
  const scope = new CancellationScope();
  const watched = scope.run(watch);
  try {
    await Promise.race([watched, ended()]);
  } finally {
    scope.cancel();
    // What fails in passing while the watch is being cancelled isn't tried again any more: that is no sign of trouble either.
    await watched.catch((error: unknown) => {
      if (!isCancellation(error) && !failedInPassing(error)) throw error;
    });
  }
}

/** Watches nothing: for waits in which nothing can go wrong. */
export const untilCancelled = (): Promise<never> => CancellationScope.current().cancelRequested;

/** A worker that is restarted answers within this. */
const workerPatience = '10s';

/** Runs an action; while it takes longer than a worker needs, the status says what may be missing. */
export async function warnWhenLate<T>({ state }: Execution, missing: string, action: () => Promise<T>): Promise<T> {
  const patience = new CancellationScope();
  const warned = patience
    .run(async () => {
      await sleep(workerPatience, { summary: 'Time enough for a worker to answer' });
      state.missing = missing;
      showStatus(state);
    })
    .catch(() => undefined);
  try {
    return await action();
  } finally {
    patience.cancel();
    await warned;
    state.missing = null;
    showStatus(state);
  }
}
