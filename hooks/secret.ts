/** The secret that the operator writes into the four URLs: read once, compared in constant time, never shown. */
import { readFileSync } from 'node:fs';
import type { HookSettings } from '../settings/hooks';
import { equalTo } from '../settings/secrets';

const shortest = 12;

/**
 * Returns the check whether a call has the secret. Where the settings say plainly that no secret is wanted, every call passes.
 * @throws {Error} of one sentence when there is no secret, or one that can be guessed
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
  return equalTo(secret);
}

function readSecret(file: string): string {
  try {
    return readFileSync(file, 'utf8').trim();
  } catch (error) {
    throw new Error(`The secret of the hooks can't be read: ${(error as Error).message}.`, { cause: error });
  }
}
