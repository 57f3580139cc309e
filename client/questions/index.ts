/**
 * Questions that only a worker can answer, because it reads AWS: each is an activity, or a short workflow where it takes several
 * or the server knows no activity without one. Watching is such a workflow too, whose activity reports in its heartbeats what it
 * sees. None changes anything.
 */
import {
  WorkflowFailedError,
  type Client,
  type WorkflowExecutionDescription,
  type WorkflowHandle,
} from '@temporalio/client';
import { decodePayload } from '../../temporal/data-converter';
import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Topology } from '../../planning/topology';
import type { DescribeKind, DescribeRequest, Descriptions } from '../../contract/questions';
import { taskQueues } from '../../contract/ids';
import { Refused, Unanswered } from '../errors';
import { formatFailure } from '../failures';
import { describeRun } from '../retries';
import { askActivity } from './standalone';
import type { Target } from '../target';

export type Question<Kind extends DescribeKind> = Extract<DescribeRequest, { kind: Kind }>;

/**
 * What is asked of one application is answered within half a minute; of a whole zone, with hundreds of them, as soon as AWS's rates
 * let it, while a worker gives signs of life.
 * @throws {Refused} with the worker's sentence, or when no worker takes it within half a minute
 */
export async function ask<Kind extends DescribeKind>(
  client: Client,
  question: Question<Kind>,
): Promise<Descriptions[Kind]> {
  const options = workflowOptions(question);
  const asked = await askActivity(client, question, options.workflowId);
  if (asked) return asked.answer;
  try {
    return (await client.workflow.execute('describe', {
      ...options,
      workflowExecutionTimeout: isOfZone(question) ? '15m' : '40s',
    })) as Descriptions[Kind];
  } catch (error) {
    throw error instanceof WorkflowFailedError ? new Refused(formatFailure(error)) : error;
  }
}

const isOfZone = ({ kind }: DescribeRequest): boolean => kind === 'zone' || kind === 'doctor';

const workflowOptions = (question: DescribeRequest) => ({
  workflowId: `describe/${question.kind}/${question.zone}/${'application' in question ? `${question.application}/` : ''}${randomUUID().slice(0, 8)}`,
  taskQueue: taskQueues.workflows,
  args: [question],
  staticSummary: 'A question; changes nothing',
});

/** Calls `show` with the topology whenever it has changed, until the signal ends it. */
export async function watchTopology(
  client: Client,
  target: Target,
  show: (topology: Topology) => void,
  signal: AbortSignal,
): Promise<void> {
  const options = { ...workflowOptions({ kind: 'watch', ...target }), workflowExecutionTimeout: '1h' } as const;
  const handle = await client.workflow.start('describe', options);
  let shown = '';
  try {
    while (!signal.aborted) {
      const run = await describeUnlessAway(handle);
      // The workflow's hour is over: another one goes on watching.
      if (run && run.status.name !== 'RUNNING') return await watchTopology(client, target, show, signal);
      const topology = run && (await newestTopology(client, run));
      if (topology) {
        const { at: _, ...content } = topology;
        if (JSON.stringify(content) !== shown) show(topology);
        shown = JSON.stringify(content);
      }
      await sleep(lookEveryMs, undefined, { signal }).catch(() => undefined);
    }
  } finally {
    await handle.cancel().catch(() => undefined);
  }
}

/** From the activity's last heartbeat. */
async function newestTopology(
  { options }: Client,
  { raw }: WorkflowExecutionDescription,
): Promise<Topology | undefined> {
  const [payload] = raw.pendingActivities?.[0]?.heartbeatDetails?.payloads ?? [];
  return payload && (await decodePayload<Topology>(options.loadedDataConverter, payload));
}

/** `undefined` while Temporal doesn't answer: the status that is watched at the same time reports it. */
async function describeUnlessAway(handle: WorkflowHandle): Promise<WorkflowExecutionDescription | undefined> {
  try {
    return await describeRun(handle);
  } catch (error) {
    if (error instanceof Unanswered) return undefined;
    throw error;
  }
}

const lookEveryMs = 500;
