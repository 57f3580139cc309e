/** The package's own command, run as a user runs it. */
import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { isRunning, type ProcessIdentity } from '../../src/processes/process-identity';
import type { LocalAwsReport } from '../../src/command/report';

export const packageRoot = join(__dirname, '..', '..');
export const bin = join(packageRoot, 'bin', 'local-aws.js');

export interface RunningCommand {
  readonly report: LocalAwsReport;
  /** Sends SIGTERM as `kill` does; resolves with the exit status when it has ended. */
  readonly end: () => Promise<number | null>;
}

/** Runs `local-aws` in a folder on free ports; resolves when it is ready. */
export async function startCommand(folder: string): Promise<RunningCommand> {
  const words = [bin, '--dir', folder, '--ports', 'auto', '--time-scale', '20', '--json'];
  const child = spawn(process.execPath, words, { stdio: ['ignore', 'pipe', 'inherit'] });
  const line = await firstLine(child);
  const end = async (): Promise<number | null> => {
    if (child.exitCode === null && child.kill('SIGTERM')) await once(child, 'exit');
    return child.exitCode;
  };
  return { report: JSON.parse(line) as LocalAwsReport, end };
}

async function firstLine({ stdout }: ChildProcess): Promise<string> {
  let text = '';
  for await (const part of stdout ?? []) {
    text += String(part);
    if (text.includes('\n')) return text;
  }
  throw new Error('It ended before it said where it is.');
}

/** Runs a command to its end. */
export const runCommand = (...words: readonly string[]) =>
  spawnSync(process.execPath, [bin, ...words], { encoding: 'utf8', cwd: packageRoot });

/** The processes of a report that still run. */
export const stillRunning = ({ processes }: LocalAwsReport): ProcessIdentity[] =>
  Object.values(processes).filter(isRunning);
