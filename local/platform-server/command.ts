/** `cutover local publish` and its kin: the Platform Server's part of a deployment, shown as it goes on. */
import { formatDuration } from '../../settings/durations';
import { print, tell } from '../../terminal/print';
import type { OperationReport, Platform } from './publishing';
import type { Watch } from './steps';
import { describePlatformZone } from './zone';

export interface PlatformCommandOptions {
  readonly dir: string;
  /** Default: the zone's `platformTimeout`. */
  readonly timeoutMs?: number;
  /** Writes the report as one line of JSON to standard output, and everything else to standard error. Default: false. */
  readonly json?: boolean;
}

export type Operate = (platform: Platform) => Promise<OperationReport>;

/**
 * Runs an operation and shows it. The exit status is 0 only when the platform counts it as a success.
 * @throws {Error} of one sentence when no stack runs in the folder, or the platform itself refuses the operation
 */
export async function runPlatformCommand(
  { dir, timeoutMs, json = false }: PlatformCommandOptions,
  operate: Operate,
): Promise<void> {
  const zone = await describePlatformZone(dir);
  const say = json ? tell : print;
  const platform: Platform = {
    zone: { ...zone, ...(timeoutMs === undefined ? {} : { timeoutMs }) },
    watch: showSteps(say),
    signal: new AbortController().signal,
  };
  const report = await operate(platform);
  say(formatReport(report));
  if (json) print(JSON.stringify(report));
  if (!report.succeeded) process.exitCode = 1;
}

function showSteps(say: (line: string) => void): Watch {
  return {
    began: (step) => say(`${step} …`),
    ended: ({ step, outcome, seconds, message }) =>
      say(
        `${step} ${outcomeWords[outcome]} after ${formatDuration(seconds * 1000)}${message === null ? '' : `: ${message}`}`,
      ),
  };
}

const outcomeWords = { succeeded: 'done', failed: 'failed', timedOut: 'timed out', refused: 'not started' } as const;

const done = {
  publish: 'runs in containers',
  configure: 'has its new configuration',
  rename: 'runs in containers, under its new name',
  remove: 'is removed; its containers go once the Platform Server has said so for long enough',
  moveBack: 'runs on the Platform Server again; its containers go once it answers for every module',
} as const;

function formatReport({ operation, application, succeeded, warnings, ...rest }: OperationReport): string[] {
  const { version, databaseModel } = rest;
  const model = version === databaseModel ? '' : ` The database has the model of ${databaseModel}.`;
  const name = version === '' ? application : `${application} ${version}`;
  const ending = succeeded ? `${name} ${done[operation]}.` : `The deployment of ${application} failed.${model}`;
  return [...warnings.map((warning) => `Warning: ${warning}`), ending];
}
