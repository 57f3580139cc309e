/** Whether the registry still has the images of what serves, and of what an undo would bring back. Effect: none. */
import type { KeptRelease, KeptReleases } from '../../../planning/findings/images';
import { blueOf } from '../../../planning/observed/blue';
import type { ObservedApplication } from '../../../planning/observed/observed';
import { Refusal } from '../../../planning/refusal';
import type { Release } from '../../../planning/release/release';
import type { ClientsOf } from '../client/clients';
import { isForgotten } from '../ecr/images';
import type { ObservableApplication } from '../plans/observe';
import { readEarlierRelease } from '../plans/undo';

/** `null` while nothing serves that cutover deployed. */
export async function describeKeptReleases(
  clientsOf: ClientsOf,
  { identity, zone }: ObservableApplication,
  observed: ObservedApplication,
): Promise<KeptReleases | null> {
  const describe = async (release: Release): Promise<KeptRelease> => ({
    release,
    isGone: await isForgotten(clientsOf, release.reference, zone),
  });
  return await unlessRefused(async () => {
    const blue = blueOf(identity, observed.liveListener, observed.slots);
    if (blue.kind !== 'slot' || !blue.release) return null;
    const before = await unlessRefused(() => readEarlierRelease(clientsOf(zone).ecs, { identity, zone }, observed));
    return { live: await describe(blue.release), before: before && (await describe(before.release)) };
  });
}

async function unlessRefused<T>(look: () => Promise<T>): Promise<T | null> {
  return await look().catch((error: unknown) => {
    if (error instanceof Refusal) return null;
    throw error;
  });
}
