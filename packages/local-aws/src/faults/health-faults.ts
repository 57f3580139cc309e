/** Flapping health: a group's healthy targets are reported as unhealthy in every other period. */
import type { Elbv2State } from '../elbv2/state';
import type { TargetState } from '../load-balancer/configuration';
import type { Faults } from './faults';

/** The reports with the faults applied; `now` is in milliseconds since the epoch. */
export function withHealthFaults(
  faults: Faults,
  state: Elbv2State,
  reported: readonly TargetState[] | undefined,
  now: number,
): readonly TargetState[] | undefined {
  const flapping = faults.of('flappingHealth');
  if (flapping.length === 0) return reported;
  return reported?.map((target) => {
    const name = state.targetGroups[target.targetGroupArn]?.name;
    const active = flapping.find(({ fault }) => fault.targetGroup === name);
    if (active === undefined || target.state !== 'healthy') return target;
    const turns = Math.floor((now - active.since) / active.fault.periodMs);
    if (turns % 2 === 1) return target;
    const since = active.since + turns * active.fault.periodMs;
    return {
      ...target,
      state: 'unhealthy',
      reason: 'Target.FailedHealthChecks',
      description: 'Health checks failed',
      since,
    };
  });
}
