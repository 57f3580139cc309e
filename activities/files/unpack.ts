/**
 * Unpacks a bundle into one folder and nowhere else. A zip that would break out of it, or fill the disk, is refused before the
 * first byte is written, and a file that turns out to be larger than the zip declares ends the unpacking.
 */
import { createWriteStream } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { openPromise, type Entry, type ZipFile } from 'yauzl';

export interface UnpackLimits {
  readonly files: number;
  readonly bytes: number;
}

/** Far more than an application's bundle needs, and far less than a disk holds. */
const unpackLimits: UnpackLimits = { files: 100_000, bytes: 8 * 1024 ** 3 };

/** @throws {Error} of one sentence, for a file that is no zip, or one that must not be unpacked */
export async function unpackBundle(file: string, folder: string, limits = unpackLimits): Promise<void> {
  const zip = await openPromise(file, { autoClose: false }).catch((error: Error) => {
    throw new Error(`${file} can't be read as a zip: ${error.message}.`);
  });
  try {
    const entries = await listEntries(zip);
    checkEntries(entries, limits);
    for (const entry of entries) await unpackEntry(zip, entry, folder);
  } catch (error) {
    throw new Error(`The bundle ${file} can't be unpacked: ${(error as Error).message}.`, { cause: error });
  } finally {
    zip.close();
  }
}

async function listEntries(zip: ZipFile): Promise<Entry[]> {
  const entries: Entry[] = [];
  for await (const entry of zip.eachEntry()) entries.push(entry);
  return entries;
}

/** For Unix, the upper half holds the file's mode: https://pkwaredownloads.blob.core.windows.net/pem/APPNOTE.txt */
const modeOf = (entry: Entry): number => entry.externalFileAttributes >>> 16;
const isFolder = (entry: Entry): boolean => entry.fileName.endsWith('/');

/** The zip reader has already refused absolute paths and `..`; this refuses everything else. */
function checkEntries(entries: readonly Entry[], limits: UnpackLimits): void {
  const bytes = entries.reduce((sum, entry) => sum + entry.uncompressedSize, 0);
  if (entries.length > limits.files) throw new Error(`it holds ${entries.length} files, more than ${limits.files}`);
  if (bytes > limits.bytes) throw new Error(`it unpacks to ${bytes} bytes, more than ${limits.bytes}`);
  const seen = new Set<string>();
  for (const entry of entries) {
    const type = modeOf(entry) & 0o170000;
    if (type !== 0 && type !== 0o100000 && type !== 0o040000)
      throw new Error(`${entry.fileName} is a link or a device`);
    if (/\p{Cc}/u.test(entry.fileName)) throw new Error(`${JSON.stringify(entry.fileName)} is no file name`);
    const name = entry.fileName.toLowerCase();
    if (seen.has(name)) throw new Error(`${entry.fileName} is in it twice (names compare without case)`);
    seen.add(name);
  }
}

async function unpackEntry(zip: ZipFile, entry: Entry, folder: string): Promise<void> {
  const path = join(folder, entry.fileName);
  await mkdir(isFolder(entry) ? path : dirname(path), { recursive: true });
  if (isFolder(entry)) return;
  const mode = (modeOf(entry) & 0o111) === 0 ? 0o644 : 0o755;
  await pipeline(await zip.openReadStreamPromise(entry), createWriteStream(path, { flags: 'wx', mode }));
}
