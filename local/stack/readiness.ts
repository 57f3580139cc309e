/** When a process of the stack can be used: each kind is polled in its own way until it can. */
import { answers, isOpen, waitUntilReady as waitUntil, type Child } from '../../packages/local-aws/src/index';
import { taskQueues } from '../../contract/ids';
import { platformServerPing } from '../platform-server/server';
import { searchAttributeNames } from '../../temporal/search-attributes';
import { describeMissing, hasPoller } from '../temporal/server';
import type { StackPlan } from './plan';
import type { ProcessName } from './programs';

/** @throws {Error} of one sentence, with the child's last output, when it keeps ending or takes too long */
export async function waitUntilReady(plan: StackPlan, child: Child<ProcessName>, signal: AbortSignal): Promise<void> {
  await waitUntil(child, async () => await questions[child.program.name](plan, child), signal);
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
