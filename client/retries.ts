/**
 * Answers that may be late: Temporal itself can be away for a while, and so can the worker that answers for a run. Each question
 * is asked again, and when no answer comes, the error says which of the two is missing.
 */
import {
  isGrpcServiceError,
  QueryNotRegisteredError,
  ServiceError,
  WorkflowNotFoundError,
  type WorkflowExecutionDescription,
  type WorkflowHandle,
} from '@temporalio/client';
import { status as grpcStatus } from '@grpc/grpc-js';
import { setTimeout as sleep } from 'node:timers/promises';
import { statusQuery, type DeploymentStatus } from '../contract/status';
import { describeStuck } from '../temporal/stuck';
import { Unanswered } from './errors';

/**
 * The newest run of a workflow; `undefined` when there was never one.
 * @throws {Unanswered} when Temporal doesn't answer within 10 s
 */
export async function describeRun(handle: WorkflowHandle): Promise<WorkflowExecutionDescription | undefined> {
  try {
    return await retryWhile(
      isAway,
      temporalTimeoutMs,
      withOneTimeout(handle, () => handle.describe()),
    );
  } catch (error) {
    if (error instanceof WorkflowNotFoundError) return undefined;
    throw isAway(error) ? new Unanswered(temporalIsAway, 'as soon as it does') : error;
  }
}

/**
 * Asks the run itself, unless it is stuck: then nobody can answer for it. A worker that is being replaced leaves a question
 * unanswered for some seconds. One that died takes the questions with it that it had been given, which the server notices only after
 * 30 s. One of another version answers that it can't go on with the run, in the moment in which an upgrade tries it with that one.
 * So each is asked again.
 * @returns `undefined` for a run that has ended, and that the workers there are can't replay: what it left is its result
 * @throws {Unanswered} after half a minute, and at once when it is stuck
 */
export async function askRun<Status = DeploymentStatus>(handle: WorkflowHandle): Promise<Status | undefined> {
  const askOnce = withOneTimeout(handle, () => handle.query<Status>(statusQuery.name));
  const passes = (error: unknown) => isUnanswered(error) || isOfAnotherVersion(error);
  try {
    return await retryWhile(passes, workerTimeoutMs, async () => {
      try {
        return await askOnce();
      } catch (error) {
        const description = await describeOnce(handle);
        // No other version takes it over any more.
        if (error instanceof QueryNotRegisteredError && hasEnded(description)) return undefined;
        if (isUnanswered(error)) await refuseStuck(handle, description);
        throw error;
      }
    });
  } catch (error) {
    if (!passes(error)) throw error;
    if (!isOfAnotherVersion(error)) throw await whoIsMissing(handle);
    throw new Unanswered(otherVersion(handle), 'once one takes it over');
  }
}

const hasEnded = (description: WorkflowExecutionDescription | undefined): boolean =>
  description !== undefined && description.status.name !== 'RUNNING';

const otherVersion = ({ workflowId }: WorkflowHandle) =>
  `The workers that were asked for ${workflowId} are of a version that can't go on with it: start one of the version that began it, or of one that mends this ("cutover upgrade --check" says what can go on).`;

/**
 * What to tell where a run didn't answer: without Temporal no worker could.
 * @param more a sentence on what that means for who asked
 */
export async function whoIsMissing(handle: WorkflowHandle, more = ''): Promise<Unanswered> {
  try {
    await refuseStuck(handle, await describeRun(handle));
    return new Unanswered(`No worker answers for ${handle.workflowId}: start one with "cutover worker".${more}`);
  } catch (error) {
    if (error instanceof Unanswered) return new Unanswered(`${error.message}${more}`, error.goesOn);
    throw error;
  }
}

const describeOnce = async (handle: WorkflowHandle) =>
  await withOneTimeout(handle, () => handle.describe())().catch(() => undefined);

/** @throws {Unanswered} when it is stuck */
async function refuseStuck(
  handle: WorkflowHandle,
  description: WorkflowExecutionDescription | undefined,
): Promise<void> {
  const stuck = description && (await describeStuck(handle.client, description));
  if (stuck) throw new Unanswered(stuck, 'once one of them takes it over');
}

/** What the run leaves as its result, however often Temporal is away until then. */
export const resultOf = (handle: WorkflowHandle): Promise<unknown> =>
  retryWhile(isAway, Infinity, () => handle.result());

/**
 * Calls again as long as the failure is one that passes.
 * @throws the last failure, when it is of another kind or when the time is over
 */
export async function retryWhile<T>(
  isTemporary: (error: unknown) => boolean,
  timeoutMs: number,
  call: () => Promise<T>,
): Promise<T> {
  for (const deadline = performance.now() + timeoutMs; ;) {
    try {
      return await call();
    } catch (error) {
      if (!isTemporary(error) || performance.now() > deadline) throw error;
      await sleep(askAgainMs);
    }
  }
}

/** Each try has a time limit of its own: a call that went to a worker that then died is never answered. */
const withOneTimeout =
  <T>({ client }: WorkflowHandle, call: () => Promise<T>) =>
  () =>
    client.withDeadline(Date.now() + oneAnswerMs, call);

const temporalIsAway = 'Temporal does not answer: see whether it runs, and whether this machine reaches it.';
const temporalTimeoutMs = 10_000;
/** A worker that died is replaced within that time. */
export const workerTimeoutMs = 30_000;
const oneAnswerMs = 3_000;
const askAgainMs = 250;

const away: readonly grpcStatus[] = [grpcStatus.DEADLINE_EXCEEDED, grpcStatus.UNAVAILABLE];
const refusals: readonly grpcStatus[] = [
  grpcStatus.UNAUTHENTICATED,
  grpcStatus.PERMISSION_DENIED,
  grpcStatus.NOT_FOUND,
  grpcStatus.RESOURCE_EXHAUSTED,
  grpcStatus.INTERNAL,
];
const unanswered: readonly grpcStatus[] = [...away, grpcStatus.CANCELLED, grpcStatus.FAILED_PRECONDITION];

/** Temporal itself gave no answer. */
export const isAway = (error: unknown) => hasStatus(error, away);
/** Whether the server itself answered, with a refusal. */
export const isRefusedByServer = (error: unknown) => hasStatus(error, refusals);
const isUnanswered = (error: unknown) => hasStatus(error, unanswered);

/** The code of Temporal's SDK for a workflow that doesn't go the way that its history says, in an answer to a query. */
const isOfAnotherVersion = (error: unknown) =>
  error instanceof QueryNotRegisteredError && error.message.includes('[TMPRL1100]');

/** The client wraps what the server answers. */
function hasStatus(error: unknown, wanted: readonly grpcStatus[]): boolean {
  const cause = error instanceof ServiceError ? error.cause : error;
  return isGrpcServiceError(cause) && wanted.includes(cause.code);
}
