/** Green while people decide, and the cut that follows at once: one look, and live traffic moves in the same activity. */
import type { DeploymentPlan } from '../../planning/plans/deployment';
import type { RouteMove } from '../../activities/aws/elb/rule-set';
import type { VerifiedGreen } from '../../activities/probes/together';
import type { TrafficShares } from '../../planning/routing/rule-states';
import { cuts, probes } from '../activities';
import { watchesGreen } from '../changes';
import type { Watched } from '../engine/approval';
import { countedOf, cutThroughEach, type PreparedGreen } from './green';
import { ofEach } from './listeners';
import { beforeOf, type ReleasesBefore } from './releases';

/** Looks seldom at so many replicas of green, from the approval's beginning to its end. */
export const watchingGreen =
  (plan: DeploymentPlan, green: PreparedGreen, count: number): Watched =>
  (known, changes) =>
    // How users come is nobody's matter yet.
    probes.watchVerified(cutThroughEach(plan, green, count), known, changes);

/** A cut, and what was found out before it. */
export interface Cut {
  /** How green was verified; earlier versions don't know. */
  readonly verified: VerifiedGreen | undefined;
  readonly moves: readonly [RouteMove, ...RouteMove[]];
  readonly traffic: TrafficShares;
  /** Who answered before green had any share, and how many replicas green has: what a way back and the proof go by. */
  readonly progress: { releases?: ReleasesBefore; scaled?: { count: number } };
}

/** Moves live traffic, if green is as it was verified. @returns whether it has; else it needs the longer look first */
export async function cutAtOnce(
  plan: DeploymentPlan,
  green: PreparedGreen,
  { verified, moves, traffic, progress }: Cut,
): Promise<boolean> {
  const { releases, reached = [] } = verified ?? {};
  if (releases === undefined || !watchesGreen()) return false;
  const isFirst = progress.releases === undefined;
  const { desiredCount: count } = plan.green.service;
  const each = ofEach(cutThroughEach(plan, green, count), (one, at) => ({
    ...one,
    reached: reached[at] ?? false,
    releases: isFirst ? (releases[at] ?? null) : null,
  }));
  // Whatever becomes of the activity: from here on traffic may have moved.
  progress.releases ??= beforeOf(releases);
  progress.scaled = { count };
  const left = await cuts.cutAtOnce(plan.site, each, countedOf(plan, green), { moves, traffic });
  if (left === null) return true;
  if (isFirst && left.isUntouched) delete progress.releases;
  return false;
}
