/**
 * Result files: how the platform learns the outcome of its calls. A file is there whole or not at all, is read back before it
 * counts, and a success is never written after the platform has stopped waiting.
 */
import { ApplicationFailure } from '@temporalio/common';
import { randomUUID } from 'node:crypto';
import { lstat, mkdir, open, readdir, rename, rm, rmdir, stat } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { isResultFile, longestError } from '../../contract/hook-calls';
import { planClock, type PlatformClock } from '../../planning/platform-clock';
import type { SharedFolders } from '../../settings/platform';
import { openPlainly, readBounded, RefusedPath } from './shared-folder';
import { zoneWithFolders, type FolderAccess } from './zone-folders';

/** The answer to one call. */
export interface Answer {
  /** A plain file name, such as `<ApplicationKey>_<OperationId>.deploydone`. */
  readonly file: string;
  /** What people read in Service Center; `null` for success. */
  readonly error: string | null;
}

export const answerActivities = ({ settings, inFolder }: FolderAccess) => ({
  /**
   * The clock of a call in this zone.
   * @throws {ApplicationFailure} of type `InvalidRequest` when the zone isn't in the settings, or has no folders: then no answer
   * can be given
   */
  describeClock: (zone: string, calledAtMs: number): Promise<PlatformClock> =>
    Promise.resolve(planClock(calledAtMs, zoneWithFolders(settings(), zone).zone.platformTimeout)),

  /**
   * Puts the answer to a call where the platform looks for it.
   * Effect: one file, and its folder where that is to be made. Idempotent: an answer that is there already is left alone.
   * @throws {ApplicationFailure} of type `NobodyReads` after the platform's time; of type `InvalidRequest` for a name that no
   * answer has: whoever may start activities could write anywhere else
   * @throws {Error} for any trouble with the folder: it is worth another try for as long as the platform waits
   */
  async writeAnswer(zone: string, answer: Answer, { waitsUntil }: PlatformClock): Promise<void> {
    const { folders } = zoneWithFolders(settings(), zone);
    if (!isResultFile(answer.file))
      throw ApplicationFailure.nonRetryable(`${JSON.stringify(answer.file)} is no answer's name.`, 'InvalidRequest');
    const refuseLate = () => {
      if (Date.now() < Date.parse(waitsUntil)) return;
      throw ApplicationFailure.nonRetryable('The platform waits no longer.', 'NobodyReads');
    };
    refuseLate();
    await inFolder(zone, 'answers', async () => {
      await makeBesideOthers(folders);
      await writeAnswer(folders.result.mounted, answer, refuseLate);
    });
  },
});

/** A success is an empty file. */
export const contentOf = ({ error }: Pick<Answer, 'error'>): string =>
  error === null ? '' : JSON.stringify({ Error: { Message: error.slice(0, longestError) } });

/**
 * Writes the answer and reads it back.
 * @param refuseLate throws when the platform waits no longer
 * @throws {Error} the file system's; the same call again continues
 */
export async function writeAnswer(folder: string, answer: Answer, refuseLate: () => void): Promise<void> {
  const file = join(folder, answer.file);
  const content = contentOf(answer);
  if ((await contentIn(file, content.length)) === content) return;
  await removeUnfinished(folder, answer.file);
  // The platform looks for names that begin with the key: this one doesn't.
  const unfinished = join(folder, `${prefixOf(answer.file)}${randomUUID()}`);
  try {
    const handle = await open(unfinished, 'wx', 0o664);
    try {
      await handle.writeFile(content);
      await handle.sync();
    } finally {
      await handle.close();
    }
    // A slow folder may have taken all the time that there was.
    refuseLate();
    await removeFolder(file);
    await rename(unfinished, file);
  } catch (error) {
    await rm(unfinished, { force: true }).catch(() => undefined);
    throw error;
  }
  const read = await contentIn(file, content.length);
  if (read !== content)
    throw new Error(`${file} was written, but reads ${read === undefined ? 'as missing' : 'otherwise'}.`);
}

/**
 * Makes the folder for answers where nobody has made it yet: the platform makes its folders as it publishes, and only reads this
 * one. One whose parent has none of the other folders may be a share that isn't mounted: nobody would read there.
 */
export async function makeBesideOthers({ result, target, config }: SharedFolders): Promise<void> {
  const parent = dirname(resolve(result.mounted));
  const others = [target, config].map(({ mounted }) => resolve(mounted)).filter((other) => dirname(other) === parent);
  const there = await Promise.all(others.map((other) => stat(other).catch(() => undefined)));
  if (there.some((other) => other?.isDirectory())) await mkdir(resolve(result.mounted)).catch(unlessThere);
}

function unlessThere(error: NodeJS.ErrnoException): void {
  if (error.code !== 'EEXIST') throw error;
}

const prefixOf = (file: string) => `.cutover-${file}.`;

/** Removes what an earlier attempt left when it was killed, and whatever else bears such a name. */
async function removeUnfinished(folder: string, file: string): Promise<void> {
  const left = (await readdir(folder)).filter((name) => name.startsWith(prefixOf(file)));
  for (const name of left) await rm(join(folder, name), { force: true, recursive: true });
}

/** No file can take the place of a folder. One that holds something is somebody's, and is waited for. */
async function removeFolder(path: string): Promise<void> {
  const there = await lstat(path).catch(undefinedWhenMissing);
  if (there?.isDirectory()) await rmdir(path);
}

/** @returns `undefined` for what is no plain file, which an answer replaces; never more than tells it from that length */
async function contentIn(file: string, length: number): Promise<string | undefined> {
  const handle = await openPlainly(file).catch((error: unknown) => {
    if (error instanceof RefusedPath) return undefined;
    return undefinedWhenMissing(error as NodeJS.ErrnoException);
  });
  if (handle === undefined) return undefined;
  try {
    if (!(await handle.stat()).isFile()) return undefined;
    // A character takes at most three bytes of UTF-8.
    return (await readBounded(handle, 3 * length + 1)).toString('utf8');
  } finally {
    await handle.close();
  }
}

function undefinedWhenMissing(error: NodeJS.ErrnoException): undefined {
  // A socket can't be opened, nor can a device without its driver.
  if (error.code === 'ENOENT' || error.code === 'ENXIO') return undefined;
  throw error;
}
