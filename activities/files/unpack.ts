/**
 * Unpacks a bundle into one folder and nowhere else. A zip that would break out of it, or fill the disk, is refused before the
 * first byte is written, and a file that turns out to be larger than the zip declares ends the unpacking.
 */
import { createWriteStream } from 'node:fs';
import { mkdir, statfs } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { crc32 } from 'node:zlib';
import { fromFdPromise, openPromise, type Entry, type ZipFile } from 'yauzl';
import { bundleNames } from './bundle-names';
import type { SharedFile } from './shared-folder';

export interface UnpackLimits {
  /** Folders included. */
  readonly files: number;
  readonly bytes: number;
}

/** Far more than an application's bundle needs, and far less than a disk holds. */
const unpackLimits: UnpackLimits = { files: 100_000, bytes: 8 * 1024 ** 3 };

/**
 * @param bundle its path, or a file that is open: that is read, and stays open
 * @throws {Error} of one sentence, for a file that is no zip, or one that must not be unpacked
 */
export async function unpackBundle(bundle: string | SharedFile, folder: string, limits = unpackLimits): Promise<void> {
  const file = typeof bundle === 'string' ? bundle : bundle.path;
  const opening =
    typeof bundle === 'string'
      ? openPromise(file, { autoClose: false })
      : fromFdPromise(bundle.handle.fd, { autoClose: false });
  const zip = await opening.catch((error: Error) => {
    throw new Error(`${file} can't be read as a zip: ${clause(error)}.`);
  });
  try {
    const entries = await listEntries(zip, limits);
    await refuseWithoutSpace(entries, folder);
    for (const entry of entries) await unpackEntry(zip, entry, folder);
  } catch (error) {
    throw new Error(`The bundle ${file} can't be unpacked: ${clause(error as Error)}.`, { cause: error });
  } finally {
    if (typeof bundle === 'string') zip.close();
  }
}

/** Its names may be anything, and as long as a zip allows. */
const clause = ({ message }: Error): string => message.replace(/[\p{Cc}\p{Zl}\p{Zp}]/gu, '\uFFFD').slice(0, 500);

/** For Unix, the upper half holds the file's mode: https://pkwaredownloads.blob.core.windows.net/pem/APPNOTE.txt */
const modeOf = (entry: Entry): number => entry.externalFileAttributes >>> 16;
const isFolder = (entry: Entry): boolean => entry.fileName.endsWith('/');

/** What is wrong is said at the first entry that is: a list may be longer than the memory. */
async function listEntries(zip: ZipFile, limits: UnpackLimits): Promise<Entry[]> {
  refuseMany(zip.entryCount, limits);
  const names = bundleNames();
  const entries: Entry[] = [];
  let bytes = 0;
  for await (const entry of zip.eachEntry()) {
    const type = modeOf(entry) & 0o170000;
    if (type !== 0 && type !== 0o100000 && type !== 0o040000)
      throw new Error(`${entry.fileName} is a link or a device`);
    names.add(entry.fileName);
    refuseMany(names.count(), limits);
    bytes += entry.uncompressedSize;
    if (bytes > limits.bytes) throw new Error(`it unpacks to ${bytes} bytes, more than ${limits.bytes}`);
    entries.push(entry);
  }
  return entries;
}

function refuseMany(count: number, { files }: UnpackLimits): void {
  if (count > files) throw new Error(`it holds ${count} files and folders or more, more than ${files}`);
}

/** A disk that is full fails everybody's work. The folder may have still to be made. */
async function refuseWithoutSpace(entries: readonly Entry[], folder: string): Promise<void> {
  const bytes = entries.reduce((sum, entry) => sum + entry.uncompressedSize, 0);
  const found = await statfs(folder).catch(async () => await statfs(dirname(folder)).catch(() => undefined));
  if (found === undefined || found.bavail * found.bsize >= bytes) return;
  throw new Error(`it unpacks to ${bytes} bytes, and ${folder} has only ${found.bavail * found.bsize} free`);
}

async function unpackEntry(zip: ZipFile, entry: Entry, folder: string): Promise<void> {
  const path = join(folder, entry.fileName);
  await mkdir(isFolder(entry) ? path : dirname(path), { recursive: true });
  if (isFolder(entry)) return;
  const mode = (modeOf(entry) & 0o111) === 0 ? 0o644 : 0o755;
  const read = await zip.openReadStreamPromise(entry);
  await pipeline(read, checkingSum(entry), createWriteStream(path, { flags: 'wx', mode }));
}

/** The zip reader checks sizes only: what was damaged on its way would become an image. */
function checkingSum({ fileName, crc32: expected }: Entry): Transform {
  let sum = 0;
  return new Transform({
    transform(part: Buffer, _encoding, done) {
      sum = crc32(part, sum);
      done(null, part);
    },
    flush(done) {
      done(sum === expected ? null : new Error(`${fileName} is damaged: its CRC-32 is not the one that the zip says`));
    },
  });
}
