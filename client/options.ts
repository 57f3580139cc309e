/**
 * What every command of the operator shares: its flags, and the status that it ends with. It is loaded for `cutover --help`
 * too, and so it imports nothing that takes long to load.
 */
import { hostname, userInfo } from 'node:os';
import { InvalidArgumentError, type Command } from 'commander';
import { settingsHelp } from '../settings/file';

export interface CommonOptions {
  readonly settings?: string;
  readonly zone?: string;
  readonly json?: boolean;
}

export function withCommonFlags(command: Command): Command {
  return command
    .option('--settings <file>', settingsHelp)
    .option('--zone <zone>', 'the zone (default: the only one, or the settings’ defaultZone)')
    .option('--json', 'print one line of JSON');
}

/** A command about one application, with the flags that all commands have. */
export const applicationCommand = (program: Command, name: string): Command =>
  withCommonFlags(program.command(`${name} <application>`));

/** A command to a deployment that runs. */
export const ofRun = (command: Command): Command =>
  command.option(
    '--run <id>',
    'only to this run, as "cutover status" shows it (default: the one that runs now)',
    parseRun,
  );

function parseRun(text: string): string {
  if (/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(text)) return text.toLowerCase();
  throw new InvalidArgumentError('expected the ID of a run, as "cutover status" shows it.');
}

/** The person who gives a command: whom --by names, else this machine's user. */
export const userOf = ({ by }: { readonly by?: string }): string => by ?? `${userInfo().username}@${hostname()}`;

/**
 * What the command line ends with. Documented in the README.
 * - 1: it could not be done, and nothing was started; `doctor` found an error
 * - 2: `plan` found changes
 * - 3: a deployment that was followed did not complete: rolled back, failed or terminated
 * - 130 (Ctrl-C) and 143 (SIGTERM): the following of a deployment ended; the deployment goes on
 */
export const exitStatuses = {
  ok: 0,
  error: 1,
  planHasChanges: 2,
  notCompleted: 3,
  interrupted: 130,
  terminated: 143,
} as const;
