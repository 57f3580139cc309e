/**
 * Whether a target that the load balancer finds unhealthy may still be starting. Its grace period begins with its own task, as it
 * does in ECS: replicas start at different times, some hours after the deployment.
 * https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_UpdateService.html
 */
import type { Service, Task } from '@aws-sdk/client-ecs';
import type { TargetHealthDescription } from '@aws-sdk/client-elastic-load-balancing-v2';
import { findTaskOf } from './target-tasks';

/** What a wait has seen of targets at its earlier looks, by target. */
export interface TargetSightings {
  /** When a target without a known task was first seen unhealthy, in milliseconds since the epoch. */
  readonly unknownSince: Map<string, number>;
}

export const noTargetSightings = (): TargetSightings => ({ unknownSince: new Map() });

interface ObservedTargets {
  readonly service: Service;
  readonly running: readonly Task[];
  readonly targets: readonly TargetHealthDescription[];
}

/**
 * A target that is unhealthy and has had the time to start.
 * @param timeoutMs for how long a target without a known task gets the benefit of the doubt
 */
export function findSickTarget(
  { service, running, targets }: ObservedTargets,
  timeoutMs: number,
  sightings: TargetSightings,
): TargetHealthDescription | undefined {
  const unhealthy = targets.filter(isUnhealthy);
  forgetOthers(sightings.unknownSince, unhealthy);
  const graceMs = (service.healthCheckGracePeriodSeconds ?? 0) * 1000;
  const isSick = (target: TargetHealthDescription): boolean => {
    const task = findTaskOf(target, running);
    if (!task) return msSinceFirstSeen(target, sightings) > timeoutMs;
    const startedAt = task.startedAt?.getTime() ?? Date.now();
    return target.TargetHealth?.Reason === 'Target.ResponseCodeMismatch' || Date.now() - startedAt > graceMs;
  };
  return unhealthy.filter(isSick)[0];
}

export const isUnhealthy = ({ TargetHealth }: TargetHealthDescription): boolean => TargetHealth?.State === 'unhealthy';

const keyOf = ({ Target }: TargetHealthDescription) => `${Target?.Id}:${Target?.Port}`;

function msSinceFirstSeen(target: TargetHealthDescription, { unknownSince }: TargetSightings): number {
  const since = unknownSince.get(keyOf(target)) ?? Date.now();
  unknownSince.set(keyOf(target), since);
  return Date.now() - since;
}

/** A target that recovered meanwhile starts anew when it is seen again. */
function forgetOthers(seen: Map<string, number>, targets: readonly TargetHealthDescription[]): void {
  const keys = new Set(targets.map(keyOf));
  for (const key of seen.keys()) if (!keys.has(key)) seen.delete(key);
}
