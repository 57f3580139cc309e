/**
 * Work on a zone's shared folders, of which only so much runs at once. A folder that hangs holds threads; this process has few of
 * them, and all zones share them, also with the lookups of AWS's host names. Work that is no longer wanted is abandoned, but
 * counts as running for as long as it hangs.
 *
 * Invariant: the work of all zones together never takes the last threads, for there are more threads than that work may hold.
 */
import { Context } from '@temporalio/activity';
import { ApplicationFailure } from '@temporalio/common';
import type { SharedFolders } from '../../settings/platform';
import type { Settings, ZoneSettings } from '../../settings/schema';
import { limitConcurrency, unlessAborted, type InTurn } from '../concurrency';

export interface FileDependencies {
  /** Reads the settings anew, so that an edited file holds for the next deployment. */
  readonly settings: () => Settings;
}

/** What the activities on shared folders have in common. */
export interface FolderAccess extends FileDependencies {
  readonly inFolder: ZoneFolders;
}

/** @throws {ApplicationFailure} of type `InvalidRequest` when the zone isn't in the settings, or has no folders */
export function zoneWithFolders(
  { zones }: Settings,
  name: string,
): { readonly zone: ZoneSettings; readonly folders: SharedFolders } {
  const zone = Object.hasOwn(zones, name) ? zones[name] : undefined;
  const what = zone ? `has no "folders"` : `is not in the settings`;
  if (zone?.folders) return { zone, folders: zone.folders };
  throw ApplicationFailure.nonRetryable(`The zone ${name} ${what}: no call can be answered.`, 'InvalidRequest');
}

/** The kinds of work on a folder. Each has a limit of its own: builds are long, and answers must not wait for them. */
export type FileWork = 'bundles' | 'answers' | 'configurations' | 'doctor';

const mostAtOnce: Readonly<Record<FileWork, number>> = {
  bundles: 2,
  answers: 2,
  configurations: 2,
  doctor: 1,
};

/** Node's default number of threads, left for everything else. */
const otherThreads = 4;

/**
 * How many threads a process needs to work on the folders of so many zones: more than may hang.
 * https://docs.libuv.org/en/v1.x/threadpool.html
 */
export const threadsFor = (zones: number): number =>
  Math.min(1024, otherThreads + zones * Object.values(mostAtOnce).reduce((sum, count) => sum + count, 0));

/** Runs an activity's work on a zone's folders when its turn comes; it ends with the activity, whatever hangs. */
export type ZoneFolders = <T>(zone: string, kind: FileWork, work: () => Promise<T>) => Promise<T>;

export function zoneFolders(): ZoneFolders {
  const known = new Map<string, InTurn>();
  return async (zone, kind, work) => {
    const key = `${kind} ${zone}`;
    const inTurn = known.get(key) ?? limitConcurrency(mostAtOnce[kind]);
    known.set(key, inTurn);
    const { cancellationSignal } = Context.current();
    return await unlessAborted(inTurn(work, cancellationSignal), cancellationSignal);
  };
}
