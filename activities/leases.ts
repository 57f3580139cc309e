/**
 * The right to write. What writes heartbeats while it works, and when its worker gives no sign of life for the length of a
 * lease, Temporal gives the work to another. A worker that lives on, cut off or asleep, must not write then: before each write
 * Temporal confirms that the attempt still counts, and the write is given up before the lease that began there can be over.
 * So a write lands before another attempt begins, and before anything that comes after it, a rollback above all.
 *
 * See docs/decisions/0004-crash-timing.md.
 */
import { AsyncLocalStorage } from 'node:async_hooks';
import { writeLeaseMs } from '../contract/ids';

/** Resolves when the attempt of the current activity still counts. @throws when it doesn't, or nobody could say */
export type ConfirmAttempt = () => Promise<void>;

/** Between the moment a write is given up and the end of its lease. */
const marginMs = 500;

/** When the write under way is to be given up, by `performance.now()`. */
const deadlines = new AsyncLocalStorage<number>();

/** Makes one write under a lease of its own. */
export async function underLease<T>(confirm: ConfirmAttempt, write: () => Promise<T>): Promise<T> {
  const deadline = performance.now() + writeLeaseMs - marginMs;
  await confirm();
  return await deadlines.run(deadline, write);
}

/** How long a request may take from now on: 0 when it must not be sent any more, `undefined` when no lease binds it. */
export function leaseLeftMs(): number | undefined {
  const deadline = deadlines.getStore();
  return deadline === undefined ? undefined : Math.max(0, Math.floor(deadline - performance.now()));
}
