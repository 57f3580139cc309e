/**
 * The folders that the platform shares, to which others write too. A file there is opened once, without following a link and
 * without waiting for whoever holds the other end of a pipe, and everything about it is asked of what was opened: it can't be
 * exchanged in between. Names compare without case, because the platform's file systems ignore case and the worker's may not.
 */
import { constants, type Stats } from 'node:fs';
import { lstat, open, readdir, readlink, realpath, stat, type FileHandle } from 'node:fs/promises';
import { join } from 'node:path';

/** A path that must not be opened; the message says why, and what to do. */
export class RefusedPath extends Error {}

/** A plain file that is open for reading. */
export interface SharedFile {
  readonly path: string;
  readonly handle: FileHandle;
  /** In bytes, when it was opened. */
  readonly size: number;
}

/**
 * Works on the file that these names lead to, and closes it; `undefined` when there is nothing.
 * @param names one for each folder on the way, each a plain name
 * @throws {RefusedPath} for a name that isn't plain or exists in two letter cases, for a link on the way, and for what is no
 * plain file with this one name
 */
export async function withFileIn<T>(
  folder: string,
  names: readonly string[],
  work: (file: SharedFile) => Promise<T>,
): Promise<T | undefined> {
  const path = await findIn(folder, ...names);
  if (path === undefined) return undefined;
  const handle = await openPlainly(path).catch(undefinedWhenMissing);
  if (handle === undefined) return undefined;
  try {
    const opened = await handle.stat();
    refuseOther(path, opened);
    await refuseElsewhere(path, handle, opened);
    return await work({ path, handle, size: opened.size });
  } finally {
    await handle.close();
  }
}

/** Opens what is there and nothing that it links to. A named pipe or a device opens at once, and is recognized by its `stat`. */
export const openPlainly = async (path: string): Promise<FileHandle> =>
  await open(path, constants.O_RDONLY | (constants.O_NOFOLLOW ?? 0) | (constants.O_NONBLOCK ?? 0)).catch(
    (error: NodeJS.ErrnoException) => {
      throw error.code === 'ELOOP' ? linked(path) : error;
    },
  );

/**
 * Reads at most so many bytes from the start of a file, however much it holds.
 * @returns all of it where that is less
 */
export async function readBounded(handle: FileHandle, mostBytes: number): Promise<Buffer> {
  const { size } = await handle.stat();
  const content = Buffer.alloc(Math.min(size, mostBytes));
  let length = 0;
  while (length < content.length) {
    const { bytesRead } = await handle.read(content, length, content.length - length, length);
    if (bytesRead === 0) break;
    length += bytesRead;
  }
  return content.subarray(0, length);
}

/**
 * The path that these names lead to, in the folder's own spelling; `undefined` when there is nothing.
 * @throws {RefusedPath} as {@link withFileIn}
 */
export async function findIn(folder: string, ...names: readonly string[]): Promise<string | undefined> {
  names.forEach(refusePath);
  let path = await realpath(folder).catch(undefinedWhenMissing);
  for (const name of names) {
    if (path === undefined) return undefined;
    const found = onlyOne(path, await entriesOf(path), name);
    if (found === undefined) return undefined;
    path = join(path, found);
    const there = await lstat(path).catch(undefinedWhenMissing);
    if (there?.isSymbolicLink()) throw linked(path);
    if (there === undefined) return undefined;
  }
  return path;
}

function refuseOther(path: string, opened: Stats): void {
  if (!opened.isFile()) throw new RefusedPath(`${path} is no plain file: put the file itself there.`);
  if (opened.nlink > 1)
    throw new RefusedPath(`${path} has a second name elsewhere (a hard link): put a file of its own there.`);
}

/** A folder on the way may have become a link since it was looked at. Linux knows where an open file lies. */
async function refuseElsewhere(path: string, handle: FileHandle, opened: Stats): Promise<void> {
  const real = await readlink(`/proc/self/fd/${handle.fd}`).catch(async () => {
    const [now, there] = await Promise.all([realpath(path), stat(path)]);
    return there.ino === opened.ino && there.dev === opened.dev ? now : undefined;
  });
  // One that was replaced since it was opened is still what lay there.
  if (real !== path && real !== `${path} (deleted)`) throw linked(path);
}

const linked = (path: string) =>
  new RefusedPath(`${path} is a link, or lies behind one that leads out of its folder: put the file itself there.`);

function onlyOne(folder: string, entries: readonly string[], name: string): string | undefined {
  const found = entries.filter((entry) => entry.toLowerCase() === name.toLowerCase()).toSorted();
  if (found.length > 1)
    throw new RefusedPath(
      `${folder} holds ${found.join(' and ')}: leave the one that is meant, and take the rest away.`,
    );
  return found[0];
}

function refusePath(name: string): void {
  if (name === '' || name === '.' || name === '..' || /[/\\\0]/.test(name))
    throw new RefusedPath(`${JSON.stringify(name)} is no file name.`);
}

const entriesOf = async (folder: string): Promise<string[]> =>
  (await readdir(folder).catch(undefinedWhenMissing)) ?? [];

function undefinedWhenMissing(error: NodeJS.ErrnoException): undefined {
  if (error.code === 'ENOENT') return undefined;
  throw error;
}
