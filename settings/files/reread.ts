/** Files that are read again once they have changed: their owners edit them, and no process has to be started again. */
import { statSync } from 'node:fs';

/**
 * Reads again only once the file has changed.
 * @returns how to get what was read; it throws what reading threw, the same error for as long as the file stays as it is
 */
export function rereader<T>(file: string, read: () => T): () => T {
  let known: { readonly version: string | undefined; readonly value: () => T } | undefined;
  return () => {
    const version = versionOf(file);
    if (known === undefined || version !== known.version) known = { version, value: once(read) };
    return known.value();
  };
}

/**
 * What was read, or while it can't be read, as in the middle of an edit, what was read before.
 * @param tell hears why it can't be, once for each error
 * @throws {Error} at once, what reading threw, when there is nothing to begin with
 */
export function lastGood<T>(read: () => T, tell?: (error: Error) => void): () => T {
  let last = read();
  let told: unknown;
  return () => {
    try {
      last = read();
    } catch (error) {
      if (error !== told) tell?.(error as Error);
      told = error;
    }
    return last;
  };
}

/** Changes whenever the file, or who may read it, does; `undefined` while there is no file. */
function versionOf(file: string): string | undefined {
  const status = statSync(file, { throwIfNoEntry: false });
  return status && `${status.mtimeMs} ${status.ctimeMs} ${status.size} ${status.ino}`;
}

/** Does it once, and gives what came of it as often as it is asked for. */
function once<T>(work: () => T): () => T {
  try {
    const value = work();
    return () => value;
  } catch (error) {
    return () => {
      throw error;
    };
  }
}
