/**
 * The record of a supervisor's processes in its folder, written at once when one starts. After a crash of the supervisor
 * itself, the next one ends what is left, and only that, since a pid counts only with its process's start time.
 */
import { readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { makeWritableFolder } from './folders';
import { withLock } from './lock';
import { describeProcess, isRunning, signalProcess, type ProcessIdentity } from './process-identity';

/** The content of `processes.json`. */
export interface SupervisedProcesses {
  readonly supervisor: ProcessIdentity;
  readonly children: Readonly<Record<string, ProcessIdentity>>;
}

const endGraceMs = 10_000;
const file = (folder: string): string => join(folder, 'processes.json');

/**
 * Makes this process the folder's supervisor, and ends what an earlier one left behind.
 * @param what what it runs, with an article, e.g. `A stack`
 * @throws {Error} of one sentence when the folder can't be written, or another process supervises it
 */
export async function claimFolder(folder: string, what: string): Promise<void> {
  await makeWritableFolder(folder);
  await withLock(`${file(folder)}.lock`, async () => {
    const before = readProcesses(folder);
    if (before !== undefined && isRunning(before.supervisor)) {
      throw new Error(
        `${what} already runs in ${folder} (process ${before.supervisor.pid}): end it, or name another --dir.`,
      );
    }
    await endAll(Object.values(before?.children ?? {}));
    recordProcesses(folder, {});
  });
}

/** It is synchronous, so that no child ever runs without being recorded. */
export function recordProcesses(folder: string, children: Readonly<Record<string, ProcessIdentity>>): void {
  const supervisor = describeProcess(process.pid);
  if (supervisor === undefined) throw new Error('The start time of this process is not to be found.');
  const processes: SupervisedProcesses = { supervisor, children };
  writeFileSync(`${file(folder)}~`, JSON.stringify(processes, undefined, 2));
  renameSync(`${file(folder)}~`, file(folder));
}

export function forgetProcesses(folder: string): void {
  rmSync(file(folder), { force: true });
}

/** The folder's record; undefined when there is none. */
export function readProcesses(folder: string): SupervisedProcesses | undefined {
  try {
    return JSON.parse(readFileSync(file(folder), 'utf8')) as SupervisedProcesses;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}

/** Ends those that still run one after the other, the last started first: to end gracefully, it needs the others. */
async function endAll(identities: readonly ProcessIdentity[]): Promise<void> {
  for (const identity of identities.toReversed()) {
    const deadline = performance.now() + endGraceMs;
    signalProcess(identity, 'SIGTERM');
    while (isRunning(identity)) {
      if (performance.now() > deadline) signalProcess(identity, 'SIGKILL');
      await sleep(20);
    }
  }
}
