/**
 * Work with heartbeats, so that a worker that dies is noticed and cancellation arrives; and waiting for an observed fact, whose
 * heartbeats say how far it is.
 */
import { Context } from '@temporalio/activity';
import { setTimeout as sleep } from 'node:timers/promises';

export interface Polling {
  /** Between two looks. */
  readonly everyMs: number;
}

/**
 * Looks until there is something to return; ends with the activity's cancellation.
 * @param look may tell how far it is: the Temporal UI shows that beside the pending activity
 */
export async function poll<T>(
  look: (tell: (progress: string) => void) => Promise<T | undefined>,
  { everyMs }: Polling,
): Promise<T> {
  return await heartbeating(async (tell) => {
    for (;;) {
      const found = await look(tell);
      if (found !== undefined) return found;
      await pause(untilNextTick(everyMs));
    }
  });
}

/**
 * Ends with the activity's cancellation. The SDK's own sleep leaves a kilobyte behind each time, for as long as the activity
 * lives: 100 MB for a day of looking once a second.
 */
export async function pause(durationMs: number): Promise<void> {
  const { cancellationSignal: signal } = Context.current();
  await sleep(durationMs, undefined, { signal }).catch(() => signal.throwIfAborted());
}

/** Everybody looks on the same tick, so that reads of many can go out as one call. */
const untilNextTick = (everyMs: number): number => everyMs - (Date.now() % everyMs);

/** Work that takes its time, with a heartbeat every second that bears what was told last. */
export async function heartbeating<T>(work: (tell: (progress: string) => void) => Promise<T>): Promise<T> {
  const context = Context.current();
  let told: string | undefined;
  const beatNow = () => context.heartbeat(told);
  const beat = setInterval(beatNow, 1_000);
  const tell = (progress: string) => {
    if (progress === told) return;
    told = progress;
    beatNow();
  };
  try {
    return await work(tell);
  } finally {
    clearInterval(beat);
  }
}

type Activities = Readonly<Record<string, (...args: never[]) => Promise<unknown>>>;

/** The same activities, each of which heartbeats while it works. */
export function eachHeartbeating<Own extends Activities>(activities: Own): Own {
  const wrapped = Object.entries(activities).map(([name, activity]) => [
    name,
    async (...args: never[]) => await heartbeating(() => activity(...args)),
  ]);
  return Object.fromEntries(wrapped) as Own;
}

/** How long this activity has been wanted, attempts before this one included. */
export const waitedMs = () => Date.now() - Context.current().info.scheduledTimestampMs;
