/**
 * The right to write: which run may, and until when.
 *
 * A plan's writes belong to the run that made the plan. A Reset in the Temporal UI replays a run's history under a new run ID:
 * the world has moved on since, so its writes are refused before they reach AWS.
 *
 * An activity that writes heartbeats while it works. When its worker gives no sign of life for the length of a lease, Temporal
 * gives the work to another. A worker that is alive but cut off or asleep must not write then: before each write Temporal
 * confirms that the attempt still counts, and the write is given up before the lease that began there can be over. So a write
 * lands before another attempt begins, and before anything that comes after it, above all a rollback. An attempt also ends by its
 * own time-outs: no write begins without a whole lease before them. Writes of one attempt that follow each other within half a
 * second are under one lease.
 *
 * A namespace that is kept in several Temporal clusters can be moved to another while a run goes on. Its history may have lost what
 * came last, and workers on the other side may not know yet. So nothing is written after a failover until people have looked.
 *
 * See docs/decisions/0004-crash-timing.md.
 */
import { Context } from '@temporalio/activity';
import { ApplicationFailure } from '@temporalio/common';
import { AsyncLocalStorage } from 'node:async_hooks';
import { writeLeaseMs } from '../contract/ids';
import type { ActiveCluster, Site } from '../planning/site';
import { attemptLeftMs, currentActivity, elapsedMs, now, type Moment } from './attempt';

/** @throws {ApplicationFailure} of type `PlanOfAnotherRun` when the calling workflow run isn't the one that made the plan */
export function refuseOtherRuns(site: Site): void {
  if (Context.current().info.workflowExecution?.runId === site.runId) return;
  throw ApplicationFailure.nonRetryable(
    'This run repeats the plan of an earlier one, which may no longer fit what is live: start a new deployment.',
    'PlanOfAnotherRun',
  );
}

/** Where the namespace was active for the plan of the activity that writes. */
const planned = new WeakMap<Context, ActiveCluster>();

/** What follows in this activity is written only while the namespace is active where the site says. */
export function expectActiveCluster({ activeCluster }: Site): void {
  if (activeCluster) planned.set(Context.current(), activeCluster);
}

/**
 * Resolves when the attempt of the current activity still counts.
 * @param active where the namespace must still be active; `undefined` where it is in one cluster
 * @throws {Error} when it doesn't, or when that could not be found out
 */
export type ConfirmAttempt = (active?: ActiveCluster) => Promise<void>;

/** The time between the moment a write is given up and the end of its lease. */
const marginMs = 500;

/** For how long after a confirmation began the attempt's next writes rely on it: each has three seconds left then. */
const sharedForMs = 500;

interface Confirmation {
  readonly lease: Moment;
  readonly counts: Promise<void>;
}

const confirmations = new WeakMap<Context, Confirmation>();

/** The attempt's last confirmation, if it is recent; else a new one. One that fails is shared with nobody who asks later. */
function confirmation(confirm: ConfirmAttempt): Confirmation {
  const context = currentActivity();
  const last = context && confirmations.get(context);
  if (last && elapsedMs(last.lease) < sharedForMs) return last;
  const asked = { lease: now(), counts: confirm(context && planned.get(context)) };
  if (context) {
    confirmations.set(context, asked);
    asked.counts.catch(() => confirmations.delete(context));
  }
  return asked;
}

/** When the lease of the current write began. */
const leases = new AsyncLocalStorage<Moment>();

/**
 * Makes one write under a lease.
 * @throws {ApplicationFailure} of type `AttemptOver` when the attempt's own time-outs leave it no whole lease
 */
export async function underLease<T>(confirm: ConfirmAttempt, write: () => Promise<T>): Promise<T> {
  const { lease, counts } = confirmation(confirm);
  await counts;
  const leftMs = attemptLeftMs();
  if (leftMs !== undefined && leftMs + elapsedMs(lease) < writeLeaseMs)
    throw ApplicationFailure.retryable(
      'Its time was over before this write could begin, so nothing was written.',
      'AttemptOver',
    );
  return await leases.run(lease, write);
}

/** How many milliseconds a request may still take: 0 when it must not be sent any more, `undefined` when it has no lease. */
export function leaseLeftMs(): number | undefined {
  const lease = leases.getStore();
  return lease && Math.max(0, Math.floor(writeLeaseMs - marginMs - elapsedMs(lease)));
}
