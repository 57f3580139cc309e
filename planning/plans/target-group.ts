/** The target group of what a deployment starts: as the settings want it, and as its twin's is where they don't say. */
import { crossZone, healthCheckDefaults, targetGroupDefaults } from '../../settings/target-group';
import type { ZoneSettings } from '../../settings/schema';
import type { ObservedTargetGroup, TargetGroupSettings } from '../observed/observed';

export interface TargetGroupPlan {
  readonly name: string;
  readonly protocol: 'HTTP' | 'HTTPS';
  readonly port: number;
  readonly targetType: 'ip' | 'instance';
  readonly vpcId?: string;
  /** `HTTP1` where it's absent. */
  readonly protocolVersion?: string;
  /** `ipv4` where it's absent. */
  readonly ipAddressType?: string;
  readonly targetControlPort?: number;
  readonly healthCheck: {
    /** Default: the target group's own. */
    readonly protocol?: string;
    /** Default: the port that each target has traffic on. */
    readonly port?: string;
    readonly path: string;
    readonly intervalSeconds: number;
    readonly timeoutSeconds: number;
    readonly healthyThreshold: number;
    readonly unhealthyThreshold: number;
    readonly matcher: string;
  };
  readonly attributes: Readonly<Record<string, string>>;
  /** Absent where it is to count for nothing anyway. */
  readonly failover?: Failover;
  readonly tags: Readonly<Record<string, string>>;
  /** The ARN of the one that goes first: what it differs in can't be changed. */
  readonly replaces?: string;
}

/**
 * From how many healthy targets on a target group lets Route 53 call its load balancer healthy, as attributes: one that contains
 * targets and none that is healthy makes the whole load balancer unhealthy.
 * https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/resource-record-sets-values-failover-alias.html
 */
export interface Failover {
  /** While it serves nobody, its targets count for nothing. */
  readonly off: Readonly<Record<string, string>>;
  /** Its own thresholds, which it has once it may serve. */
  readonly own: Readonly<Record<string, string>>;
}

/** What a target group is planned from, beside the zone. */
export interface TargetGroupRequest {
  readonly name: string;
  /** The release's modules; the first one answers the health check where the zone names no path. */
  readonly modules: readonly string[];
  /** The target group whose twin it is; the zone's own settings win. */
  readonly twin?: ObservedTargetGroup | undefined;
  /** The modules of the twin's release; empty where they aren't known. */
  readonly twinModules: readonly string[];
  /** The tasks': targets are addresses where they have a network of their own. */
  readonly networkMode: string | undefined;
  readonly tags: Readonly<Record<string, string>>;
}

export function planTargetGroup(
  { targetGroup }: Pick<ZoneSettings, 'targetGroup'>,
  { name, modules, twin, twinModules, networkMode, tags }: TargetGroupRequest,
): TargetGroupPlan {
  const { fixed, healthCheck: blue = {} } = twin ?? {};
  const vpcId = targetGroup.vpc ?? fixed?.vpcId;
  const ownPath = blue['HealthCheckPath'] === pingOf(twinModules) ? undefined : blue['HealthCheckPath'];
  const attributes = {
    [delay]: seconds(targetGroupDefaults.deregistrationDelay),
    ...withinReach(twin?.attributes),
    ...(targetGroup.deregistrationDelay !== undefined && { [delay]: seconds(targetGroup.deregistrationDelay) }),
    ...targetGroup.attributes,
  };
  return {
    name,
    protocol: targetGroup.protocol ?? (fixed?.protocol === 'HTTPS' ? 'HTTPS' : targetGroupDefaults.protocol),
    port: targetGroup.port ?? fixed?.port ?? targetGroupDefaults.port,
    targetType: targetGroup.targetType ?? (networkMode === 'awsvpc' ? 'ip' : 'instance'),
    ...(vpcId !== undefined && { vpcId }),
    ...(fixed?.protocolVersion !== undefined && { protocolVersion: fixed.protocolVersion }),
    ...(fixed?.ipAddressType !== undefined && { ipAddressType: fixed.ipAddressType }),
    ...(fixed?.targetControlPort !== undefined && { targetControlPort: fixed.targetControlPort }),
    healthCheck: planHealthCheck(targetGroup, blue, ownPath ?? pingOf(modules)),
    attributes,
    ...planFailover(attributes),
    tags,
  };
}

