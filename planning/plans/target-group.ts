/** The target group of what a deployment starts: as the settings want it, and as its twin's is where they don't say. */
import { healthCheckDefaults, targetGroupDefaults } from '../../settings/target-group';
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
  readonly tags: Readonly<Record<string, string>>;
  /** The ARN of the one that goes first: what it differs in can't be changed. */
  readonly replaces?: string;
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
  return {
    name,
    protocol: targetGroup.protocol ?? (fixed?.protocol === 'HTTPS' ? 'HTTPS' : targetGroupDefaults.protocol),
    port: targetGroup.port ?? fixed?.port ?? targetGroupDefaults.port,
    targetType: targetGroup.targetType ?? (networkMode === 'awsvpc' ? 'ip' : 'instance'),
    ...(vpcId !== undefined && { vpcId }),
    ...(fixed?.protocolVersion !== undefined && { protocolVersion: fixed.protocolVersion }),
    healthCheck: planHealthCheck(targetGroup, blue, ownPath ?? pingOf(modules)),
    attributes: {
      ...twin?.attributes,
      'deregistration_delay.timeout_seconds': String(targetGroup.deregistrationDelay / 1000),
      ...targetGroup.attributes,
    },
    tags,
  };
}

const pingOf = ([module]: readonly string[]) => `/${module}/_ping.aspx`;

/** @param path where the settings name none */
function planHealthCheck(
  { protocol, healthCheck: wanted }: ZoneSettings['targetGroup'],
  blue: TargetGroupSettings,
  path: string,
): TargetGroupPlan['healthCheck'] {
  const number = (name: string, otherwise: number) => (blue[name] ? Number(blue[name]) : otherwise);
  const seconds = (given: number | undefined, name: string, otherwise: number) =>
    given === undefined ? number(name, otherwise / 1000) : given / 1000;
  const { interval, timeout, healthyThreshold, unhealthyThreshold, matcher } = healthCheckDefaults;
  const [port, checkProtocol] = [blue['HealthCheckPort'], blue['HealthCheckProtocol']];
  return {
    ...(protocol === undefined && checkProtocol && { protocol: checkProtocol }),
    ...(port && { port }),
    path: wanted.path ?? path,
    intervalSeconds: seconds(wanted.interval, 'HealthCheckIntervalSeconds', interval),
    timeoutSeconds: seconds(wanted.timeout, 'HealthCheckTimeoutSeconds', timeout),
    healthyThreshold: wanted.healthyThreshold ?? number('HealthyThresholdCount', healthyThreshold),
    unhealthyThreshold: wanted.unhealthyThreshold ?? number('UnhealthyThresholdCount', unhealthyThreshold),
    matcher: wanted.matcher ?? (blue['Matcher'] || matcher),
  };
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
