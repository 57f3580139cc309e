/** Files that others read at any moment: whole, or not there. */
import { randomUUID } from 'node:crypto';
import { mkdir, rename, rm, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';

/** Replaces a file's content by one rename, making its folder where that is missing. */
export async function writeWhole(file: string, content: string, mode = 0o666): Promise<void> {
  const unfinished = `${file}.${randomUUID()}~`;
  await mkdir(dirname(file), { recursive: true });
  try {
    await writeFile(unfinished, content, { mode });
    await rename(unfinished, file);
  } catch (error) {
    await rm(unfinished, { force: true });
    throw error;
  }
}
