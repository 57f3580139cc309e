/** The health-check settings of target groups, with AWS's defaults and limits. */
import type { ModifyTargetGroupInput } from '@aws-sdk/client-elastic-load-balancing-v2';
import { invalid } from '../elbv2';
import type { TargetGroup } from '../state';

type HealthCheck = TargetGroup['healthCheck'];
type Given = Omit<ModifyTargetGroupInput, 'TargetGroupArn'>;

/** https://docs.aws.amazon.com/elasticloadbalancing/latest/application/target-group-health-checks.html */
export function defaultHealthCheck(protocol: string): HealthCheck {
  return {
    enabled: true,
    protocol,
    path: '/',
    port: 'traffic-port',
    intervalSeconds: 30,
    timeoutSeconds: 5,
    healthyThresholdCount: 5,
    unhealthyThresholdCount: 2,
    matcher: '200',
  };
}

/**
 * The health check with the settings changed that are given.
 * @throws {AwsError} with code `ValidationError`
 */
export function parseHealthCheck(given: Given, before: HealthCheck): HealthCheck {
  const check: HealthCheck = {
    enabled: given.HealthCheckEnabled ?? before.enabled,
    protocol: given.HealthCheckProtocol ?? before.protocol,
    path: given.HealthCheckPath ?? before.path,
    port: given.HealthCheckPort ?? before.port,
    intervalSeconds: given.HealthCheckIntervalSeconds ?? before.intervalSeconds,
    timeoutSeconds: given.HealthCheckTimeoutSeconds ?? before.timeoutSeconds,
    healthyThresholdCount: given.HealthyThresholdCount ?? before.healthyThresholdCount,
    unhealthyThresholdCount: given.UnhealthyThresholdCount ?? before.unhealthyThresholdCount,
    matcher: given.Matcher?.HttpCode ?? before.matcher,
  };
  if (!check.enabled) invalid('Health check enabled must be true for target groups with target type instance or ip');
  within('Health check interval', check.intervalSeconds, 5, 300);
  within('Health check timeout', check.timeoutSeconds, 2, 120);
  within('Healthy threshold count', check.healthyThresholdCount, 2, 10);
  within('Unhealthy threshold count', check.unhealthyThresholdCount, 2, 10);
  if (check.timeoutSeconds >= check.intervalSeconds) invalid('Health check timeout must be smaller than the interval');
  if (!check.path.startsWith('/') || check.path.length > 1024)
    invalid(`Health check path '${check.path}' must begin with '/' and have at most 1024 characters`);
  if (check.port !== 'traffic-port' && !/^[1-9]\d{0,4}$/.test(check.port))
    invalid(`Health check port '${check.port}' must be 'traffic-port' or a port`);
  checkMatcher(check.matcher);
  return check;
}

function within(what: string, value: number, from: number, to: number): void {
  if (!Number.isInteger(value) || value < from || value > to)
    invalid(`${what} '${value}' must be between ${from} and ${to}`);
}

/** A matcher has codes from 200 to 499, e.g. `200`, `200,202`, `200-299`. */
function checkMatcher(matcher: string): void {
  const codes = matcher.split(',').flatMap((part) => part.split('-'));
  const good =
    /^\d{3}(-\d{3})?(,\d{3}(-\d{3})?)*$/.test(matcher) && codes.every((code) => +code >= 200 && +code <= 499);
  if (!good) invalid(`Health check matcher HTTP code '${matcher}' must be within '200-499' inclusive`);
}
