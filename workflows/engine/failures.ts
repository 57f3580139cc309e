/** What is known about a failed step: the sentence of its deepest cause, and whether a person must act before it can go well. */
import type { Listening } from '../audit/tell';
import type { GateStanding } from '../../planning/gates/standing';
import type { ActiveCluster } from '../../planning/site';
import { ActivityFailure, ApplicationFailure, TimeoutFailure } from '@temporalio/common';

/** Failures that only people can mend, outside of cutover: they hold even where a failed step rolls back by itself. */
const mendedByPeople: readonly string[] = [
  'AccessDenied',
  'QuotaExceeded',
  'NoCapacity',
  'ActiveClusterChanged',
  'OtherSettings',
];

export interface StepFailure {
  readonly type: string;
  /** One sentence for the operator. */
  readonly message: string;
  readonly needsPeople: boolean;
  /** Where the namespace is active since a failover. Default: there was none. */
  readonly movedTo?: ActiveCluster;
  /** How the gates stood, where one failed. */
  readonly gates?: readonly GateStanding[];
  /** Who listens, where a plan was refused. Default: nobody says. */
  readonly listening?: Listening;
}

/** @returns `undefined` for anything that isn't a failure of an activity: a bug of ours, which must not look like a failed step */
export function stepFailure(error: unknown): StepFailure | undefined {
  const cause = error instanceof ActivityFailure ? error.cause : error;
  if (cause instanceof ApplicationFailure) {
    const type = cause.type ?? 'Unknown';
    const [movedTo] = type === 'ActiveClusterChanged' ? (cause.details as [ActiveCluster]) : [];
    const [mark] = (cause.details ?? []) as ({ audited?: unknown; notified?: unknown } | null)[];
    const gates = type === 'GateFailed' ? (mark as { gates?: GateStanding[] } | null)?.gates : undefined;
    const [audited, notified] = [mark?.audited === true, mark?.notified === true];
    return {
      type,
      message: cause.message,
      needsPeople: mendedByPeople.includes(type),
      ...(movedTo && { movedTo }),
      ...(gates && { gates }),
      ...((audited || notified) && { listening: { audited, notified } }),
    };
  }
  if (cause instanceof TimeoutFailure && error instanceof ActivityFailure) {
    const message = `${error.activityType} did not end in time (${cause.timeoutType}).`;
    return { type: 'Timeout', message, needsPeople: false };
  }
  return undefined;
}

/** Whether another attempt might have gone well: an error that an activity lets Temporal retry, or a worker that died. */
export function failedInPassing(error: unknown): boolean {
  if (!(error instanceof ActivityFailure)) return false;
  const { cause } = error;
  return cause instanceof TimeoutFailure || (cause instanceof ApplicationFailure && cause.nonRetryable !== true);
}
