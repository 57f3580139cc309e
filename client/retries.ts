/**
 * Answers that may be late: Temporal itself can be away for a while, and so can the worker that answers for a run. Each is asked
 * again, and when none comes it is said who is missing.
 */
import {
  isGrpcServiceError,
  ServiceError,
  WorkflowNotFoundError,
  type WorkflowExecutionDescription,
  type WorkflowHandle,
} from '@temporalio/client';
import { status as grpcStatus } from '@grpc/grpc-js';
import { setTimeout as sleep } from 'node:timers/promises';
import { statusQuery, type DeploymentStatus } from '../contract/status';
import { Unanswered } from './errors';

/** `undefined` when there was never one. @throws {Unanswered} when Temporal doesn't answer within 10 s */
export async function describeRun(handle: WorkflowHandle): Promise<WorkflowExecutionDescription | undefined> {
  try {
    return await repeated(
      temporalTimeoutMs,
      isAway,
      inTime(handle, () => handle.describe()),
    );
  } catch (error) {
    if (error instanceof WorkflowNotFoundError) return undefined;
    throw isAway(error) ? new Unanswered(temporalIsAway, 'as soon as it does') : error;
  }
}

/**
 * Asks the run itself. A worker that is being replaced leaves a question unanswered for some seconds, and one that died takes
 * those with it that it had been given, which the server notices after 30 s only: each is asked again.
 * @throws {Unanswered} after half a minute
 */
export async function askRun(handle: WorkflowHandle): Promise<DeploymentStatus> {
  try {
    return await repeated(
      workerTimeoutMs,
      isUnanswered,
      inTime(handle, () => handle.query(statusQuery)),
    );
  } catch (error) {
    if (!isUnanswered(error)) throw error;
    // Without Temporal no worker could answer.
    await describeRun(handle);
    throw new Unanswered(`No worker answers for ${handle.workflowId}: start one with "cutover worker".`);
  }
}

/** What the run leaves as its result, however often Temporal is away until then. */
export const resultOf = (handle: WorkflowHandle): Promise<unknown> => repeated(Infinity, isAway, () => handle.result());

/** Calls again and again while it fails in this way, and for so long; then with how it failed last. */
export async function repeated<T>(
  timeoutMs: number,
  failsForNow: (error: unknown) => boolean,
  call: () => Promise<T>,
): Promise<T> {
  for (const givenUp = Date.now() + timeoutMs; ;) {
    try {
      return await call();
    } catch (error) {
      if (!failsForNow(error) || Date.now() > givenUp) throw error;
      await sleep(askAgainMs);
    }
  }
}

/** Nobody answers what a worker that died had been given: each try has its own time. */
const inTime =
  <T>({ client }: WorkflowHandle, call: () => Promise<T>) =>
  () =>
    client.withDeadline(Date.now() + oneAnswerMs, call);

const temporalIsAway = 'Temporal does not answer: see whether it runs, and whether this machine reaches it.';
const temporalTimeoutMs = 10_000;
/** A worker that died is replaced within that. */
export const workerTimeoutMs = 30_000;
const oneAnswerMs = 3_000;
const askAgainMs = 250;

const away: readonly grpcStatus[] = [grpcStatus.DEADLINE_EXCEEDED, grpcStatus.UNAVAILABLE];
const unanswered: readonly grpcStatus[] = [...away, grpcStatus.CANCELLED, grpcStatus.FAILED_PRECONDITION];

const isAway = (error: unknown) => hasStatus(error, away);
const isUnanswered = (error: unknown) => hasStatus(error, unanswered);

/** The client wraps what the server answers. */
function hasStatus(error: unknown, wanted: readonly grpcStatus[]): boolean {
  const cause = error instanceof ServiceError ? error.cause : error;
  return isGrpcServiceError(cause) && wanted.includes(cause.code);
}
