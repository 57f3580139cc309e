/**
 * Work with heartbeats, so that a worker that dies is noticed and a cancellation arrives; and waits for an observed fact, whose
 * heartbeats report the progress.
 */
import { Context } from '@temporalio/activity';
import { AsyncLocalStorage } from 'node:async_hooks';
import { setMaxListeners } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { currentActivity } from './attempt';

/** Each request under way listens for the cancellation. Node warns of a leak from eleven on; a round of probes alone has twenty. */
const mostListeners = 200;

export interface Polling {
  /** Milliseconds between two looks; asked anew after each, where that depends on what was found. */
  readonly everyMs: number | (() => number);
}

/**
 * Looks again and again until there is something to return; ends with the activity's cancellation.
 * @param look may report its progress: the Temporal UI shows that beside the pending activity
 */
export async function poll<T>(
  look: (report: (progress: string) => void) => Promise<T | undefined>,
  { everyMs }: Polling,
): Promise<T> {
  return await heartbeating(async (report) => {
    for (;;) {
      const found = await look(report);
      if (found !== undefined) return found;
      await pause(untilNextTick(typeof everyMs === 'number' ? everyMs : everyMs()));
    }
  });
}

/** Those whose end is known before they have heard of it. */
const resting = new WeakSet<Context>();

/** Lets an activity look at nothing any more, once its next pause is over, until it hears of its cancellation. */
export const rest = (context: Context): void => void resting.add(context);

/**
 * Waits, and ends with the activity's cancellation. The SDK's own sleep leaks a kilobyte each time for as long as the activity
 * runs: 100 MB for a day of looking once a second.
 */
export async function pause(durationMs: number): Promise<void> {
  const context = Context.current();
  const { cancellationSignal: signal } = context;
  await sleep(durationMs, undefined, { signal }).catch(() => signal.throwIfAborted());
  if (resting.has(context)) await context.cancelled;
}

/** All activities look on the same tick of the clock, so that the reads of many can go out as one call. */
export const untilNextTick = (everyMs: number): number => everyMs - (Date.now() % everyMs);

/** Runs work that takes its time, with a heartbeat every second that carries the last progress reported. */
export async function heartbeating<T>(work: (report: (progress: string) => void) => Promise<T>): Promise<T> {
  const context = Context.current();
  setMaxListeners(mostListeners, context.cancellationSignal);
  let latest: string | undefined;
  const beatNow = () => context.heartbeat(latest);
  const beat = setInterval(beatNow, 1_000);
  const report = (progress: string | undefined) => {
    if (progress === latest) return;
    latest = progress;
    beatNow();
  };
  pauses.set(context, (why) => {
    const before = latest;
    report(why);
    return () => report(before);
  });
  try {
    return await work(report);
  } finally {
    clearInterval(beat);
  }
}

const pauses = new WeakMap<Context, (why: string) => () => void>();

/** Shows why an activity that heartbeats stands still. @returns what shows again what was shown before */
export const showPause = (why: string): (() => void) => {
  const context = currentActivity();
  return (context && pauses.get(context)?.(why)) ?? (() => undefined);
};

type Activities = Readonly<Record<string, (...args: never[]) => Promise<unknown>>>;

/** The same activities, each of which heartbeats while it works. */
export function eachHeartbeating<Own extends Activities>(activities: Own): Own {
  const wrapped = Object.entries(activities).map(([name, activity]) => [
    name,
    async (...args: never[]) => await heartbeating(() => activity(...args)),
  ]);
  return Object.fromEntries(wrapped) as Own;
}

const partBegan = new AsyncLocalStorage<number>();

/** Does what an activity is made of besides: its patience begins with it, and anew with each attempt. */
export const asPart = async <T>(part: () => Promise<T>): Promise<T> => await partBegan.run(performance.now(), part);

/** Milliseconds since this activity was scheduled, before its earlier attempts; or its part began, see {@link asPart}. */
export function waitedMs(): number {
  const began = partBegan.getStore();
  return began === undefined ? Date.now() - Context.current().info.scheduledTimestampMs : performance.now() - began;
}
