/** Files that other processes read at any moment: each is complete or absent. */
import { randomUUID } from 'node:crypto';
import { rename, rm, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { makeFolder } from './folders';

/** Replaces a file's content by one rename, and makes its folder if that is missing. */
export async function writeWhole(file: string, content: string, mode = 0o666): Promise<void> {
  const unfinished = `${file}.${randomUUID()}~`;
  await makeFolder(dirname(file));
  try {
    await writeFile(unfinished, content, { mode });
    await rename(unfinished, file);
  } catch (error) {
    await rm(unfinished, { force: true });
    throw error;
  }
}
