/**
 * The folders that the platform shares: what is opened in them lies in them, symbolic links resolved. Names compare without
 * case, because the platform's file systems don't tell cases apart and the worker's may.
 */
import { readdir, realpath } from 'node:fs/promises';
import { join, relative, isAbsolute, sep } from 'node:path';

/** Something leads out of a shared folder; nothing was opened. */
export class OutsideFolder extends Error {}

/**
 * The real path of what these names lead to; `undefined` when there is nothing.
 * @param names one a folder, each a plain name
 * @throws {OutsideFolder} for a name that isn't plain, or a link that leads out
 */
export async function findIn(folder: string, ...names: readonly string[]): Promise<string | undefined> {
  let path = folder;
  for (const name of names) {
    refusePath(name);
    const found = (await entriesOf(path))?.find((entry) => entry.toLowerCase() === name.toLowerCase());
    if (found === undefined) return undefined;
    path = join(path, found);
  }
  const [root, real] = await Promise.all([realpath(folder), realpath(path).catch(undefinedWhenMissing)]);
  if (real === undefined) return undefined;
  const inside = relative(root, real);
  if (inside === '' || inside === '..' || inside.startsWith(`..${sep}`) || isAbsolute(inside))
    throw new OutsideFolder(`${path} leads out of ${folder} by a link: put the file itself there.`);
  return real;
}

function refusePath(name: string): void {
  if (name === '' || name === '.' || name === '..' || /[/\\\0]/.test(name))
    throw new OutsideFolder(`${JSON.stringify(name)} is no file name.`);
}

const entriesOf = async (folder: string): Promise<string[] | undefined> =>
  await readdir(folder).catch(undefinedWhenMissing);

function undefinedWhenMissing(error: NodeJS.ErrnoException): undefined {
  if (error.code === 'ENOENT') return undefined;
  throw error;
}
