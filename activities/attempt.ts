/** How long the current attempt of an activity still counts, by its own time-outs. */
import { Context } from '@temporalio/activity';

/** A moment by both clocks: the monotonic one stands still while a machine is suspended, and people set the other. */
export interface Moment {
  readonly monotonicMs: number;
  readonly wallMs: number;
}

export const now = (): Moment => ({ monotonicMs: performance.now(), wallMs: Date.now() });

/** The longer of what the two clocks say. */
export const elapsedMs = (since: Moment): number =>
  Math.max(performance.now() - since.monotonicMs, Date.now() - since.wallMs);

/** When each attempt was first seen here. */
const begun = new WeakMap<Context, Moment>();

/**
 * How many milliseconds are left until Temporal counts this attempt, or the activity with all its attempts, as timed out. Counted
 * from the first call: an activity calls before it does anything else that takes time. `undefined` outside an activity.
 */
export function attemptLeftMs(): number | undefined {
  const context = currentActivity();
  if (context === undefined) return undefined;
  const start = begun.get(context) ?? now();
  begun.set(context, start);
  const { startToCloseTimeoutMs, scheduleToCloseTimeoutMs, scheduledTimestampMs, currentAttemptScheduledTimestampMs } =
    context.info;
  const attemptsBefore = currentAttemptScheduledTimestampMs - scheduledTimestampMs;
  const ends = [startToCloseTimeoutMs, scheduleToCloseTimeoutMs - attemptsBefore].filter((end) => end > 0);
  return Math.min(Infinity, ...ends) - elapsedMs(start);
}

/** `undefined` outside an activity. */
export function currentActivity(): Context | undefined {
  try {
    return Context.current();
  } catch {
    return undefined;
  }
}
