/**
 * A target's health as the load balancer sees it, and how the results of health checks change it. Pure.
 * https://docs.aws.amazon.com/elasticloadbalancing/latest/application/target-group-health-checks.html
 *
 * One success makes a new target healthy; one that was ever found unhealthy needs `healthyThresholdCount` in a row.
 * `unhealthyThresholdCount` failures in a row make it unhealthy.
 */
import type { HealthCheckConfiguration, TargetState } from '../configuration';

export type CheckResult =
  { readonly passed: true } | { readonly passed: false; readonly reason: FailureReason; readonly description: string };

type FailureReason = 'Target.ResponseCodeMismatch' | 'Target.Timeout' | 'Target.FailedHealthChecks';

export interface TargetHealth {
  readonly state: TargetState['state'];
  readonly reason?: string;
  readonly description?: string;
  /** Milliseconds since the epoch. */
  readonly since: number;
  /** How many results in a row were against the state. */
  readonly successes: number;
  readonly failures: number;
}

/** The health of a target that was just registered. Times are milliseconds since the epoch. */
export function registeredHealth(now: number): TargetHealth {
  const reason = { reason: 'Elb.RegistrationInProgress', description: 'Target registration is in progress' };
  return { state: 'initial', ...reason, since: now, successes: 0, failures: 0 };
}

/** The health of a target whose first check begins. */
export function checkingHealth(health: TargetHealth): TargetHealth {
  if (health.reason !== 'Elb.RegistrationInProgress') return health;
  return { ...health, reason: 'Elb.InitialHealthChecking', description: 'Initial health checks in progress' };
}

/** The health after the result of a check; the same object when nothing changed. */
export function healthAfterCheck(
  health: TargetHealth,
  result: CheckResult,
  { healthyThresholdCount, unhealthyThresholdCount }: HealthCheckConfiguration,
  now: number,
): TargetHealth {
  if (result.passed) {
    if (health.state === 'healthy') return health.failures === 0 ? health : { ...health, failures: 0 };
    const successes = health.successes + 1;
    const wanted = health.state === 'initial' ? 1 : healthyThresholdCount;
    if (successes >= wanted) return { state: 'healthy', since: now, successes: 0, failures: 0 };
    return { ...health, successes, failures: 0 };
  }
  const { reason, description } = result;
  if (health.state === 'unhealthy') return { ...health, reason, description, successes: 0 };
  const failures = health.failures + 1;
  if (failures < unhealthyThresholdCount) return { ...health, failures, successes: 0 };
  return { state: 'unhealthy', reason, description, since: now, successes: 0, failures: 0 };
}

/** Parses a matcher such as `200`, `200,202` or `200-399`. */
export function parseMatcher(matcher: string): (status: number) => boolean {
  const ranges = matcher.split(',').map((part) => {
    const [from = NaN, to = from] = part.split('-').map(Number);
    return { from, to };
  });
  return (status) => ranges.some(({ from, to }) => status >= from && status <= to);
}
