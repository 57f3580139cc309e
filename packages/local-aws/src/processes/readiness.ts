/** When a supervised child can be used: it is polled, in a way that suits it, until it is ready. */
import { readFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Child } from './child';

/** How often a child may end by itself before its start counts as failed. */
const patience = 3;
const startTimeoutMs = 60_000;
const askEveryMs = 50;

/**
 * Resolves when `ask` resolves to true; its rejection counts as false.
 * @throws {Error} of one sentence, with the child's last output, when it keeps ending or takes longer than a minute
 */
export async function waitUntilReady(child: Child, ask: () => Promise<boolean>, signal: AbortSignal): Promise<void> {
  const deadline = performance.now() + startTimeoutMs;
  const isReady = async (): Promise<boolean> => child.identity() !== undefined && (await ask().catch(() => false));
  while (!(await isReady())) {
    if (child.failures() >= patience || performance.now() > deadline) throw await explain(child);
    await sleep(askEveryMs, undefined, { signal });
  }
}

/** Whether a URL answers with a status of success, within 2 s. */
export async function answers(url: string): Promise<boolean> {
  const response = await fetch(url, { signal: AbortSignal.timeout(2000) });
  await response.body?.cancel();
  return response.ok;
}

/** Whether a process listens on a port of loopback. */
export async function isOpen(port: number): Promise<boolean> {
  return await new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1', () => resolve(true)).once('error', () => resolve(false));
    socket.once('connect', () => socket.destroy());
  });
}

async function explain({ program }: Child): Promise<Error> {
  const log = await readFile(program.logFile, 'utf8').catch(() => '');
  const last = log.trimEnd().split('\n').at(-1)?.slice(0, 300) ?? '';
  return new Error(
    `The process ${program.name} doesn't start: ${last || 'it says nothing'} (all of it: ${program.logFile}).`,
  );
}
