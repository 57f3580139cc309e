/** Files that an operator names: read up to a size, since a name may turn out to be a device or a dump. */
import { closeSync, openSync, readSync } from 'node:fs';

/** In bytes. Settings of a thousand applications have a tenth of it. */
export const mostSettings = 16 * 2 ** 20;
/** In bytes. The largest key of RSA that OpenSSH makes has less than a fifth of it. */
export const mostOfKey = 64 * 2 ** 10;
/** In bytes. The certificates of every public authority together have a quarter of it. */
export const mostOfCertificates = 2 ** 20;

/**
 * A file's text, in UTF-8. Pipes are read too: shells make them for `<(…)`.
 * @param most bytes that it may have
 * @throws {Error} Node's own when it can't be read, and one that says so when there is more
 */
export function readText(file: string, most: number): string {
  const descriptor = openSync(file, 'r');
  try {
    const parts: Buffer[] = [];
    for (let length = 0; ;) {
      const part = Buffer.allocUnsafe(64 * 2 ** 10);
      const read = readSync(descriptor, part);
      if (read === 0) return Buffer.concat(parts).toString('utf8');
      length += read;
      if (length > most) throw new Error(`it has more than ${most} bytes`);
      parts.push(part.subarray(0, read));
    }
  } finally {
    closeSync(descriptor);
  }
}
