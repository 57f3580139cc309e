/** `cutover local publish` and its kin: the Platform Server's part of a deployment, told as it goes. */
import { formatDuration } from '../../settings/durations';
import type { OperationReport, Platform } from './publishing';
import type { Watch } from './steps';
import { describePlatformZone } from './zone';

export interface PlatformCommandOptions {
  readonly dir: string;
  /** In place of the zone's. */
  readonly timeoutMs?: number;
  /** Ends with the report as one line of JSON on standard output; everything else goes to standard error. */
  readonly json?: boolean;
}

export type Operate = (platform: Platform) => Promise<OperationReport>;

/** Sets the exit status: 0 only when the platform counts it as a success. */
export async function runPlatformCommand(
  { dir, timeoutMs, json = false }: PlatformCommandOptions,
  operate: Operate,
): Promise<void> {
  const zone = await describePlatformZone(dir);
  const output = json ? process.stderr : process.stdout;
  const platform: Platform = {
    zone: { ...zone, ...(timeoutMs === undefined ? {} : { timeoutMs }) },
    watch: watching((line) => void output.write(`${line}\n`)),
    signal: new AbortController().signal,
  };
  const report = await operate(platform);
  output.write(`${describeReport(report)}\n`);
  if (json) process.stdout.write(`${JSON.stringify(report)}\n`);
  if (!report.succeeded) process.exitCode = 1;
}

function watching(say: (line: string) => void): Watch {
  return {
    began: (step) => say(`${step} …`),
    ended: ({ step, outcome, seconds, message }) =>
      say(`${step} ${words[outcome]} after ${formatDuration(seconds * 1000)}${message === null ? '' : `: ${message}`}`),
  };
}

const words = { succeeded: 'done', failed: 'failed', timedOut: 'timed out', refused: 'not started' } as const;

const done = {
  publish: 'runs in containers',
  configure: 'has its new configuration',
  rename: 'runs in containers, under its new name',
  remove: 'is removed; its containers go once the Platform Server has said so for long enough',
  moveBack: 'runs on the Platform Server again; its containers go once it answers for every module',
} as const;

function describeReport({ operation, application, succeeded, warnings, ...rest }: OperationReport): string {
  const { version, databaseModel } = rest;
  const model = version === databaseModel ? '' : ` The database has the model of ${databaseModel}.`;
  const name = version === '' ? application : `${application} ${version}`;
  const ending = succeeded ? `${name} ${done[operation]}.` : `The deployment of ${application} failed.${model}`;
  return [...warnings.map((warning) => `Warning: ${warning}`), ending].join('\n');
}
