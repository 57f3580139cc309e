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

/** Every execution in flight but questions, which end by themselves; each replayed from its first event to its last. */
export async function replayInFlight(replayed: Replayed): Promise<Verdict[]> {
  const executions: Execution[] = [];
  const query = `TaskQueue = "${taskQueues.workflows}" AND WorkflowType != "describe" AND ExecutionStatus = "Running"`;
  for await (const { workflowId, runId } of replayed.client.workflow.list({ query }))
    executions.push({ workflowId, runId });
  return await replay(replayed, executions);
}

/** As {@link replayInFlight}, of these; what has ended meanwhile is left out. One history is held at a time. */
export async function replay(replayed: Replayed, executions: readonly Execution[]): Promise<Verdict[]> {
  const { client, bundle, dataConverter } = replayed;
  const found = new Map<string, Omit<Verdict, 'objection'>>();
  async function* histories() {
    for (const { workflowId, runId } of executions) {
      const handle = client.workflow.getHandle(workflowId, runId);
      const description = await handle.describe();
      // A list is late: it may have ended meanwhile.
      if (description.status.name !== 'RUNNING') continue;
      found.set(workflowId, { workflowId, runId, type: description.type, version: pinnedTo(description) });
      yield { workflowId, history: await handle.fetchHistory() };
    }
  }
  const verdicts: Verdict[] = [];
  const options = { workflowBundle: { codePath: bundle }, dataConverter };
  for await (const { workflowId, error } of Worker.runReplayHistories(options, histories())) {
    const execution = found.get(workflowId);
    if (execution) verdicts.push({ ...execution, objection: error ? objectionOf(error) : null });
  }
  return verdicts;
}

/** Which of the two it is Temporal's library tells by the class alone; the rest is for those who maintain cutover. */
const objectionOf = (error: Error) =>
  error instanceof DeterminismViolationError ? 'the new code would have gone another way' : error.message;
