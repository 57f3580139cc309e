/** Waiting for an observed fact, with heartbeats, so that a worker that dies is noticed and cancellation arrives. */
import { Context } from '@temporalio/activity';

export interface Polling {
  /** Between two looks. */
  readonly everyMs: number;
}

/** Looks until there is something to return; ends with the activity's cancellation. */
export async function poll<T>(look: () => Promise<T | undefined>, { everyMs }: Polling): Promise<T> {
  return await heartbeating(async () => {
    for (;;) {
      const found = await look();
      if (found !== undefined) return found;
      await Context.current().sleep(untilNextTick(everyMs));
    }
  });
}

/** Everybody looks on the same tick, so that reads of many can go out as one call. */
const untilNextTick = (everyMs: number): number => everyMs - (Date.now() % everyMs);

/** Work that takes its time, with a heartbeat every second. */
export async function heartbeating<T>(work: () => Promise<T>): Promise<T> {
  const context = Context.current();
  const beat = setInterval(() => context.heartbeat(), 1_000);
  try {
    return await work();
  } finally {
    clearInterval(beat);
  }
}

/** How long this activity has been wanted, attempts before this one included. */
export const waitedMs = () => Date.now() - Context.current().info.scheduledTimestampMs;
