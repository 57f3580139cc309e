/** A plan is made of what stays: not while a write of an earlier run of the same deployment may still land. */
import { writeLeaseMs } from '../../../contract/ids';
import { poll } from '../../polling';

/** What is known of the runs before the one that asks. */
export interface EarlierRuns {
  /** Whether every run before it is known; a list of Temporal's may be late. */
  readonly areAllKnown: boolean;
  /** When the newest one closed that was terminated or timed out lately; absent when none is known. */
  readonly lastAbandoned?: Date;
}

/** How long a write may still land, and how often is looked, in milliseconds. */
const lease = { lastsMs: writeLeaseMs, lookEveryMs: 500 };

/**
 * Reads once no write of an earlier run can land any more. What was read meanwhile counts only when there was none to wait for.
 * Nothing hangs on the list being right now, or there at all: whatever ran before had ended when this run began, so that no lease of
 * its writes outlasts the first one here.
 * @param lookUp what is known of earlier runs now
 */
export async function readAfterEarlierWrites<Seen>(
  lookUp: () => Promise<EarlierRuns>,
  read: () => Promise<Seen>,
  { lastsMs, lookEveryMs } = lease,
): Promise<Seen> {
  const waitForWrites = async () => {
    const began = performance.now();
    let waited = false;
    const look = async () => {
      if (performance.now() - began > lastsMs) return { waited: true };
      const { areAllKnown, lastAbandoned } = await lookUp().catch((): EarlierRuns => ({ areAllKnown: false }));
      if (areAllKnown && !(lastAbandoned && Date.now() - lastAbandoned.getTime() <= lastsMs)) return { waited };
      waited ||= lastAbandoned !== undefined;
      return undefined;
    };
    return await poll(look, { everyMs: lookEveryMs });
  };
  const [early, writes] = await Promise.allSettled([read(), waitForWrites()]);
  if (writes.status === 'rejected') throw writes.reason;
  if (writes.value.waited) return await read();
  if (early.status === 'rejected') throw early.reason;
  return early.value;
}
