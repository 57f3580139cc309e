/** Which settings file is meant: what the flag, the environment, or the folder says, in that order. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';

/** What `--settings` says of itself, in every command that takes it. */
export const settingsHelp = 'the settings file (default: $CUTOVER_SETTINGS, cutover.yaml, .cutover/cutover.yaml)';

/** Without an option: CUTOVER_SETTINGS, then `cutover.yaml` in the present folder, then the local stack's. */
export function settingsFile(option?: string): string {
  const named = option ?? process.env['CUTOVER_SETTINGS'];
  if (named !== undefined) return named;
  return ['cutover.yaml', join('.cutover', 'cutover.yaml')].find((file) => existsSync(file)) ?? 'cutover.yaml';
}
