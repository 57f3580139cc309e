/**
 * A key of Temporal Cloud, or a token of an authorizer, that is read from a file, and read again once the file has changed: keys are
 * rotated by writing the new one there, while the old one still holds, and no process has to be started again.
 */
import { lastGood, rereader } from '../settings/files/reread';
import { mostOfKey, readText } from '../settings/files/text';

/** The key as the file has it now. */
export type ApiKey = () => string;

/**
 * Looks at the file each time, and reads it only once it has changed. While it can't be read, as in the middle of a rotation, the
 * key before stands.
 * @throws {Error} at once, with a sentence, when there is no key to begin with
 */
export const apiKeyFrom = (file: string): ApiKey => lastGood(rereader(file, () => readKey(file)));

function readKey(file: string): string {
  const key = read(file).trim();
  if (/^[\x21-\x7e]+$/.test(key)) return key;
  throw new Error(`The API key's file ${file} has no API key: write the key into it, and nothing else.`);
}

function read(file: string): string {
  try {
    return readText(file, mostOfKey);
  } catch (error) {
    throw new Error(
      `The API key's file ${file} can't be read (${(error as Error).message}): temporal.apiKeyFile, or CUTOVER_API_KEY_FILE, names it.`,
      { cause: error },
    );
  }
}

/** The same options with the key as it is now: a worker's connection takes no function. */
export function withKeyOfNow<Options extends object>({
  apiKey,
  ...others
}: Options & { readonly apiKey?: string | ApiKey }): Omit<Options, 'apiKey'> & { readonly apiKey?: string } {
  if (apiKey === undefined) return others;
  return { ...others, apiKey: typeof apiKey === 'function' ? apiKey() : apiKey };
}

/** The part of a worker's connection that takes a key. */
interface TakesKey {
  setApiKey(apiKey: string): Promise<void>;
}

const lookEveryMs = 10_000;

/** Gives a worker's connection, which takes no function, the key whenever it changes, until it is closed. */
export function keepApiKey(connection: TakesKey, key: ApiKey, everyMs = lookEveryMs): { close(): void } {
  let given = key();
  const timer = setInterval(() => {
    const now = key();
    if (now === given) return;
    given = now;
    void connection.setApiKey(now);
  }, everyMs);
  timer.unref();
  return { close: () => clearInterval(timer) };
}