const delay = 'deregistration_delay.timeout_seconds';
const seconds = (ms: number) => String(ms / 1000);

/** A node whose zone has no replica answers 503 where it doesn't reach the others: so has green's first one for a while. */
const withinReach = (attributes: Readonly<Record<string, string>> = {}) =>
  attributes[crossZone] === 'false' ? { ...attributes, [crossZone]: 'use_load_balancer_configuration' } : attributes;

const pingOf = ([module]: readonly string[]) => `/${module}/_ping.aspx`;

/** @param path where the settings name none */
function planHealthCheck(
  { protocol, healthCheck: wanted }: ZoneSettings['targetGroup'],
  blue: TargetGroupSettings,
  path: string,
): TargetGroupPlan['healthCheck'] {
  const number = (name: string, otherwise: number) => (blue[name] ? Number(blue[name]) : otherwise);
  const inSeconds = (given: number | undefined, name: string, otherwise: number) =>
    given === undefined ? number(name, otherwise / 1000) : given / 1000;
  const { interval, timeout, healthyThreshold, unhealthyThreshold, matcher } = healthCheckDefaults;
  const [port, checkProtocol] = [blue['HealthCheckPort'], blue['HealthCheckProtocol']];
  return {
    ...(protocol === undefined && checkProtocol && { protocol: checkProtocol }),
    ...(port && { port }),
    path: wanted.path ?? path,
    intervalSeconds: inSeconds(wanted.interval, 'HealthCheckIntervalSeconds', interval),
    timeoutSeconds: inSeconds(wanted.timeout, 'HealthCheckTimeoutSeconds', timeout),
    healthyThreshold: wanted.healthyThreshold ?? number('HealthyThresholdCount', healthyThreshold),
    unhealthyThreshold: wanted.unhealthyThreshold ?? number('UnhealthyThresholdCount', unhealthyThreshold),
    matcher: wanted.matcher ?? (blue['Matcher'] || matcher),
  };
}

const healthyTargets = 'target_group_health.dns_failover.minimum_healthy_targets';
const [count, percentage] = [`${healthyTargets}.count`, `${healthyTargets}.percentage`];

/** @param attributes the target group's own; what is absent there has AWS's default */
export function planFailover(attributes: Readonly<Record<string, string>>): { readonly failover?: Failover } {
  const own = { [count]: attributes[count] ?? '1', [percentage]: attributes[percentage] ?? 'off' };
  const off = { [count]: 'off', [percentage]: 'off' };
  return Object.values(own).every((value) => value === 'off') ? {} : { failover: { off, own } };
}

/** Whether clients stay with the target that answered them first. */
export const isSticky = (attributes: Readonly<Record<string, string>> = {}): boolean =>
  attributes['stickiness.enabled'] === 'true';

/** What a plan sets, as it can be compared with what is found later. */
export const settingsOfPlan = ({ protocol, healthCheck, attributes }: TargetGroupPlan): TargetGroupSettings => ({
  HealthCheckProtocol: healthCheck.protocol ?? protocol,
  ...(healthCheck.port !== undefined && { HealthCheckPort: healthCheck.port }),
  HealthCheckPath: healthCheck.path,
  HealthCheckIntervalSeconds: String(healthCheck.intervalSeconds),
  HealthCheckTimeoutSeconds: String(healthCheck.timeoutSeconds),
  HealthyThresholdCount: String(healthCheck.healthyThreshold),
  UnhealthyThresholdCount: String(healthCheck.unhealthyThreshold),
  Matcher: healthCheck.matcher,
  ...attributes,
});
