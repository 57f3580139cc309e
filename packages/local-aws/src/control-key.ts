/**
 * What every path on the control ports begins with, `/<key>/faults`: who doesn't know it can set no fault, change no rule and end
 * nothing. As a part of the URL it is in `local.json` with it, and programs that add a path to that URL have it.
 */
import { createHash, createHmac, timingSafeEqual } from 'node:crypto';
import type { AccessKey } from './iam/keys';

/** Derived from the secret, which it doesn't tell: as random as that, and the same after a restart. */
export const controlKeyOf = ({ secretAccessKey }: Pick<AccessKey, 'secretAccessKey'>): string =>
  createHmac('sha256', secretAccessKey).update('control ports').digest('base64url');

/** The URL that paths are added to, without a slash at its end. */
export const controlUrl = (port: number, key: string): string => `http://127.0.0.1:${port}/${key}`;

/** The request's path and query after the key; undefined when it doesn't begin with that key. */
export function afterKey(target: string | undefined, key: string): string | undefined {
  const [, given = '', rest = ''] = /^\/([^/?]*)(.*)$/s.exec(target ?? '') ?? [];
  return timingSafeEqual(digest(given), digest(key)) ? rest : undefined;
}

const digest = (text: string): Buffer => createHash('sha256').update(text).digest();

const variable = 'LOCAL_AWS_CONTROL_KEY';

/** The environment variable with the key, for the process that reads it with `takeControlKey`. */
export const controlKeyVariable = (key: string) => ({ [variable]: key });

/**
 * The key that this process was given. It is in its environment no more: nothing that it starts has it.
 * @throws {Error} of one sentence when there is none
 */
export function takeControlKey(): string {
  const key = process.env[variable] ?? '';
  delete process.env[variable];
  if (key.length < 32) throw new Error(`${variable} must hold the key of the control ports, 32 characters or more.`);
  return key;
}
