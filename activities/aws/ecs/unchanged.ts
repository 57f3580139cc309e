/** What a deployment relies on is as it was set: somebody else's change is told only once it is no late read of our own. */
import type { ApplicationFailure } from '@temporalio/common';
import { poll, waitedMs } from '../../polling';

/** How long a read may still show what was there before our own change of it. */
const staleReadsMs = 5_000;

/**
 * Returns when nothing differs.
 * @param describeChange looks anew; gives the failure that tells what differs, `undefined` when nothing does
 * @throws that failure, once something still differs after 5 s
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
