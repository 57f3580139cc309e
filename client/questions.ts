/**
 * What only a worker can tell, because it takes AWS: asked by a short workflow that changes nothing. A long look is one such
 * workflow too, whose activity tells what it sees in its heartbeats.
 */
import {
  WorkflowFailedError,
  type Client,
  type WorkflowExecutionDescription,
  type WorkflowHandle,
} from '@temporalio/client';
import { defaultPayloadConverter } from '@temporalio/common';
import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Topology } from '../planning/topology';
import type { DescribeKind, DescribeRequest, Descriptions } from '../contract/questions';
import { taskQueues } from '../contract/ids';
import { describeRun } from './retries';
import { Refused, sentence, Unanswered, type Target } from './errors';

export type Question<Kind extends DescribeKind> = Extract<DescribeRequest, { kind: Kind }>;

/** @throws {Refused} with the worker's sentence, or when no worker answers within half a minute */
export async function ask<Kind extends DescribeKind>(
  client: Client,
  question: Question<Kind>,
): Promise<Descriptions[Kind]> {
  try {
    return (await client.workflow.execute('describe', {
      ...describing(question),
      workflowExecutionTimeout: '40s',
    })) as Descriptions[Kind];
  } catch (error) {
    throw error instanceof WorkflowFailedError ? new Refused(sentence(error)) : error;
  }
}

const describing = (question: DescribeRequest) => ({
  workflowId: `describe/${question.kind}/${question.zone}/${'application' in question ? `${question.application}/` : ''}${randomUUID().slice(0, 8)}`,
  taskQueue: taskQueues.workflows,
  args: [question],
  staticSummary: 'A question; changes nothing',
});

/** Tells the topology whenever it has changed, until the signal ends it. */
export async function watchTopology(
  client: Client,
  target: Target,
  tell: (topology: Topology) => void,
  signal: AbortSignal,
): Promise<void> {
  const options = { ...describing({ kind: 'watch', ...target }), workflowExecutionTimeout: '1h' } as const;
  const handle = await client.workflow.start('describe', options);
  let told = '';
  try {
    while (!signal.aborted) {
      const seenNow = await lookAt(handle);
      // Its hour is over: another one looks on.
      if (seenNow && seenNow.status.name !== 'RUNNING') return await watchTopology(client, target, tell, signal);
      const [payload] = seenNow?.raw.pendingActivities?.[0]?.heartbeatDetails?.payloads ?? [];
      if (payload) {
        const topology = defaultPayloadConverter.fromPayload<Topology>(payload);
        const { at: _, ...seen } = topology;
        if (JSON.stringify(seen) !== told) tell(topology);
        told = JSON.stringify(seen);
      }
      await sleep(lookEveryMs, undefined, { signal }).catch(() => undefined);
    }
  } finally {
    await handle.cancel().catch(() => undefined);
  }
}

/** `undefined` while Temporal doesn't answer, which the status beside it tells. */
async function lookAt(handle: WorkflowHandle): Promise<WorkflowExecutionDescription | undefined> {
  try {
    return await describeRun(handle);
  } catch (error) {
    if (error instanceof Unanswered) return undefined;
    throw error;
  }
}

const lookEveryMs = 500;
