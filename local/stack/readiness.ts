/** When a child of the stack can be used: each is asked, in its own way, until it says so. */
import { readFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { taskQueues } from '../../workflows/messages';
import { platformServerPing } from '../platform-server/server';
import { describeMissing, hasPoller, searchAttributeNames } from '../temporal/server';
import type { Child, ProcessName } from '../../packages/local-aws/src/processes/child';
import type { StackPlan } from './plan';

/** So often may one end by itself before its start counts as failed. */
const patience = 3;
const startTimeoutMs = 60_000;
const askEveryMs = 50;

/** Throws an error of one sentence, with the last that it said, when the child keeps ending or takes too long. */
export async function waitUntilReady(plan: StackPlan, child: Child, signal: AbortSignal): Promise<void> {
  const deadline = performance.now() + startTimeoutMs;
  while (!(await isReady(plan, child))) {
    if (child.failures() >= patience || performance.now() > deadline) throw await explain(child);
    await sleep(askEveryMs, undefined, { signal });
  }
}

async function isReady(plan: StackPlan, child: Child): Promise<boolean> {
  if (child.identity() === undefined) return false;
  return await questions[child.program.name](plan, child).catch(() => false);
}

const questions: Readonly<Record<ProcessName, (plan: StackPlan, child: Child) => Promise<boolean>>> = {
  temporal: async (plan) => (await describeMissing(temporalOf(plan), searchAttributeNames)).length === 0,
  aws: async ({ ports }) => await answers(`http://127.0.0.1:${ports.awsControl}/health`),
  loadBalancer: async ({ ports }) => await isOpen(ports.loadBalancerControl),
  platformServer: async ({ ports }) => await answers(`http://127.0.0.1:${ports.platformServer}${platformServerPing}`),
  hooks: async ({ ports }) => await answers(`http://127.0.0.1:${ports.hooks}/readyz`),
  worker: async (plan, child) => await hasPoller(temporalOf(plan), taskQueues.workflows, child.startedAt()),
};

function temporalOf(plan: StackPlan): { readonly address: string; readonly namespace: string } {
  return { address: plan.temporalAddress, namespace: plan.temporalNamespace };
}

async function answers(url: string): Promise<boolean> {
  const response = await fetch(url, { signal: AbortSignal.timeout(2000) });
  await response.body?.cancel();
  return response.ok;
}

async function isOpen(port: number): Promise<boolean> {
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
