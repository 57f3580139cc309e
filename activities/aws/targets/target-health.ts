/**
 * Whether a target that the load balancer finds unhealthy may still be starting. Its grace period begins with its own task, as it
 * does in ECS: replicas start at different times, some hours after the deployment.
 * https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_UpdateService.html
 */
import type { Service, Task } from '@aws-sdk/client-ecs';
import type { TargetHealthDescription } from '@aws-sdk/client-elastic-load-balancing-v2';
import type { ContainerInstances } from './container-instances';
import { findTaskOf } from './target-tasks';

/** What a wait has seen of targets at its earlier looks, by target. */
export interface TargetSightings {
  /** When a target without a known task was first seen unhealthy, in milliseconds by `performance.now()`. */
  readonly unknownSince: Map<string, number>;
  /** At how many looks in a row a target within its grace period gave a wrong answer. */
  readonly wrongAnswers: Map<string, number>;
  /** The unhealthy targets that might still be starting at the latest look that found any. */
  starting: readonly TargetHealthDescription[];
}

export const noTargetSightings = (): TargetSightings => ({
  unknownSince: new Map(),
  wrongAnswers: new Map(),
  starting: [],
});

/** At how many looks in a row a wrong answer must be seen within the grace period. */
const looksToBeWrong = 3;

interface ObservedTargets {
  readonly service: Service;
  readonly running: readonly Task[];
  readonly targets: readonly TargetHealthDescription[];
  readonly instances?: ContainerInstances;
}

/**
 * A target that is unhealthy and has had the time to start, or that repeats an answer which no application gives while it starts.
 * @param timeoutMs for how long a target without a known task gets the benefit of the doubt
 */
export function findSickTarget(
  { service, running, targets, instances }: ObservedTargets,
  timeoutMs: number,
  sightings: TargetSightings,
): TargetHealthDescription | undefined {
  const unhealthy = targets.filter(isUnhealthy);
  forgetOthers(sightings.unknownSince, unhealthy);
  forgetOthers(sightings.wrongAnswers, unhealthy.filter(isWrongAnswer));
  const graceMs = (service.healthCheckGracePeriodSeconds ?? 0) * 1000;
  const isSick = (target: TargetHealthDescription): boolean => {
    const task = findTaskOf(target, running, instances);
    if (!task) return msSinceFirstSeen(target, sightings) > timeoutMs;
    const startedAt = task.startedAt?.getTime() ?? Date.now();
    return Date.now() - startedAt > graceMs || repeatsWrongAnswer(target, sightings);
  };
  const sick = unhealthy.filter(isSick);
  const starting = unhealthy.filter((target) => !sick.includes(target));
  if (starting.length > 0) sightings.starting = starting;
  return sick[0];
}

export const isUnhealthy = ({ TargetHealth }: TargetHealthDescription): boolean => TargetHealth?.State === 'unhealthy';

const keyOf = ({ Target }: TargetHealthDescription) => `${Target?.Id}:${Target?.Port}`;

function msSinceFirstSeen(target: TargetHealthDescription, { unknownSince }: TargetSightings): number {
  const since = unknownSince.get(keyOf(target)) ?? performance.now();
  unknownSince.set(keyOf(target), since);
  return performance.now() - since;
}

/**
 * Whether the health check's answer can't be that of an application that still starts. IIS answers 503 while an application pool
 * starts and 500 while a module compiles, and a proxy before it 502 or 504.
 */
function isWrongAnswer({ TargetHealth }: TargetHealthDescription): boolean {
  if (TargetHealth?.Reason !== 'Target.ResponseCodeMismatch') return false;
  const codes = TargetHealth.Description?.match(/\b\d{3}\b/g) ?? [];
  return codes.length === 0 || !codes.every((code) => ['500', '502', '503', '504'].includes(code));
}

function repeatsWrongAnswer(target: TargetHealthDescription, { wrongAnswers }: TargetSightings): boolean {
  if (!isWrongAnswer(target)) return false;
  const looks = (wrongAnswers.get(keyOf(target)) ?? 0) + 1;
  wrongAnswers.set(keyOf(target), looks);
  return looks >= looksToBeWrong;
}

/** A target that recovered meanwhile starts anew when it is seen again. */
function forgetOthers(seen: Map<string, number>, targets: readonly TargetHealthDescription[]): void {
  const keys = new Set(targets.map(keyOf));
  for (const key of seen.keys()) if (!keys.has(key)) seen.delete(key);
}
