/** What differs from what it should be is looked at again, for AWS's reads may be late: eventual consistency. */
import type { ApplicationFailure } from '@temporalio/common';
import { poll, waitedMs } from '../polling';

/** How long a read may still show what was there before our own change of it. */
const staleReadsMs = 5_000;

/**
 * Returns when nothing differs. What differs is looked at again at first, for a read may be late.
 * @param describeChange looks anew; returns the failure that reports what differs, `undefined` when nothing does
 * @throws {ApplicationFailure} that failure, when something still differs after 5 s
 */
export async function confirmUnchanged(describeChange: () => Promise<ApplicationFailure | undefined>): Promise<void> {
  await poll(
    async () => {
      const change = await describeChange();
      if (!change) return true;
      if (waitedMs() > staleReadsMs) throw change;
      return undefined;
    },
    { everyMs: 1_000 },
  );
}
