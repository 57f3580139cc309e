/**
 * The secrets that the operator writes into the four URLs: compared in constant time, never shown. A file may hold two, one a line:
 * both are good while the URLs are changed. Files are read again when they change.
 */
import { lastGood, rereader } from '../settings/files/reread';
import { mostOfKey, readText } from '../settings/files/text';
import { anyOf } from '../settings/secrets';
import type { HookMethod } from '../contract/hook-calls';
import type { Settings } from '../settings/schema';
import type { HookSettings } from '../settings/hooks';

const shortest = 12;
const fewestDifferent = 6;
const mostAtOnce = 2;

/** Whether a call has the secret of all calls. */
export type IsSecret = (given: string | undefined) => boolean;

/**
 * Returns the check whether a call has the secret. Where the settings say plainly that no secret is wanted, every call passes.
 * @throws {Error} of one sentence when there is no secret, or one that can be guessed
 */
export function loadSecret(
  { secretFile, withoutSecret, secretParameter }: HookSettings,
  environment: NodeJS.ProcessEnv,
): IsSecret {
  const given = environment['CUTOVER_HOOK_SECRET']?.trim();
  if (given) return anyOf(checked([given]));
  const named = environment['CUTOVER_HOOK_SECRET_FILE']?.trim() || secretFile;
  if (named === undefined) {
    if (withoutSecret) return () => true;
    throw new Error(
      `Whoever reaches the listener could deploy: put a secret into the file that "hooks.secretFile" or CUTOVER_HOOK_SECRET_FILE names, or into CUTOVER_HOOK_SECRET, and &${secretParameter}=… into the four URLs; or say "withoutSecret: true" under "hooks" in the settings.`,
    );
  }
  const file = secretsOf(named);
  file(undefined);
  return file;
}

/**
 * Returns the check whether a call of this zone and method has the secret that the zone has for it; undefined where the zone has
 * none of its own, and the one of all calls holds. A file that can't be used lets nobody in, and is told.
 */
export function zoneSecrets(
  tell: (why: string) => void,
): (zone: Settings['zones'][string], method: HookMethod) => IsSecret | undefined {
  const known = new Map<string, IsSecret>();
  return ({ hookSecrets }, method) => {
    const file = hookSecrets?.methods[method] ?? hookSecrets?.file;
    if (file === undefined) return undefined;
    const check = known.get(file) ?? orNobody(secretsOf(file), tell);
    known.set(file, check);
    return check;
  };
}

const orNobody =
  (check: IsSecret, tell: (why: string) => void): IsSecret =>
  (given) => {
    try {
      return check(given);
    } catch (error) {
      tell((error as Error).message);
      return false;
    }
  };

/** The check against a file's secrets as they are now. A file that can't be used any more leaves those from before. */
function secretsOf(file: string): IsSecret {
  const read = rereader(file, () => anyOf(checked(readLines(file))));
  let check: (() => IsSecret) | undefined;
  return (given) => {
    try {
      check ??= lastGood(read);
    } catch (error) {
      throw new Error(`The secret of the hooks can't be used: ${(error as Error).message}`, { cause: error });
    }
    return check()(given);
  };
}

const readLines = (file: string): string[] =>
  readText(file, mostOfKey)
    .split(/\r?\n/)
    .map((line) => line.trim())
    .filter((line) => line !== '');

function checked(secrets: readonly string[]): readonly string[] {
  if (secrets.length === 0 || secrets.length > mostAtOnce)
    throw new Error(`A file of secrets has one, or two while the URLs are changed, each on a line of its own.`);
  if (secrets.some(({ length }) => length < shortest))
    throw new Error(`The secret of the hooks is too short: expected at least ${shortest} characters.`);
  if (secrets.some((secret) => new Set(secret).size < fewestDifferent))
    throw new Error('The secret of the hooks can be guessed: make one with "openssl rand -hex 16".');
  return secrets;
}
