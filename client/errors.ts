/** How a command says that something can't be done: one sentence for people. */
import type { WorkflowFailedError } from '@temporalio/client';
import { ApplicationFailure, CancelledFailure, rootCause, TerminatedFailure, TimeoutFailure } from '@temporalio/common';

/** Something a person asked for can't be done; the message is one sentence. */
export class Refused extends Error {
  override readonly name = 'Refused';
}

/** No worker answers now, or Temporal itself doesn't. What was asked about goes on by itself as soon as one does. */
export class Unanswered extends Refused {
  /** @param goesOn when the deployment does, in words */
  constructor(
    message: string,
    readonly goesOn = 'as soon as one is there',
  ) {
    super(message);
  }
}

/** An application in a zone. */
export interface Target {
  readonly zone: string;
  readonly application: string;
}

/** The message that was meant for people: the failure's own, not the wrappers'. */
export function sentence(error: WorkflowFailedError): string {
  const { cause } = error;
  if (cause instanceof ApplicationFailure) return cause.message;
  if (cause instanceof TimeoutFailure) return 'No worker answered in time: start one with "cutover worker".';
  if (cause?.cause instanceof TimeoutFailure)
    return 'No worker answered in time: start one with "cutover worker", or see in the Temporal UI what it waits for.';
  return rootCause(cause) ?? error.message;
}

/** How a run ended by what people did to itself, past its commands. */
export function endedByPeople(
  cause: unknown,
): { readonly outcome: 'rolledBack' | 'terminated'; readonly failure: string } | undefined {
  if (cause instanceof CancelledFailure)
    return { outcome: 'rolledBack', failure: 'Its cancellation was requested in Temporal' };
  return cause instanceof TerminatedFailure ? { outcome: 'terminated', failure: undone } : undefined;
}

/** What terminating a run means. */
export const undone = 'Terminating undid nothing: the next deployment starts from whatever is there';
