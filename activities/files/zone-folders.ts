/**
 * Work on a zone's shared folders, so much at a time: one that hangs holds threads, of which this process has few, and all zones
 * have them in common, as have the look-ups of AWS's names. Work that nobody wants any more is left alone, and keeps its place
 * for as long as it hangs.
 *
 * Invariant: all work of all zones together can't take the last threads, for there are more than it may hold.
 */
import { Context } from '@temporalio/activity';
import { places, unlessAborted, type InTurn } from '../concurrency';

/** What works on a folder: builds are long, and answers mustn't wait for them. */
export type FileWork = 'bundles' | 'answers' | 'configurations' | 'examinations';

const atOnce: Readonly<Record<FileWork, number>> = {
  bundles: 2,
  answers: 2,
  configurations: 2,
  examinations: 1,
};

/** Node's own default, for everything else. */
const otherThreads = 4;

/**
 * How many threads a process needs that works on the folders of so many zones: more than may hang.
 * https://docs.libuv.org/en/v1.x/threadpool.html
 */
export const threadsFor = (zones: number): number =>
  Math.min(1024, otherThreads + zones * Object.values(atOnce).reduce((sum, count) => sum + count, 0));

/** Does an activity's work in its zone's turn; ends with the activity, whatever hangs. */
export type ZonePlaces = <T>(zone: string, kind: FileWork, work: () => Promise<T>) => Promise<T>;

export function zonePlaces(): ZonePlaces {
  const known = new Map<string, InTurn>();
  return async (zone, kind, work) => {
    const key = `${kind} ${zone}`;
    const inTurn = known.get(key) ?? places(atOnce[kind]);
    known.set(key, inTurn);
    const { cancellationSignal } = Context.current();
    return await unlessAborted(inTurn(work, cancellationSignal), cancellationSignal);
  };
}
