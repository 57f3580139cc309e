/**
 * Result files: how the platform hears what became of a call. A file is there whole or not at all, is read back before it
 * counts, and a success is never written once the platform waits no longer.
 */
import { randomUUID } from 'node:crypto';
import { open, readdir, readFile, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { longestError } from '../../contract/hook-calls';

/** The answer to one call. */
export interface Answer {
  /** A plain file name, such as `<ApplicationKey>_<OperationId>.deploydone`. */
  readonly file: string;
  /** What people read in Service Center; `null` for success. */
  readonly error: string | null;
}

/** A success is an empty file. */
export const contentOf = ({ error }: Pick<Answer, 'error'>): string =>
  error === null ? '' : JSON.stringify({ Error: { Message: error.slice(0, longestError) } });

/**
 * Writes the answer and reads it back.
 * Effect: one file, replaced whole. Idempotent: an answer that is there already is left alone.
 * @param refuseLate throws once the platform waits no longer
 * @throws what the file system says; the same call again goes on
 */
export async function writeAnswer(folder: string, answer: Answer, refuseLate: () => void): Promise<void> {
  const file = join(folder, answer.file);
  const content = contentOf(answer);
  if ((await contentIn(file)) === content) return;
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
    await rename(unfinished, file);
  } catch (error) {
    await rm(unfinished, { force: true }).catch(() => undefined);
    throw error;
  }
  const read = await contentIn(file);
  if (read !== content)
    throw new Error(`${file} was written, but reads ${read === undefined ? 'as missing' : 'otherwise'}.`);
}

const prefixOf = (file: string) => `.cutover-${file}.`;

/** What an attempt left that was killed. */
async function removeUnfinished(folder: string, file: string): Promise<void> {
  const left = (await readdir(folder)).filter((name) => name.startsWith(prefixOf(file)));
  for (const name of left) await rm(join(folder, name), { force: true });
}

async function contentIn(file: string): Promise<string | undefined> {
  return await readFile(file, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined;
    throw error;
  });
}
