/**
 * Which priorities a route's new rules get. Live rules take them from the top of the zone's range and test rules from the bottom:
 * with both on one listener, a request that bears the test header reaches the test rule first.
 */
import type { ListenerRule } from './listener-rules';
import type { PriorityRange, RouteKind } from './rule-set';

/** The priorities that no rule has, in the order in which this kind of route takes them. */
export function freePriorities(rules: readonly ListenerRule[], { from, to }: PriorityRange, kind: RouteKind): number[] {
  const taken = new Set(rules.map(({ priority }) => priority));
  const free = Array.from({ length: to - from + 1 }, (_, offset) => from + offset).filter((one) => !taken.has(one));
  return kind === 'live' ? free.toReversed() : free;
}
