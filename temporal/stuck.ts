/**
 * Runs that are stuck: their workflow task fails each time it is tried, which Temporal does for ever, and meanwhile the run neither
 * goes on nor answers. Its last failure stands in its history: https://docs.temporal.io/references/failures#workflow-task-failures
 */
import { WorkflowNotFoundError, type WorkflowClient, type WorkflowExecutionDescription } from '@temporalio/client';
import { temporal } from '@temporalio/proto';

type Description = Pick<WorkflowExecutionDescription, 'workflowId' | 'runId' | 'raw'>;

/** A worker that died leaves one attempt that timed out; its next one tells. */
const attemptsOfStuck = 3;

/** How often its workflow task was tried in vain; `null` while it isn't stuck. */
export function failedAttempts({ raw }: Pick<Description, 'raw'>): number | null {
  const { attempt = 1 } = raw.pendingWorkflowTask ?? {};
  return attempt !== null && attempt >= attemptsOfStuck ? attempt - 1 : null;
}

/** A sentence or two that say how the run is stuck, and what to do; `null` while it isn't. */
export async function describeStuck(client: WorkflowClient, description: Description): Promise<string | null> {
  const attempts = failedAttempts(description);
  if (attempts === null) return null;
  const why = await lastFailure(client, description).catch(() => undefined);
  return [
    `${description.workflowId} is stuck: its workflow task failed ${attempts} times in a row${why === undefined ? '' : `, as ${why}`}.`,
    'What serves goes on serving. Start a worker of the version that began it, or of one that mends this: then it goes on from where it is.',
  ].join(' ');
}

/** The server marks them so after five failures, where it is of 1.30 or later. */
const reportedProblems = `ExecutionStatus = 'Running' AND TemporalReportedProblems IS NOT NULL`;

/** What is stuck, a text each: of these workflows, and of all that the server found out itself. */
export async function findStuck(client: WorkflowClient, workflowIds: readonly string[]): Promise<string[]> {
  const looked = new Set([...workflowIds, ...(await listReported(client).catch(() => []))]);
  const found = await Promise.all(
    [...looked].map(async (workflowId) => {
      try {
        const description = await client.getHandle(workflowId).describe();
        return description.status.name === 'RUNNING' ? await describeStuck(client, description) : null;
      } catch (error) {
        if (error instanceof WorkflowNotFoundError) return null;
        throw error;
      }
    }),
  );
  return found.filter((text) => text !== null);
}

const mostReported = 50;

async function listReported(client: WorkflowClient): Promise<string[]> {
  const ids: string[] = [];
  for await (const { workflowId } of client.list({ query: reportedProblems }))
    if (ids.push(workflowId) >= mostReported) break;
  return ids;
}

const { WorkflowTaskFailedCause } = temporal.api.enums.v1;
const causePrefix = 'WORKFLOW_TASK_FAILED_CAUSE_';

/** Of the newest workflow task that failed. `undefined` where each of them was given up without a word. */
async function lastFailure(client: WorkflowClient, { workflowId, runId }: Description): Promise<string | undefined> {
  const { history } = await client.workflowService.getWorkflowExecutionHistoryReverse({
    namespace: client.options.namespace,
    execution: { workflowId, runId },
    maximumPageSize: 10,
  });
  const failed = history?.events?.find(({ workflowTaskFailedEventAttributes: attributes }) => attributes);
  const { cause, failure } = failed?.workflowTaskFailedEventAttributes ?? {};
  if (cause == null) return undefined;
  const name = WorkflowTaskFailedCause[cause].slice(causePrefix.length).toLowerCase().replaceAll('_', ' ');
  const [line = ''] = (failure?.message ?? '').split('\n');
  return line === '' ? name : `${name}: ${line.slice(0, 300)}`;
}
