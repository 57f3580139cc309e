/** Which releases answer: asked before live traffic moves, and proven after it has. */
import { probes } from '../activities';
import type { Releases } from '../../activities/probes/releases';
import type { DeploymentPlan } from '../../planning/plans/deployment';

type Addresses = Pick<DeploymentPlan, 'liveAddress' | 'testAddress' | 'paths'>;

/** What answered on both routes before live traffic moved: the proof afterwards compares with it. */
export interface ReleasesBefore {
  readonly live: Releases;
  readonly test: Releases;
}

export async function describeReleasesBefore({ liveAddress, testAddress, paths }: Addresses): Promise<ReleasesBefore> {
  return {
    live: await probes.describeReleases(liveAddress, paths),
    test: await probes.describeReleases(testAddress, paths),
  };
}

/**
 * Asks every address of the load balancer for the release marker of every module. Before traffic moved, blue answered on the live
 * route and green on the test route; where nothing was asked then, there is nothing to prove.
 */
export async function proveServing(
  { liveAddress }: Pick<DeploymentPlan, 'liveAddress'>,
  releases: ReleasesBefore | undefined,
  expected: 'blue' | 'green',
): Promise<void> {
  if (releases) await probes.proveReleases(liveAddress, { blue: releases.live, green: releases.test, expected });
}
