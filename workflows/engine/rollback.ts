/** The two parts of a runbook: the one that can be taken back, and the one after it, which only ever goes forward. */
import { comeFirst } from '../priority';
import { showStatus } from './status';
import type { Execution } from './execution';
import { TurnBack } from './interrupts';
import { runStep } from './step';

/**
 * Does the forward part; when it turns back, restores what was before.
 * @param progress what the forward part has made so far: it fills this in, and the way back starts from it
 * @returns whether it went forward
 */
export async function withRollback<Progress>(
  execution: Execution,
  progress: Progress,
  forward: (progress: Progress) => Promise<void>,
  restore: (progress: Readonly<Progress>) => Promise<void>,
): Promise<boolean> {
  const { state } = execution;
  state.restorable = true;
  try {
    await forward(progress);
    return true;
  } catch (error) {
    if (!(error instanceof TurnBack)) throw error;
    state.failure = error.reason;
    state.rollingBack = true;
    state.restorable = false;
    state.accepted = null;
    state.paused = false;
    comeFirst();
    await runStep(execution, 'rollBack', { action: () => restore(progress) });
    state.failure = error.reason;
    return false;
  } finally {
    state.restorable = false;
  }
}

/** Does the part after which nothing rolls back: what fails there for good is reported as left over. */
export async function finish({ state }: Execution, body: () => Promise<void>): Promise<void> {
  state.restorable = false;
  showStatus(state);
  await body().catch((error: unknown) => {
    if (!(error instanceof TurnBack)) throw error;
    state.failure = `Left over: ${error.reason}`;
  });
}
