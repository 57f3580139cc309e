/**
 * Which target of a group gets the next request.
 * https://docs.aws.amazon.com/elasticloadbalancing/latest/application/edit-target-group-attributes.html
 *
 * The healthy ones take turns, or the one with the fewest requests in flight goes first. `initial` and draining targets get
 * nothing. When no healthy one is left, all unhealthy ones get requests (fail open).
 * Slow start: a target that became healthy while another already served alone begins with a small share, growing evenly.
 */
import type { Target } from '../targets/target';
import type { Member, TargetGroup } from '../targets/target-group';
import { numberAttribute, scaledMs } from '../time';

/** Who may get requests: the healthy; when there are too few, all that were checked. */
export function candidatesOf(group: TargetGroup): readonly Member[] {
  group.candidates ??= workOutCandidates(group);
  return group.candidates;
}

function workOutCandidates({ configuration, members }: TargetGroup): readonly Member[] {
  const serving = [...members.values()].filter(({ target }) => target.drainingSince === undefined);
  if (!configuration.healthCheck.enabled) return serving;
  const healthy = serving.filter(({ health }) => health.state === 'healthy');
  const attribute = 'target_group_health.unhealthy_state_routing.minimum_healthy_targets.count';
  const least = numberAttribute(configuration.attributes, attribute, 1);
  if (healthy.length >= Math.max(1, least)) return healthy;
  return serving.filter(({ health }) => health.state !== 'initial');
}

/** The target whose turn it is; undefined when none may serve, which is a 503. */
export function nextTarget(group: TargetGroup, timeScale: number): Target | undefined {
  const candidates = candidatesOf(group);
  if (group.configuration.attributes['load_balancing.algorithm.type'] === 'least_outstanding_requests') {
    return leastBusy(candidates);
  }
  const slowStartMs = scaledMs(
    numberAttribute(group.configuration.attributes, 'slow_start.duration_seconds', 0),
    timeScale,
  );
  for (let tries = candidates.length; tries > 0; tries -= 1) {
    group.turn = (group.turn + 1) % candidates.length;
    const member = candidates[group.turn];
    if (member === undefined) continue;
    if (slowStartMs === 0 || tries === 1 || Math.random() < share(member, candidates, slowStartMs))
      return member.target;
  }
  return undefined;
}

function leastBusy(candidates: readonly Member[]): Target | undefined {
  let least: Target | undefined;
  for (const { target } of candidates) {
    if (least === undefined || target.exchanges.size < least.exchanges.size) least = target;
  }
  return least;
}

/** How much of its turn a target takes, from 0 to 1. Without a warm target beside it, all of it. */
function share(member: Member, candidates: readonly Member[], slowStartMs: number): number {
  const warmth = ({ health }: Member) => (Date.now() - health.since) / slowStartMs;
  const own = warmth(member);
  return own >= 1 || !candidates.some((other) => warmth(other) >= 1) ? 1 : own;
}
