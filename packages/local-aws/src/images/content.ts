/** The digest of an image, made from its configuration and every file's path, executable bit and content. */
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { readdir, stat } from 'node:fs/promises';
import { join, relative, sep } from 'node:path';
import { pipeline } from 'node:stream/promises';

/** `size` is that of all files together, in bytes. */
export async function hashFolder(folder: string, configuration: object): Promise<{ digest: string; size: number }> {
  const files = await filesUnder(folder);
  const image = createHash('sha256').update(JSON.stringify(configuration));
  let size = 0;
  for (const file of files) {
    const [status, content] = [await stat(join(folder, file)), createHash('sha256')];
    await pipeline(createReadStream(join(folder, file)), content);
    image.update(`\n${JSON.stringify(file)} ${(status.mode & 0o100) === 0 ? '-' : 'x'} ${content.digest('hex')}`);
    size += status.size;
  }
  return { digest: `sha256:${image.digest('hex')}`, size };
}

/** The files' paths with forward slashes, in the same order on every machine. */
async function filesUnder(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { withFileTypes: true, recursive: true });
  return entries
    .filter((entry) => entry.isFile())
    .map((entry) => relative(folder, join(entry.parentPath, entry.name)).split(sep).join('/'))
    .toSorted();
}
