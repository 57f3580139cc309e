/** Whether Route 53 would call the load balancer healthy, for an alias record that evaluates its health. */
import { finding, type Finding } from '../doctor';

/** A target group behind the load balancer, as it is now. */
export interface GroupHealth {
  readonly name: string;
  /** The state of each target, e.g. `healthy`. */
  readonly states: readonly string[];
  /** Whether its thresholds for DNS failover are both off. */
  readonly isUncounted: boolean;
}

/** Every target group that contains targets must contain a healthy one, or the whole load balancer is unhealthy there. */
export function findDnsHealth(groups: readonly GroupHealth[]): Finding[] {
  const check = 'DNS failover';
  const broken = groups.filter(({ states, isUncounted }) => !isUncounted && hasNoneHealthy(states));
  if (broken.length === 0)
    return [finding({ check, state: 'ok', says: 'every target group that contains targets has a healthy one' })];
  return broken.map(({ name, states }) =>
    finding({
      check,
      state: 'warning',
      says: `no target of ${name} is healthy (${states.join(', ')}): where an alias record of Route 53 evaluates the load balancer's health, all of its users go elsewhere`,
      next: 'Mend its targets, or deregister them.',
    }),
  );
}

/** A target that is being deregistered isn't contained any more. */
export function hasNoneHealthy(states: readonly string[]): boolean {
  const contained = states.filter((state) => state !== 'draining');
  return contained.length > 0 && !contained.includes('healthy');
}
