/** The keys of `temporal.codec`, read once, when a process starts. What KMS encrypted is decrypted then, and kept in memory alone. */
import type { CodecSettings } from '../settings/codec';
import { mostOfKey, readText } from '../settings/files/text';
import { decryptDataKey } from './kms';

type KeySettings = CodecSettings['keys'][number];

export const keyLength = 32;

/**
 * The keys by their IDs, in the order of the settings.
 * @throws {Error} with one sentence when a key is missing or is none, or when KMS doesn't decrypt it
 */
export async function readCodecKeys(
  wanted: readonly KeySettings[],
  environment: NodeJS.ProcessEnv,
): Promise<ReadonlyMap<string, Buffer>> {
  const read = async (key: KeySettings) => [key.id, await readKey(key, environment)] as const;
  return new Map(await Promise.all(wanted.map(read)));
}

async function readKey(settings: KeySettings, environment: NodeJS.ProcessEnv): Promise<Buffer> {
  const { id, kms } = settings;
  const { where, text } = keyText(settings, environment);
  const bytes = Buffer.from(text?.trim() ?? '', 'base64');
  const key = kms === undefined || bytes.length === 0 ? bytes : await decryptDataKey({ id, kms }, bytes);
  if (key.length === keyLength) return key;
  const expected =
    kms === undefined
      ? `${keyLength} bytes in base64, such as "openssl rand -base64 ${keyLength}" prints`
      : `an encrypted key of ${keyLength} bytes, such as "cutover codec key" prints`;
  throw new Error(`The key "${id}" of temporal.codec is not in ${where}: expected ${expected}.`);
}

function keyText({ id, file, environment: name, encrypted }: KeySettings, environment: NodeJS.ProcessEnv) {
  if (encrypted !== undefined) return { where: 'the settings', text: encrypted };
  return file === undefined
    ? { where: `the environment variable ${name}`, text: environment[name ?? ''] }
    : { where: `the file ${file}`, text: readKeyFile(id, file) };
}

function readKeyFile(id: string, file: string): string {
  try {
    return readText(file, mostOfKey);
  } catch (error) {
    throw new Error(`The key "${id}" of temporal.codec can't be read: ${(error as Error).message}.`, { cause: error });
  }
}
