/** A Temporal server of the measurement's own, and one worker process beside it. */
import { WorkflowExecutionAlreadyStartedError, type Client } from '@temporalio/client';
import { TestWorkflowEnvironment } from '@temporalio/testing';
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { searchAttributes } from '../../contract/ids';
import { findTemporal } from '../../local/temporal/find';
import type { Told } from './load-worker';

export interface Rig {
  readonly client: Client;
  /** What began since the last time it was asked, oldest first. */
  readonly began: () => { readonly began: string; readonly workflowId: string; readonly at: number }[];
  /** What the worker's process takes: bytes, and milliseconds of CPU since it started. */
  readonly usage: () => Promise<{ readonly rss: number; readonly cpuMs: number }>;
  readonly close: () => Promise<void>;
}

/** @param heapMiB of the worker's JavaScript */
export async function openRig(heapMiB: number): Promise<Rig> {
  const environment = await TestWorkflowEnvironment.createLocal({
    server: {
      executable: { type: 'existing-path', path: await findTemporal() },
      searchAttributes: Object.values(searchAttributes),
      log: { format: 'json', level: 'error' },
    },
  });
  const { address } = environment;
  const worker = fork(join(__dirname, 'load-worker.js'), [address, 'default'], {
    execArgv: [`--max-old-space-size=${heapMiB}`],
  });
  let began: Extract<Told, { began: string }>[] = [];
  let answered: ((usage: Extract<Told, { rss: number }>) => void) | undefined;
  const ready = new Promise<void>((resolve, reject) => {
    worker.once('exit', () => reject(new Error('The worker ended.')));
    worker.on('message', (told: Told) => {
      if ('ready' in told) resolve();
      else if ('began' in told) began.push(told);
      else answered?.(told);
    });
  });
  await ready;
  return {
    client: environment.client,
    began: () => {
      const all = began;
      began = [];
      return all;
    },
    usage: async () =>
      await new Promise((resolve) => {
        answered = resolve;
        worker.send('usage');
      }),
    close: async () => {
      const ended = once(worker, 'exit');
      worker.kill('SIGKILL');
      await ended;
      await environment.teardown();
    },
  };
}

/** Does all of it, so many at once; what the server is too busy for, or has done already, isn't done again for ever. */
export async function eachOf(count: number, atOnce: number, work: (at: number) => Promise<unknown>): Promise<void> {
  let next = 0;
  const one = async () => {
    while (next < count) await patiently(work, next++);
  };
  await Promise.all(Array.from({ length: atOnce }, one));
}

async function patiently(work: (at: number) => Promise<unknown>, at: number): Promise<void> {
  for (let tries = 1; ; tries++) {
    try {
      return void (await work(at));
    } catch (error) {
      if (error instanceof WorkflowExecutionAlreadyStartedError) return;
      if (tries === 20) throw error;
      await sleep(500);
    }
  }
}

/** Waits until as many runs are found. @returns the seconds it took */
export async function untilFound({ client }: Rig, query: string, count: number): Promise<number> {
  const started = performance.now();
  const found = async () => (await client.workflow.count(query).catch(() => ({ count: 0 }))).count;
  while ((await found()) < count) await sleep(500);
  return (performance.now() - started) / 1000;
}

/** The middle one, and the greatest. */
export function spread(values: readonly number[]): { readonly median: number; readonly most: number } {
  const sorted = values.toSorted((one, other) => one - other);
  return { median: sorted[Math.floor(sorted.length / 2)] ?? NaN, most: sorted.at(-1) ?? NaN };
}
