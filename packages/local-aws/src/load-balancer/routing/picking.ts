/**
 * Which target of a group gets the next request.
 * https://docs.aws.amazon.com/elasticloadbalancing/latest/application/edit-target-group-attributes.html
 *
 * The healthy targets take turns, or the one with the fewest requests in flight is chosen. `initial` and draining targets get
 * nothing. When no target is healthy, all unhealthy ones get requests (fail open).
 * Slow start: a target that becomes healthy while another one already serves begins with a small share, which grows evenly.
 */
import type { Target } from '../targets/target';
import type { Member, TargetGroup } from '../targets/target-group';
import { numberAttribute, scaledMs } from '../time';

/**
 * The targets that may get requests: the healthy ones, or all that were checked when too few are healthy. A node whose group has
 * cross-zone load balancing off sees only the targets of its own zone.
 */
export function candidatesOf(group: TargetGroup, zone: string): readonly Member[] {
  if (isZonal(group))
    return workOutCandidates(group, ({ target }) => target.zone === undefined || target.zone === zone);
  group.candidates ??= workOutCandidates(group);
  return group.candidates;
}

/** A load balancer itself always has it on, a target group may switch it off. */
const isZonal = ({ configuration }: TargetGroup): boolean =>
  configuration.attributes['load_balancing.cross_zone.enabled'] === 'false';

function workOutCandidates(
  { configuration, members }: TargetGroup,
  isNear: (member: Member) => boolean = () => true,
): readonly Member[] {
  const serving = [...members.values()].filter((member) => member.target.drainingSince === undefined && isNear(member));
  if (!configuration.healthCheck.enabled) return serving;
  const healthy = serving.filter(({ health }) => health.state === 'healthy');
  const attribute = 'target_group_health.unhealthy_state_routing.minimum_healthy_targets.count';
  const least = numberAttribute(configuration.attributes, attribute, 1);
  if (healthy.length >= Math.max(1, least)) return healthy;
  return serving.filter(({ health }) => health.state !== 'initial');
}

/** The next target; undefined when none may serve, which is answered with 503. */
export function nextTarget(group: TargetGroup, timeScale: number, zone: string): Target | undefined {
  const candidates = candidatesOf(group, zone);
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

/** A target's share of its turns, from 0 to 1; it is 1 if no other target is past its slow start. */
function share(member: Member, candidates: readonly Member[], slowStartMs: number): number {
  const warmth = ({ health }: Member) => (Date.now() - health.since) / slowStartMs;
  const own = warmth(member);
  return own >= 1 || !candidates.some((other) => warmth(other) >= 1) ? 1 : own;
}
