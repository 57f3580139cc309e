/**
 * Makes folders, with those above them. Node's own recursive `mkdir` never returns where a folder is there and yet refuses a
 * new one with ENOENT, as `/proc` does: it makes the parent again, and tries again, for ever.
 */
import { existsSync } from 'node:fs';
import { access, constants, mkdir, stat } from 'node:fs/promises';
import { dirname } from 'node:path';

/**
 * Makes a folder that may be there already.
 * @throws {Error} the system's own, when it can't be made or is a file
 */
export async function makeFolder(folder: string): Promise<void> {
  const parent = dirname(folder);
  if (!existsSync(parent)) await makeFolder(parent);
  await mkdir(folder).catch(async (error: unknown) => {
    if (!(await isFolder(folder))) throw error;
  });
}

/**
 * Makes the folder that a command's `--dir` names, or one below it.
 * @throws {Error} of one sentence when it can't be made or written
 */
export async function makeWritableFolder(folder: string): Promise<void> {
  try {
    await makeFolder(folder);
    await access(folder, constants.W_OK);
  } catch (error) {
    const { code = 'error' } = error as NodeJS.ErrnoException;
    throw new Error(`The folder ${folder} can't be written (${code}): name another one with --dir.`, { cause: error });
  }
}

async function isFolder(path: string): Promise<boolean> {
  return await stat(path).then(
    (found) => found.isDirectory(),
    () => false,
  );
}
