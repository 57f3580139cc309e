/** The options for what AWS is like, which every command that starts a local AWS takes. */
import { InvalidArgumentError, Option, type Command } from 'commander';
import { parseRates, taskProfiles, type Conditions } from '../conditions';
import { taskKinds } from '../engine/kinds';

/** The options as commander gives them: `--no-stale-reads` makes `staleReads` false. */
export function conditionOptions(command: Command): Command {
  return command
    .addOption(
      new Option('--rates <number>', "raises AWS's published rates so many times; off: none at all").argParser(
        readRates,
      ),
    )
    .option('--no-stale-reads', 'every read sees what was just changed')
    .option('--failed-starts <share>', 'the share of tasks that fail to start, 0 to 1', readShare)
    .addOption(new Option('--profile <kind>', 'tasks as slow as IIS on Windows').choices([...taskProfiles]))
    .addOption(new Option('--tasks <kind>', 'what tasks are (default: processes)').choices([...taskKinds]))
    .option('--seed <number>', 'repeats the chance of a run', readSeed);
}

const conditionNames = [
  'staleReads',
  'rates',
  'failedStarts',
  'profile',
  'tasks',
  'seed',
] as const satisfies (keyof Conditions)[];

/** The conditions among a command's options; those that weren't given are left out. */
export function conditionsOf(options: Conditions): Conditions {
  return Object.fromEntries(
    conditionNames.flatMap((name) => (options[name] === undefined ? [] : [[name, options[name]]])),
  );
}

function readRates(text: string): number | 'off' {
  try {
    return parseRates(text);
  } catch (error) {
    throw new InvalidArgumentError((error as Error).message);
  }
}

function readShare(text: string): number {
  const share = Number(text);
  if (text.trim() === '' || !(share >= 0 && share <= 1))
    throw new InvalidArgumentError('Expected a number from 0 to 1.');
  return share;
}

function readSeed(text: string): number {
  if (!/^\d{1,9}$/.test(text)) throw new InvalidArgumentError('Expected a whole number.');
  return Number(text);
}
