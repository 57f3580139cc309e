/** What every command of the operator shares: which settings, which application, who asks; and how its errors are told. */
import { hostname, userInfo } from 'node:os';
import { settingsFile } from '../settings/file';
import { loadSettings } from '../settings/load';
import type { Settings } from '../settings/schema';
import { temporalConfiguration } from '../temporal/configuration';
import { connectDeployments, Refused, type Deployments, type Target } from './deployments';

export interface CommonOptions {
  readonly settings?: string;
  readonly zone?: string;
  readonly by?: string;
  readonly json?: boolean;
}

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
  asked: 143,
} as const;

/** `Orders` in the default zone, or `production/Orders`. */
export function parseTarget(text: string, options: CommonOptions, settings: Settings): Target {
  const [first = '', ...rest] = text.split('/');
  if (rest.length > 0) return { zone: chosenZone({ zone: first }, settings), application: rest.join('/') };
  return { zone: chosenZone(options, settings), application: text };
}

/** The zone that --zone names, else the settings' default, else their only one. */
export function chosenZone({ zone }: CommonOptions, settings: Settings): string {
  const zones = Object.keys(settings.zones);
  const chosen = zone ?? settings.defaultZone ?? (zones.length === 1 ? zones[0] : undefined);
  if (chosen === undefined) throw new Refused(`Name the zone with --zone: ${zones.join(', ')}.`);
  if (Object.hasOwn(settings.zones, chosen)) return chosen;
  throw new Refused(`There is no zone ${chosen}: the settings know ${zones.join(', ')}.`);
}

/** One line, or more, on standard output. */
export const print = (text: string): void => void process.stdout.write(`${text}\n`);

/** Refuses an application that the settings don't know, before anything is started. */
export function knownTarget(text: string, options: CommonOptions, settings: Settings): Target {
  const target = parseTarget(text, options, settings);
  if (Object.hasOwn(settings.applications, target.application)) return target;
  const known = Object.keys(settings.applications);
  throw new Refused(
    `There is no application ${target.application} in ${settingsFile(options.settings)}, which knows ${known.join(', ') || 'none'}: add it under "applications".`,
  );
}

/**
 * As {@link knownTarget}; an application that only the platform deployed is in no settings, and a worker finds it by its rules.
 * @throws {Refused} when it is known nowhere
 */
export async function findTarget(
  deployments: Deployments,
  text: string,
  options: CommonOptions,
  settings: Settings,
): Promise<Target> {
  const target = parseTarget(text, options, settings);
  if (!Object.hasOwn(settings.applications, target.application)) await deployments.ask({ kind: 'live', ...target });
  return target;
}

/** Who gives a command, when --by doesn't say. */
export const whoAsks = ({ by }: CommonOptions) => by ?? `${userInfo().username}@${hostname()}`;

/** Runs a command with a connection to Temporal, closed afterwards. */
export async function withDeployments<T>(
  options: CommonOptions,
  use: (deployments: Deployments, settings: Settings) => Promise<T>,
): Promise<T> {
  const settings = loadSettings(settingsFile(options.settings));
  const deployments = await connectDeployments(temporalConfiguration(settings.temporal));
  try {
    return await use(deployments, settings);
  } finally {
    await deployments.close();
  }
}
