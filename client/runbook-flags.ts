/** How a runbook is to go about it, as flags: every member of its input has one, in the same order. */
import { InvalidArgumentError, type Command } from 'commander';
import type { RunbookRequestInput } from '../contract/runbook-requests';

/** What each flag says, as the command line has it. */
export interface RunbookFlags {
  /** As the command line spells it, e.g. `rolling-update`; see `strategyOf`. */
  readonly strategy?: string;
  readonly shift?: RunbookRequestInput['shift'];
  readonly approval?: RunbookRequestInput['approval'];
  readonly whileWaiting?: RunbookRequestInput['whileWaiting'];
  readonly bake?: string;
  readonly keepWarm?: string;
  readonly settle?: string;
  readonly removeAfter?: string;
  readonly minimumHealthyPercent?: number;
  readonly maximumPercent?: number;
  readonly onFailure?: RunbookRequestInput['onFailure'];
  readonly deleteAdopted?: boolean;
  readonly approvalTimeout?: string;
  readonly holdTimeout?: string;
  readonly by?: string;
  readonly reason?: string;
}

interface Flag {
  readonly flag: string;
  readonly says: string;
  readonly parse?: (text: string) => unknown;
}

const flags: Readonly<Record<keyof RunbookFlags, Flag>> = {
  strategy: {
    flag: '--strategy <strategy>',
    says: 'blue-green or rolling-update, also written blueGreen or rollingUpdate (default: what the settings say, else blue-green)',
  },
  shift: {
    flag: '--shift <steps>',
    says: 'green’s share in percent, step by step, each with its bake, e.g. 5:10m,20:10m,50 (blue-green only)',
    parse: parseShift,
  },
  approval: { flag: '--approval <when>', says: 'beforeStart, afterVerify or none' },
  whileWaiting: {
    flag: '--while-waiting <replicas>',
    says: 'one or full: green’s replicas while somebody is to approve (a container runs timers already)',
  },
  bake: { flag: '--bake <duration>', says: 'how long blue stays beside green after the cut, e.g. 10m' },
  keepWarm: {
    flag: '--keep-warm <duration>',
    says: 'how long blue’s replicas stay afterwards, so that an undo is one cut',
  },
  settle: { flag: '--settle <duration>', says: 'how long rules take to reach every node of the load balancer' },
  removeAfter: {
    flag: '--remove-after <duration>',
    says: 'how long the Platform Server must say that it is gone (default: 10m)',
  },
  minimumHealthyPercent: {
    flag: '--minimum-healthy-percent <percent>',
    says: 'of the replicas during a rolling update',
    parse: percent,
  },
  maximumPercent: {
    flag: '--maximum-percent <percent>',
    says: 'of the replicas during a rolling update',
    parse: percent,
  },
  onFailure: { flag: '--on-failure <what>', says: 'hold or rollback' },
  deleteAdopted: {
    flag: '--delete-adopted',
    says: 'delete what another tool made for it and is no longer needed, instead of leaving it',
  },
  approvalTimeout: {
    flag: '--approval-timeout <duration>',
    says: 'when an approval that nobody gives becomes a rollback (default: 24h)',
  },
  holdTimeout: { flag: '--hold-timeout <duration>', says: 'when a hold becomes a rollback (default: 24h)' },
  by: { flag: '--by <name>', says: 'who asks for it (default: user@host)' },
  reason: { flag: '--reason <text>', says: 'why, for the history' },
};

export type FlagName = keyof RunbookFlags;
const names = Object.keys(flags) as FlagName[];

/** Adds those flags of a runbook that mean something for it. */
export function withRunbookFlags(command: Command, without: readonly FlagName[] = []): Command {
  for (const { flag, says, parse } of names.filter((name) => !without.includes(name)).map((name) => flags[name]))
    if (parse) command.option(flag, says, parse);
    else command.option(flag, says);
  return command;
}

/** What was said, as a runbook's input has it; the strategy and who asks are the caller's to add. */
export function inputOf(options: RunbookFlags): Omit<RunbookRequestInput, 'strategy' | 'by'> {
  const said = names.filter((name) => name !== 'strategy' && name !== 'by' && options[name] !== undefined);
  return Object.fromEntries(said.map((name) => [name, options[name]]));
}

/** `5:10m,50` as 5 percent for 10 minutes, 50 percent, and then all. */
function parseShift(text: string): NonNullable<RunbookRequestInput['shift']> {
  const steps = text.split(',').map((step) => {
    const [, share, bake] = /^\s*(\d+)\s*(?::\s*(.+?)\s*)?$/.exec(step) ?? [];
    if (share === undefined)
      throw new InvalidArgumentError('Expected percents, each with a bake or none, such as 5:10m,20:10m,50.');
    return { percent: Number(share), ...(bake !== undefined && { bake }) };
  });
  return steps.at(-1)?.percent === 100 ? steps : [...steps, { percent: 100 }];
}

function percent(text: string): number {
  if (/^\d+$/.test(text)) return Number(text);
  throw new InvalidArgumentError('Expected a whole number of percent.');
}
