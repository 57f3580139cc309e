/**
 * The flags of the commands that start or plan a runbook: every member of a runbook's input has one, in the same order, besides
 * the image and whether the deployment is followed.
 */
import { InvalidArgumentError, type Command } from 'commander';
import type { RunbookRequestInput } from '../contract/runbook-requests';

/** The flags' values, as the command line reads them. */
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
  readonly removal?: RunbookRequestInput['removal'];
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
  readonly description: string;
  readonly parse?: (text: string) => unknown;
}

const flags: Readonly<Record<keyof RunbookFlags, Flag>> = {
  strategy: {
    flag: '--strategy <strategy>',
    description:
      'blue-green or rolling-update, also written blueGreen, rollingUpdate or rolling (default: what the settings say, else blue-green)',
  },
  shift: {
    flag: '--shift <steps>',
    description: 'green’s share in percent, step by step, each with its bake, e.g. 5:10m,20:10m,50 (blue-green only)',
    parse: parseShift,
  },
  approval: { flag: '--approval <when>', description: 'beforeStart, afterVerify or none' },
  whileWaiting: {
    flag: '--while-waiting <replicas>',
    description: 'one or full: green’s replicas while somebody is to approve (a container runs timers already)',
  },
  bake: { flag: '--bake <duration>', description: 'how long blue stays beside green after the cut, e.g. 10m' },
  keepWarm: {
    flag: '--keep-warm <duration>',
    description: 'how long blue’s replicas stay afterwards, so that an undo is one cut',
  },
  settle: { flag: '--settle <duration>', description: 'how long rules take to reach every node of the load balancer' },
  removeAfter: {
    flag: '--remove-after <duration>',
    description: 'how long the Platform Server must say that it is gone (default: 10m)',
  },
  removal: {
    flag: '--removal <how>',
    description: 'ask or automatic: whether a person lets containers go that nobody takes over from (default: ask)',
  },
  minimumHealthyPercent: {
    flag: '--minimum-healthy-percent <percent>',
    description: 'of the replicas during a rolling update',
    parse: percent,
  },
  maximumPercent: {
    flag: '--maximum-percent <percent>',
    description: 'of the replicas during a rolling update',
    parse: percent,
  },
  onFailure: { flag: '--on-failure <what>', description: 'hold or rollback' },
  deleteAdopted: {
    flag: '--delete-adopted',
    description: 'delete what another tool made for it and is no longer needed, instead of leaving it',
  },
  approvalTimeout: {
    flag: '--approval-timeout <duration>',
    description: 'when an approval that nobody gives becomes a rollback (default: 24h)',
  },
  holdTimeout: { flag: '--hold-timeout <duration>', description: 'when a hold becomes a rollback (default: 24h)' },
  by: { flag: '--by <name>', description: 'who asks for it (default: user@host)' },
  reason: { flag: '--reason <text>', description: 'why, for the history' },
};

export type FlagName = keyof RunbookFlags;
export const flagNames = Object.keys(flags) as readonly FlagName[];

/** Adds all flags of a runbook but those that mean nothing for it. */
export function withRunbookFlags(command: Command, without: readonly FlagName[] = []): Command {
  for (const name of flagNames.filter((one) => !without.includes(one))) {
    const { flag, description, parse } = flags[name];
    if (parse) command.option(flag, description, parse);
    else command.option(flag, description);
  }
  return command;
}

/** The image that is deployed. */
export interface ImageOptions {
  readonly image: string;
  /** Comma-separated. */
  readonly modules?: string;
}

export function withImageFlags(command: Command, { required }: { readonly required: boolean }): Command {
  const [flag, description] = ['--image <reference>', 'the image, e.g. orders:1.4.2'];
  const withImage = required ? command.requiredOption(flag, description) : command.option(flag, description);
  return withImage.option('--modules <names>', 'comma-separated; default: what the image says');
}

/** Whether a deployment is followed to its end; by default it is in a terminal. */
export interface FollowOptions {
  readonly wait?: boolean;
  readonly detach?: boolean;
}

export const withFollowFlags = (command: Command): Command =>
  command.option('--wait', 'follow it until it ends (the default in a terminal)').option('--detach', 'only start it');

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
