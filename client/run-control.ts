/** Starts a runbook's run, and commands one that runs. */
import {
  ApplicationFailure,
  WorkflowExecutionAlreadyStartedError,
  WorkflowNotFoundError,
  WorkflowUpdateFailedError,
  type Client,
  type WorkflowHandle,
} from '@temporalio/client';
import type { CommandInput, CommandName } from '../contract/commands';
import { deploymentIdOf, taskQueues, workflowTaskTimeout } from '../contract/ids';
import type { DeploymentRequestInput, RunbookRequestInput } from '../contract/runbook-requests';
import type { Runbook } from '../contract/status';
import { Refused } from './errors';
import { retryWhile, workerTimeoutMs } from './retries';
import type { Target } from './target';

export interface StartedDeployment {
  readonly workflowId: string;
  readonly runId: string;
}

/** The input of any runbook; only those that deploy an image name one. */
export type RunbookInput = DeploymentRequestInput | (RunbookRequestInput & { readonly image?: undefined });

/** @throws {Refused} when a deployment of the application runs already */
export async function startRun(
  client: Client,
  target: Target,
  runbook: Runbook,
  input: RunbookInput,
): Promise<StartedDeployment> {
  const workflowId = deploymentIdOf(target);
  try {
    const handle = await client.workflow.start(runbook, {
      workflowId,
      taskQueue: taskQueues.workflows,
      workflowTaskTimeout,
      args: [input],
      staticSummary: formatSummary(target, runbook, input).slice(0, 200),
    });
    return { workflowId, runId: handle.firstExecutionRunId };
  } catch (error) {
    if (!(error instanceof WorkflowExecutionAlreadyStartedError)) throw error;
    throw new Refused(
      `A deployment of ${target.application} runs already: see "cutover status ${workflowId}", wait for it or roll it back.`,
    );
  }
}

function formatSummary({ application }: Target, runbook: Runbook, { image }: RunbookInput): string {
  const how = runbook === 'rollingUpdate' ? ', replica by replica' : '';
  return image === undefined ? `${application}: ${purposes[runbook] ?? runbook}` : `${application} to ${image}${how}`;
}

/** What a runbook without an image is started for. */
const purposes: Partial<Record<Runbook, string>> = {
  undo: 'back to the release before',
  updateConfiguration: 'its configuration as it is now',
  removeApplication: 'out of its containers',
};

/** @throws {Refused} with the runbook's own sentence when the command doesn't fit now, and when nothing runs */
export async function sendCommand(handle: WorkflowHandle, name: CommandName, input: CommandInput): Promise<void> {
  const command = () => handle.executeUpdate<string, [CommandInput]>(name, { args: [input] });
  try {
    await retryWhile(isUnprocessed, workerTimeoutMs, command);
  } catch (error) {
    if (error instanceof WorkflowUpdateFailedError) throw new Refused(error.cause?.message ?? error.message);
    if (error instanceof WorkflowNotFoundError) throw new Refused(nothingRuns(handle.workflowId, name));
    throw error;
  }
}

/**
 * No runbook has seen the command: the worker that took it died. The server's own failure:
 * https://github.com/temporalio/temporal/blob/main/service/history/workflow/update/errors_failures.go
 */
const isUnprocessed = (error: unknown): boolean =>
  error instanceof WorkflowUpdateFailedError &&
  error.cause instanceof ApplicationFailure &&
  error.cause.type === 'UnprocessedUpdate';

const nothingRuns = (workflowId: string, name: CommandName) =>
  name === 'rollback'
    ? `No deployment of ${workflowId} runs now: "cutover undo ${workflowId}" brings the release before.`
    : `No deployment of ${workflowId} runs now: "cutover status ${workflowId}" says what is live.`;
