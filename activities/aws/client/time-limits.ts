/** How long a call may take, and how long it may wait for its turn, so that it is over before its activity's attempt is. */
import { Context } from '@temporalio/activity';

export const requestTimeoutMs = 8_000;

/** No call waits longer than this for its turn. */
const longestWaitMs = 20_000;

/** When each activity attempt first called AWS. */
const begun = new WeakMap<Context, number>();

/**
 * How long the current call may wait for its turn, and the signal that ends the wait. A call must not go out so late that its
 * activity's attempt is over before the answer can be there: it might take effect after that.
 */
export function patience(): { readonly patienceMs: number; readonly signal?: AbortSignal } {
  const context = currentActivity();
  if (context === undefined) return { patienceMs: longestWaitMs };
  const start = begun.get(context) ?? Date.now();
  begun.set(context, start);
  const lastMomentMs = start + (context.info.startToCloseTimeoutMs ?? Infinity) - requestTimeoutMs - 1_000;
  const patienceMs = Math.max(1, Math.min(longestWaitMs, lastMomentMs - Date.now()));
  return { patienceMs, signal: context.cancellationSignal };
}

/** `undefined` outside an activity. */
export function currentActivity(): Context | undefined {
  try {
    return Context.current();
  } catch {
    return undefined;
  }
}
