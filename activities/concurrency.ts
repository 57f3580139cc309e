/** Bounds for work that is heavy, or that may never end: only so much of it runs at once, in the order in which it came. */

/**
 * Runs the work when its turn comes. Its turn lasts until the work ends.
 * @throws {unknown} the signal's reason, when the signal aborts while the work waits
 */
export type InTurn = <T>(work: () => Promise<T>, signal: AbortSignal) => Promise<T>;

/** @param most how much work may run at once, at least 1 */
export function limitConcurrency(most: number): InTurn {
  const waiting = new Set<() => void>();
  let running = 0;
  const end = () => {
    const [next] = waiting;
    if (next) next();
    else running--;
  };
  const begin = async (signal: AbortSignal): Promise<void> => {
    if (running < most) {
      running++;
      return;
    }
    await new Promise<void>((resolve, reject) => {
      const giveUp = () => {
        waiting.delete(start);
        reject(signal.reason as Error);
      };
      const start = () => {
        waiting.delete(start);
        signal.removeEventListener('abort', giveUp);
        resolve();
      };
      waiting.add(start);
      signal.addEventListener('abort', giveUp, { once: true });
    });
  };
  return async (work, signal) => {
    signal.throwIfAborted();
    await begin(signal);
    try {
      return await work();
    } finally {
      end();
    }
  };
}

/**
 * Waits for the work until the signal aborts; how the work ends after that is ignored.
 * @throws {unknown} the signal's reason, when it aborts first; else what the work throws
 */
export async function unlessAborted<T>(done: Promise<T>, signal: AbortSignal): Promise<T> {
  let giveUp: (() => void) | undefined;
  const aborted = new Promise<never>((_, reject) => {
    giveUp = () => reject(signal.reason as Error);
    if (signal.aborted) giveUp();
    else signal.addEventListener('abort', giveUp, { once: true });
  });
  try {
    return await Promise.race([done, aborted]);
  } finally {
    if (giveUp) signal.removeEventListener('abort', giveUp);
  }
}

/**
 * Reads that need no answer of each other. Where several fail, the first in their order is told, whichever came first: people get the
 * same sentence every time.
 */
export async function together<Reads extends readonly unknown[]>(reads: {
  readonly [At in keyof Reads]: Reads[At] | Promise<Reads[At]>;
}): Promise<Reads> {
  const read = await Promise.allSettled(reads);
  const failed = read.find((one) => one.status === 'rejected');
  if (failed) throw failed.reason;
  return read.map((one) => (one as PromiseFulfilledResult<unknown>).value) as unknown as Reads;
}

/** Enough for reads that go out as one, where AWS takes a list. */
const readAtOnce = 40;

/**
 * Reads of each, forty side by side, where there may be hundreds. Fails as {@link together} does.
 * @returns the answers, in the order of what was asked about
 */
export async function eachTogether<One, Answer>(
  all: readonly One[],
  read: (one: One) => Promise<Answer>,
): Promise<readonly Answer[]> {
  const inTurn = limitConcurrency(readAtOnce);
  const { signal } = new AbortController();
  return await together<readonly Answer[]>(all.map(async (one) => await inTurn(async () => await read(one), signal)));
}
