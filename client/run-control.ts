/** Starts a runbook's run, and commands one that runs. */
import {
  ApplicationFailure,
  WorkflowExecutionAlreadyStartedError,
  WorkflowNotFoundError,
  WorkflowUpdateFailedError,
  type Client,
  type WorkflowHandle,
} from '@temporalio/client';
import { randomUUID } from 'node:crypto';
import { isDeepStrictEqual } from 'node:util';
import { decodePayload } from '../temporal/data-converter';
import type { CommandInput, CommandName } from '../contract/commands';
import { deploymentIdOf, taskQueues, workflowTaskTimeout } from '../contract/ids';
import type { DeploymentRequestInput, RunbookRequestInput } from '../contract/runbook-requests';
import type { Runbook } from '../contract/status';
import { Refused } from './errors';
import { describeRun, isAway, retryWhile, whoIsMissing, workerTimeoutMs } from './retries';
import type { Target } from './target';

export interface StartedDeployment {
  readonly workflowId: string;
  readonly runId: string;
  /** It was started before, by the same request. */
  readonly attached?: true;
}

/** The input of any runbook; only those that deploy an image name one. */
export type RunbookInput = DeploymentRequestInput | (RunbookRequestInput & { readonly image?: undefined });

/**
 * Where the same request runs already, as after an answer that was lost, it is that run that is given.
 * @throws {Refused} when another deployment of the application runs already
 */
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
    const same = await findSame(client, workflowId, runbook, input);
    if (same) return same;
    throw new Refused(
      `A deployment of ${target.application} runs already: see "cutover status ${workflowId}", wait for it or roll it back.`,
    );
  }
}

/** The run that runs now, where it was started by the same request, whoever sent it and for whatever reason. */
async function findSame(
  client: Client,
  workflowId: string,
  runbook: Runbook,
  input: RunbookInput,
): Promise<StartedDeployment | undefined> {
  const { runId, type, status } = await client.workflow.getHandle(workflowId).describe();
  if (type !== runbook || status.name !== 'RUNNING') return undefined;
  const itsInput = await inputOf<RunbookInput>(client, { workflowId, runId });
  return isDeepStrictEqual(wanted(itsInput), wanted(input)) ? { workflowId, runId, attached: true } : undefined;
}

/** What a run was started with, as its history says: no worker is asked. */
export async function inputOf<Input>(
  client: Client,
  execution: { readonly workflowId: string; readonly runId: string },
): Promise<Input | undefined> {
  const { namespace, loadedDataConverter } = client.options;
  const asked = { namespace, execution, maximumPageSize: 1 };
  const { history } = await client.workflowService.getWorkflowExecutionHistory(asked);
  const [payload] = history?.events?.[0]?.workflowExecutionStartedEventAttributes?.input?.payloads ?? [];
  return payload && (await decodePayload<Input>(loadedDataConverter, payload));
}

/** What a request asks for, as JSON has it. */
function wanted(input: RunbookInput | undefined): unknown {
  const { by: _by, reason: _reason, ...rest } = input ?? {};
  return JSON.parse(JSON.stringify(rest));
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

/** A command, and the run that it is for; default the newest one. */
interface Sent {
  readonly name: CommandName;
  readonly input: CommandInput;
  readonly runId?: string | undefined;
}

/**
 * Sends a command to one run, and to no other that begins meanwhile.
 * @throws {Refused} with the runbook's own sentence when the command doesn't fit now, and when that run is over
 */
export async function sendCommand(client: Client, target: Target, sent: Sent): Promise<StartedDeployment> {
  const workflowId = deploymentIdOf(target);
  const newest = async () => await describeRun(client.workflow.getHandle(workflowId));
  const runId = sent.runId ?? (await newest())?.runId;
  if (runId === undefined) throw new Refused(nothingRuns(workflowId, sent.name));
  const missing = async () =>
    (await newest())?.status.name === 'RUNNING' ? isOver(workflowId, runId) : nothingRuns(workflowId, sent.name);
  await sendUpdate(client.workflow.getHandle(workflowId, runId), sent.name, sent.input, missing);
  return { workflowId, runId };
}

const isOver = (workflowId: string, runId: string) =>
  `Run ${runId} of ${workflowId} is over, or never was, and another one runs now, which heard nothing: look at that with "cutover status ${workflowId}" first.`;

/**
 * @throws {Refused} with the workflow's own sentence, and with `missing` when nothing runs
 * @throws {Unanswered} when nobody answered for half a minute: it may have been taken or not
 */
export async function sendUpdate(
  handle: WorkflowHandle,
  name: string,
  input: unknown,
  missing: () => string | Promise<string>,
): Promise<void> {
  // Asked again, it is the same command: it counts once, and its answer is the first one's.
  const updateId = randomUUID();
  const command = () => handle.executeUpdate<string, [unknown]>(name, { args: [input], updateId });
  try {
    await retryWhile((error) => isUnprocessed(error) || isAway(error), workerTimeoutMs, command);
  } catch (error) {
    if (error instanceof WorkflowUpdateFailedError && !isUnprocessed(error))
      throw new Refused(error.cause?.message ?? error.message);
    if (error instanceof WorkflowNotFoundError) throw new Refused(await missing());
    if (isAway(error) || isUnprocessed(error))
      throw await whoIsMissing(handle, unknownWhether(handle.workflowId, name));
    throw error;
  }
}

const unknownWhether = (workflowId: string, name: string) =>
  ` Whether ${workflowId} has taken ${name} is not known: look at its status before you give it again.`;

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
