/** Valid and invalid zips for the tests. */
import { createWriteStream } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { pipeline } from 'node:stream/promises';
import { ZipFile } from 'yazl';

export { inTemporaryFolder } from '../../../packages/local-aws/test/temporary-folder';

export const dockerfile = 'FROM node:22-slim\nWORKDIR /app\nCOPY . .\nENTRYPOINT ["node", "main.js"]\n';

/** A zip of the given files; a mode is that of Unix, type bits included. */
export async function writeZip(
  file: string,
  files: Readonly<Record<string, string | { readonly content: string; readonly mode: number }>>,
): Promise<string> {
  const zip = new ZipFile();
  for (const [path, entry] of Object.entries(files)) {
    const { content, mode } = typeof entry === 'string' ? { content: entry, mode: 0o100644 } : entry;
    zip.addBuffer(Buffer.from(content), path, { mode });
  }
  zip.end();
  await pipeline(zip.outputStream, createWriteStream(file));
  return file;
}

/** Gives a file in a zip another name of the same length, as a hostile zip would. */
export async function renameInZip(file: string, from: string, to: string): Promise<void> {
  const bytes = (await readFile(file)).toString('latin1').replaceAll(from, to);
  await writeFile(file, Buffer.from(bytes, 'latin1'));
}
