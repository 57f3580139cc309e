/** How things end without a warning: a worker, alone or beside another, the Temporal server, AWS's API. */
import type { ChildProcess } from 'node:child_process';
import type { WorkflowHandle } from '@temporalio/client';
import type { Phase } from '../../../contract/status';
import { kill, killAndAwaitSuccessor, stack } from '../e2e/live-application';
import { ended, startWorker } from '../e2e/worker-process';

export interface Crash {
  readonly name: string;
  readonly fits: (phase: Phase) => boolean;
  /** Kills, and resolves when whatever takes its place has been started: with that moment, in milliseconds since the epoch. */
  readonly strike: (deployment: WorkflowHandle) => Promise<number>;
  /** What must be there before; resolves with how it goes again. */
  readonly prepare?: () => Promise<() => Promise<void>>;
}

type Waits = (phase: Phase) => boolean;
const waitsForPeople: Waits = (phase) => ['approve', 'hold', 'bake'].includes(phase);
const waitsForAws: Waits = (phase) => ['start', 'settle', 'bake'].includes(phase);

let second: ChildProcess | undefined;

export const crashes: readonly Crash[] = [
  { name: 'the only worker', fits: () => true, strike: () => killAndAwaitSuccessor('worker') },
  {
    name: 'a worker beside another',
    fits: () => true,
    prepare: startSecondWorker,
    strike: async (deployment) => await killTheBusyOne(deployment),
  },
  { name: 'Temporal', fits: waitsForPeople, strike: () => killAndAwaitSuccessor('temporal') },
  { name: 'AWS’s API', fits: waitsForAws, strike: () => killAndAwaitSuccessor('aws') },
];

/** The one that is at work for this deployment, where that can be told. */
async function killTheBusyOne(deployment: WorkflowHandle): Promise<number> {
  const { raw } = await deployment.describe();
  const identity = raw.pendingActivities
    ?.map(({ lastWorkerIdentity }) => lastWorkerIdentity ?? '')
    .find((one) => one !== '');
  const pid = Number(identity?.split('@')[0]);
  if (second?.pid !== undefined && pid === second.pid) process.kill(second.pid, 'SIGKILL');
  else kill('worker');
  return Date.now();
}

/** Resolves when it polls. */
async function startSecondWorker(): Promise<() => Promise<void>> {
  const child = (second = await startWorker(stack()));
  return async () => {
    second = undefined;
    await ended(child, 'SIGKILL');
  };
}
