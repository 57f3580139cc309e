/**
 * Lets AWS calls through at this worker's share of the account's rates. Changes go before reads: a deployment that acts must
 * not wait for others that only look. Who would wait too long is told to come again, and Temporal sees to that.
 */
import { ApplicationFailure } from '@temporalio/common';
import { classesOf, levelNow, waitMs, type ApiClass, type Level } from './rates';

export interface Limiter {
  /**
   * Resolves when the call may go out.
   * @throws `Throttled`, retryable, when that takes longer than `patienceMs`; the abort signal's reason when it is aborted
   */
  admit(call: Admission): Promise<void>;
}

export interface Admission {
  /** E.g. `ecs:UpdateService`. */
  readonly operation: string;
  readonly isRead: boolean;
  readonly patienceMs: number;
  readonly signal?: AbortSignal | undefined;
}

interface Waiter extends Admission {
  readonly classes: readonly ApiClass[];
  readonly go: () => void;
}

/** @param share of the account's rates that are this worker's, looked at anew for every call; e.g. 0.5 of two workers */
export function createLimiter(share: () => number, nowMs: () => number = Date.now): Limiter {
  const levels = new Map<ApiClass, Level>();
  let waiting: Waiter[] = [];
  let timer: NodeJS.Timeout | undefined;

  const level = (bucket: ApiClass): Level => levelNow(bucket, levels.get(bucket), share(), nowMs());
  const take = ({ classes }: Waiter): boolean => {
    if (classes.some((bucket) => level(bucket).tokens < 1)) return false;
    for (const bucket of classes) levels.set(bucket, { ...level(bucket), tokens: level(bucket).tokens - 1 });
    return true;
  };
  const untilNext = ({ classes }: Waiter): number =>
    Math.max(1, ...classes.map((bucket) => waitMs(bucket, level(bucket), share())));

  const letThrough = (): void => {
    clearTimeout(timer);
    const inOrder = [...waiting.filter(({ isRead }) => !isRead), ...waiting.filter(({ isRead }) => isRead)];
    const gone = new Set(inOrder.filter(take));
    waiting = waiting.filter((waiter) => !gone.has(waiter));
    gone.forEach(({ go }) => go());
    if (waiting.length > 0) timer = setTimeout(letThrough, Math.min(...waiting.map(untilNext)));
  };

  return {
    admit: async (call) =>
      await new Promise<void>((resolve, reject) => {
        const leave = (): void => {
          clearTimeout(patience);
          call.signal?.removeEventListener('abort', aborted);
          waiting = waiting.filter((other) => other !== waiter);
        };
        const aborted = (): void => {
          leave();
          reject(call.signal?.reason as Error);
        };
        const waiter: Waiter = {
          ...call,
          classes: classesOf(call.operation),
          go: () => {
            leave();
            resolve();
          },
        };
        const patience = setTimeout(() => {
          leave();
          reject(tooBusy(waiter));
        }, call.patienceMs);
        if (call.signal?.aborted) return aborted();
        call.signal?.addEventListener('abort', aborted);
        waiting.push(waiter);
        letThrough();
      }),
  };
}

const tooBusy = ({ operation, classes }: Waiter) =>
  ApplicationFailure.create({
    type: 'Throttled',
    message: `${operation.split(':')[1]}: waits for its turn within AWS's rates (${classes.map(({ name }) => name).join(', ')}); it will be tried again.`,
  });
