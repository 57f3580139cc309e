/** Bounds for work that is heavy, or that may never end: so much of it goes at a time, in the order in which it comes. */

/**
 * Does the work in its turn; it has its place until it ends.
 * @throws the signal's reason when that aborts while it waits
 */
export type InTurn = <T>(work: () => Promise<T>, signal: AbortSignal) => Promise<T>;

/** @param count how many go at a time, from 1 */
export function places(count: number): InTurn {
  const waiting = new Set<() => void>();
  let taken = 0;
  const leave = () => {
    const [next] = waiting;
    if (next) next();
    else taken--;
  };
  const take = async (signal: AbortSignal): Promise<void> => {
    if (taken < count) {
      taken++;
      return;
    }
    await new Promise<void>((resolve, reject) => {
      const giveUp = () => {
        waiting.delete(begin);
        reject(signal.reason as Error);
      };
      const begin = () => {
        waiting.delete(begin);
        signal.removeEventListener('abort', giveUp);
        resolve();
      };
      waiting.add(begin);
      signal.addEventListener('abort', giveUp, { once: true });
    });
  };
  return async (work, signal) => {
    signal.throwIfAborted();
    await take(signal);
    try {
      return await work();
    } finally {
      leave();
    }
  };
}

/** Waits for the work no longer than for the signal, whose reason it throws; nobody looks then at how the work ends. */
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
