/** Why a hook call failed, in the words of what failed. */
import {
  ActivityFailure,
  ApplicationFailure,
  CancelledFailure,
  ChildWorkflowFailure,
  isCancellation,
  TerminatedFailure,
  TimeoutFailure,
} from '@temporalio/workflow';

/** Thrown where something stands in the way that isn't an activity's failure; the message is a sentence for people. */
export class HookCallFailed extends Error {}

/** @returns `undefined` for a bug of ours, which must not look like an answer */
export function whyFailed(error: unknown): string | undefined {
  if (error instanceof HookCallFailed) return error.message;
  if (isCancellation(error)) return 'It was cancelled.';
  if (error instanceof ActivityFailure || error instanceof ChildWorkflowFailure) return causeOf(error);
  return undefined;
}

function causeOf(error: ActivityFailure | ChildWorkflowFailure): string {
  const { cause } = error;
  if (cause instanceof ApplicationFailure) return cause.message;
  if (cause instanceof TerminatedFailure)
    return 'Somebody terminated the deployment, which undoes nothing: see what serves.';
  if (cause instanceof CancelledFailure) return 'It was cancelled.';
  if (cause instanceof TimeoutFailure) {
    const last = cause.cause instanceof ApplicationFailure ? `: ${cause.cause.message}` : '.';
    const what = error instanceof ActivityFailure ? error.activityType : 'The deployment';
    return `${what} did not end in the platform's time${last}`;
  }
  return cause?.message ?? error.message;
}
