/** The access keys of a local AWS: made once for each folder, and given to its process without other users seeing them. */
import { randomBytes } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { writeWhole } from '../processes/whole-file';
import { hexId } from '../scope';

export interface AccessKey {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
}

/**
 * The key in a file, made when there is none, so that clients stay valid over a restart. Only its owner may read it.
 * @throws {Error} of one sentence for a file that is something else
 */
export async function keptAccessKey(file: string): Promise<AccessKey> {
  const text = await readFile(file, 'utf8').catch(() => undefined);
  if (text !== undefined) return readKey(file, text);
  const key = {
    accessKeyId: `AKIA${hexId(16).toUpperCase()}`,
    secretAccessKey: randomBytes(30).toString('base64url'),
  };
  await writeWhole(file, `${JSON.stringify(key, undefined, 2)}\n`, 0o600);
  return key;
}

function readKey(file: string, text: string): AccessKey {
  try {
    const { accessKeyId, secretAccessKey } = JSON.parse(text) as Partial<AccessKey>;
    if (typeof accessKeyId === 'string' && typeof secretAccessKey === 'string') return { accessKeyId, secretAccessKey };
  } catch {
    // Said below.
  }
  throw new Error(`${file} has no access key: delete it, and a new one is made.`);
}

const variable = 'LOCAL_AWS_KEYS';

/** The environment variable with secrets by access key, for the process that reads it with `takeKeys`. */
export const keysVariable = (keys: Readonly<Record<string, string>>) => ({ [variable]: JSON.stringify(keys) });

/** The secrets by access key that this process was given. They are in its environment no more: nothing that it starts has them. */
export function takeKeys(): Readonly<Record<string, string>> {
  const keys = JSON.parse(process.env[variable] ?? '{}') as Record<string, string>;
  delete process.env[variable];
  return keys;
}
