/** The secrets of a stack, made once for each folder, so that URLs and clients with them stay valid. Only the owner may read them. */
import { randomBytes } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { keptAccessKey, writeWhole, type AccessKey } from '../../packages/local-aws/src/index';
import type { StackFolders } from './folders';

/** What the worker of a stack signs its calls with; its policies and what was decided by them are filed under it. */
export const workerAccessKey = 'LOCALCUTOVERWORKER0';

/** The key that may do everything, and the worker's own. */
export async function awsKeys({ keys }: StackFolders): Promise<Record<'aws' | 'worker', AccessKey>> {
  const { secretAccessKey } = await keptAccessKey(join(keys, 'worker.json'));
  return {
    aws: await keptAccessKey(join(keys, 'stack.json')),
    worker: { accessKeyId: workerAccessKey, secretAccessKey },
  };
}

/** A secret that is made once: the one in the hooks' URLs, the token for LifeTime's API. */
export async function hookSecret(file: string): Promise<string> {
  const kept = (await readFile(file, 'utf8').catch(() => '')).trim();
  if (kept !== '') return kept;
  const secret = randomBytes(24).toString('base64url');
  await writeWhole(file, `${secret}\n`, 0o600);
  return secret;
}
