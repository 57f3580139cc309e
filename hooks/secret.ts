/** The secret that the operator writes into the four URLs: read once, compared in constant time, never told. */
import { createHash, timingSafeEqual } from 'node:crypto';
import { readFileSync } from 'node:fs';
import type { HookSettings } from '../settings/hooks';

const shortest = 12;

/**
 * Tells whether a call bears the secret; of any call, where the settings say plainly that none is wanted.
 * @throws Error of one sentence when there is none, or a guessable one
 */
export function loadSecret(
  { secretFile, withoutSecret, secretParameter }: HookSettings,
  environment: NodeJS.ProcessEnv,
): (given: string | undefined) => boolean {
  const secret = environment['CUTOVER_HOOK_SECRET']?.trim() || (secretFile !== undefined && readSecret(secretFile));
  if (!secret) {
    if (withoutSecret) return () => true;
    throw new Error(
      `Whoever reaches the listener could deploy: put a secret into CUTOVER_HOOK_SECRET or into the file that "hooks.secretFile" names, and &${secretParameter}=… into the four URLs; or say "withoutSecret: true" under "hooks" in the settings.`,
    );
  }
  if (secret.length < shortest)
    throw new Error(`The secret of the hooks is too short: expected at least ${shortest} characters.`);
  const expected = digest(secret);
  return (given) => timingSafeEqual(digest(given ?? ''), expected);
}

function readSecret(file: string): string {
  try {
    return readFileSync(file, 'utf8').trim();
  } catch (error) {
    throw new Error(`The secret of the hooks can't be read: ${(error as Error).message}.`, { cause: error });
  }
}

/** Of equal length whatever is compared, so that the length tells nothing either. */
const digest = (text: string) => createHash('sha256').update(text).digest();
