/** What runs in a slot though it has no part in what is going on: a runbook that was terminated left it. */
import type { FoundSlot } from './observed';

/** A service whose containers run timers and processes beside those that serve, until somebody retires it. */
export interface Leftover {
  readonly service: string;
  readonly targetGroupArn: string;
}

/**
 * The slots with replicas whose target groups aren't among these. Each has to stay attached to the load balancer while it is
 * drained: ECS changes no service whose target group is in no rule.
 */
export const leftoversOf = (slots: readonly FoundSlot[], taken: readonly (string | null)[]): Leftover[] =>
  slots.flatMap(({ service, targetGroupArn }) =>
    service !== null && service.desiredCount > 0 && targetGroupArn !== null && !taken.includes(targetGroupArn)
      ? [{ service: service.name, targetGroupArn }]
      : [],
  );
