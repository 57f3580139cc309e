/** How long a call may take, and how long it may wait for its turn, so that it is over before its activity's attempt is. */
import { attemptLeftMs, currentActivity } from '../../attempt';

export const requestTimeoutMs = 8_000;

/** Where an attempt may take longer, as a wait may, or has no end, as what is done without Temporal. */
const longestWaitMs = 10 * 60_000;

/**
 * How long the current call may wait for its turn, and the signal that ends the wait. A call must not go out so late that its
 * activity's attempt is over before the answer can be there: it might take effect after that.
 */
export function patience(): { readonly patienceMs: number; readonly signal?: AbortSignal } {
  const leftMs = attemptLeftMs() ?? Infinity;
  const patienceMs = Math.max(1, Math.min(longestWaitMs, leftMs - requestTimeoutMs - 1_000));
  const signal = currentActivity()?.cancellationSignal;
  return signal === undefined ? { patienceMs } : { patienceMs, signal };
}
