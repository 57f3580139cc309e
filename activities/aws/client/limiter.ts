/**
 * Lets AWS calls through at this worker's share of the account's rates, in the order of fair-order.ts. A call that would wait too
 * long fails, and Temporal retries it.
 *
 * Reads that wait to ask the same go out as one: the more deployments wait for AWS, the more of what they read of their zone they
 * share. None joins a call that has been sent: an answer is never older than its question.
 */
import { ApplicationFailure } from '@temporalio/common';
import { fairOrder, type Caller } from './fair-order';
import { classesOf, levelNow, waitMs, type ApiClass, type Level } from './rates';

export interface Limiter {
  /**
   * Resolves when the call may go out, or when another one does that asks the same.
   * @throws {ApplicationFailure} of type `Throttled`, retryable, when that takes longer than `patienceMs`
   * @throws {unknown} the signal's reason, when the signal aborts first
   */
  admit(call: Admission): Promise<Turn>;
}

/** To send the call, and to tell the answer to those who waited to ask the same; or, for these, the answer. */
export type Turn = { readonly tell: (answer: Promise<unknown>) => void } | { readonly told: Promise<unknown> };

/** What a call asks, and of which client: two may have different permissions. */
export interface Question {
  readonly client: object;
  readonly text: string;
}

export interface Admission {
  /** E.g. `ecs:UpdateService`. */
  readonly operation: string;
  readonly isRead: boolean;
  readonly patienceMs: number;
  /** Default: nobody in particular. */
  readonly caller?: Caller;
  /** Of a read. Default: nobody else asks the same. */
  readonly question?: Question;
  readonly signal?: AbortSignal | undefined;
}

interface Waiter extends Admission {
  readonly classes: readonly ApiClass[];
  readonly go: (turn: Turn) => void;
}

const asksAs =
  ({ question: one }: Admission) =>
  ({ question: other }: Admission): boolean =>
    one !== undefined && other?.client === one.client && other.text === one.text;

/** By a wall clock that is set back, no call would go out until it has caught up. */
const monotonicMs = () => performance.now();

/** @param share this worker's share of the account's rates, e.g. 0.5; read again for every call */
export function createLimiter(share: () => number, nowMs: () => number = monotonicMs): Limiter {
  const { isFree, take, untilFreeMs } = createBuckets(share, nowMs);
  const order = fairOrder();
  let waiting: Waiter[] = [];
  let timer: NodeJS.Timeout | undefined;

  const letGo = (next: Waiter): void => {
    let tell: (answer: Promise<unknown>) => void = () => undefined;
    const told = new Promise<unknown>((resolve) => (tell = resolve));
    // Whoever makes the call hears of its failure, whether others wait for it or not.
    told.catch(() => undefined);
    const others = waiting.filter(asksAs(next)).filter((other) => other !== next);
    for (const one of [next, ...others]) {
      order.took(one);
      one.go(one === next ? { tell } : { told });
    }
  };

  const letThrough = (): void => {
    clearTimeout(timer);
    for (;;) {
      const free = new Set([...new Set(waiting.map(({ classes }) => classes))].filter(isFree));
      const next = free.size === 0 ? undefined : order.first(waiting.filter(({ classes }) => free.has(classes)));
      if (next === undefined) break;
      take(next.classes);
      letGo(next);
    }
    if (waiting.length === 0) order.forget();
    else timer = setTimeout(letThrough, Math.min(...waiting.map(({ classes }) => untilFreeMs(classes))));
  };

  return {
    admit: async (call) =>
      await new Promise<Turn>((resolve, reject) => {
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
          go: (turn) => {
            leave();
            resolve(turn);
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

interface Buckets {
  /** Whether there is a token of every class. */
  readonly isFree: (classes: readonly ApiClass[]) => boolean;
  readonly take: (classes: readonly ApiClass[]) => void;
  /** The milliseconds until every class has a token, at least 1. */
  readonly untilFreeMs: (classes: readonly ApiClass[]) => number;
}

function createBuckets(share: () => number, nowMs: () => number): Buckets {
  const levels = new Map<ApiClass, Level>();
  const level = (bucket: ApiClass): Level => levelNow(bucket, levels.get(bucket), share(), nowMs());
  return {
    isFree: (classes) => classes.every((bucket) => level(bucket).tokens >= 1),
    take: (classes) => {
      for (const bucket of classes) levels.set(bucket, { ...level(bucket), tokens: level(bucket).tokens - 1 });
    },
    untilFreeMs: (classes) => Math.max(1, ...classes.map((bucket) => waitMs(bucket, level(bucket), share()))),
  };
}

const tooBusy = ({ operation, classes }: Waiter) =>
  ApplicationFailure.create({
    type: 'Throttled',
    message: `${operation.split(':')[1]}: waits for its turn within AWS's rates (${classes.map(({ name }) => name).join(', ')}); it will be tried again.`,
  });
