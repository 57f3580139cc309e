/** Whether what is in flight can go on with this version's workflow code: its own history says so. */
import type { Client } from '@temporalio/client';
import type { DataConverter } from '@temporalio/common';
import { DeterminismViolationError } from '@temporalio/workflow';
import { Worker } from '@temporalio/worker';
import { taskQueues } from '../../contract/ids';
import { pinnedTo } from '../../temporal/worker-deployment';

/** An execution in flight, and what becomes of it with the new code. */
export interface Verdict {
  readonly workflowId: string;
  readonly runId: string;
  readonly type: string;
  /** The build ID that it is pinned to; `null` when the next worker takes it, whichever that is. */
  readonly version: string | null;
  /** Why the new code can't go on with it; `null` when it can. */
  readonly objection: string | null;
}

export interface Replayed {
  readonly client: Client;
  /** The workflow bundle of the new version. */
  readonly bundle: string;
  readonly dataConverter: DataConverter;
}

type Execution = Pick<Verdict, 'workflowId' | 'runId'>;
/** An execution in flight. */
export type InFlight = Omit<Verdict, 'objection'>;

/** Every execution in flight but questions, which end by themselves. */
export async function listInFlight(client: Client): Promise<InFlight[]> {
  const found: InFlight[] = [];
  const query = `TaskQueue = "${taskQueues.workflows}" AND WorkflowType != "describe" AND ExecutionStatus = "Running"`;
  for await (const listed of client.workflow.list({ query })) {
    const execution = await describeRunning(client, listed);
    if (execution) found.push(execution);
  }
  return found;
}

/** A list is late: it may have ended meanwhile. */
async function describeRunning({ workflow }: Client, { workflowId, runId }: Execution): Promise<InFlight | undefined> {
  const description = await workflow.getHandle(workflowId, runId).describe();
  if (description.status.name !== 'RUNNING') return undefined;
  return { workflowId, runId, type: description.type, version: pinnedTo(description) };
}

/** What is in flight, each replayed from its first event to its last. */
export const replayInFlight = async (replayed: Replayed): Promise<Verdict[]> =>
  await replay(replayed, await listInFlight(replayed.client));

/** Replays these; what has ended meanwhile is left out. */
export async function replay(replayed: Replayed, executions: readonly Execution[]): Promise<Verdict[]> {
  const verdicts: Verdict[] = [];
  for await (const verdict of eachReplayed(replayed, executions)) verdicts.push(verdict);
  return verdicts;
}

/** The same, each as soon as it is known: it goes on meanwhile. One history is held at a time. */
export async function* eachReplayed(
  replayed: Replayed,
  executions: readonly Execution[],
): AsyncGenerator<Verdict, void, undefined> {
  const { client, bundle, dataConverter } = replayed;
  const found = new Map<string, InFlight>();
  async function* histories() {
    for (const { workflowId, runId } of executions) {
      const execution = await describeRunning(client, { workflowId, runId });
      if (execution === undefined) continue;
      found.set(workflowId, execution);
      yield { workflowId, history: await client.workflow.getHandle(workflowId, runId).fetchHistory() };
    }
  }
  const options = { workflowBundle: { codePath: bundle }, dataConverter };
  for await (const { workflowId, error } of Worker.runReplayHistories(options, histories())) {
    const execution = found.get(workflowId);
    if (execution) yield { ...execution, objection: error ? objectionOf(error) : null };
  }
}

/** Which of the two it is Temporal's library tells by the class alone; the rest is for those who maintain cutover. */
const objectionOf = (error: Error) =>
  error instanceof DeterminismViolationError ? 'the new code would have gone another way' : error.message;
