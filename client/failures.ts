/** How a run failed, in the words that were meant for people. */
import { ApplicationFailure, CancelledFailure, rootCause, TerminatedFailure, TimeoutFailure } from '@temporalio/common';

/** The failure's own message, without the wrappers around it. */
export function formatFailure(error: Error & { readonly cause?: Error | undefined }): string {
  const { cause } = error;
  if (cause instanceof ApplicationFailure) return cause.message;
  if (cause instanceof TimeoutFailure) return 'No worker answered in time: start one with "cutover worker".';
  if (cause?.cause instanceof TimeoutFailure)
    return 'No worker answered in time: start one with "cutover worker", or see in the Temporal UI what it waits for.';
  return rootCause(cause) ?? error.message;
}

/** How a run ended that people cancelled or terminated in Temporal; `undefined` when neither happened. */
export function endedByPeople(
  cause: unknown,
): { readonly outcome: 'rolledBack' | 'terminated'; readonly failure: string } | undefined {
  if (cause instanceof CancelledFailure)
    return { outcome: 'rolledBack', failure: 'Its cancellation was requested in Temporal' };
  return cause instanceof TerminatedFailure ? { outcome: 'terminated', failure: undoneByTerminating } : undefined;
}

/** What terminating a run means. */
export const undoneByTerminating = 'Terminating undid nothing: the next deployment starts from whatever is there';
