/**
 * The folders that the platform shares. Whatever is opened there is really inside the folder, symbolic links resolved. Names
 * compare without case, because the platform's file systems ignore case and the worker's may not.
 */
import { readdir, realpath } from 'node:fs/promises';
import { join, relative, isAbsolute, sep } from 'node:path';

/** A path that must not be opened; the message says why, and what to do. */
export class RefusedPath extends Error {}

/**
 * The real path that these names lead to; `undefined` when there is nothing.
 * @param names one for each folder on the way, each a plain name
 * @throws {RefusedPath} for a name that isn't plain, a link that leads out, or a name that exists in two letter cases
 */
export async function findIn(folder: string, ...names: readonly string[]): Promise<string | undefined> {
  let path = folder;
  for (const name of names) {
    refusePath(name);
    const found = onlyOne(path, await entriesOf(path), name);
    if (found === undefined) return undefined;
    path = join(path, found);
  }
  const [root, real] = await Promise.all([realpath(folder), realpath(path).catch(undefinedWhenMissing)]);
  if (real === undefined) return undefined;
  const inside = relative(root, real);
  if (inside === '' || inside === '..' || inside.startsWith(`..${sep}`) || isAbsolute(inside))
    throw new RefusedPath(`${path} leads out of ${folder} by a link: put the file itself there.`);
  return real;
}

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
