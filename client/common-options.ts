/** The flags that every command of the operator takes. */
import type { Command } from 'commander';
import { settingsHelp } from '../settings/file';

export function withCommonOptions(command: Command): Command {
  return command
    .option('--settings <file>', settingsHelp)
    .option('--zone <zone>', 'the zone (default: the only one, or the settings’ defaultZone)')
    .option('--json', 'print one line of JSON');
}
