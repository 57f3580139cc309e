/** Which settings file is meant: the flag decides, then the environment, then the files that there are. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';

/** The help of `--settings`, in every command that takes it. */
export const settingsHelp = 'the settings file (default: $CUTOVER_SETTINGS, cutover.yaml, .cutover/cutover.yaml)';

/** Without an option: CUTOVER_SETTINGS, then `cutover.yaml` in the current folder, then the local stack's. */
export function settingsFile(option?: string): string {
  const named = option ?? process.env['CUTOVER_SETTINGS'];
  if (named !== undefined) return named;
  return ['cutover.yaml', join('.cutover', 'cutover.yaml')].find((file) => existsSync(file)) ?? 'cutover.yaml';
}
