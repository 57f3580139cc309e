/** The target group of what a deployment starts: the zone's health check, and a twin's attributes where it has one. */
import type { ZoneSettings } from '../../settings/schema';
import type { TargetGroupSettings } from '../observed/observed';

export interface TargetGroupPlan {
  readonly name: string;
  readonly protocol: 'HTTP' | 'HTTPS';
  readonly port: number;
  readonly targetType: 'ip' | 'instance';
  readonly vpcId?: string;
  readonly healthCheck: {
    readonly path: string;
    readonly intervalSeconds: number;
    readonly timeoutSeconds: number;
    readonly healthyThreshold: number;
    readonly unhealthyThreshold: number;
    readonly matcher: string;
  };
  readonly attributes: Readonly<Record<string, string>>;
  readonly tags: Readonly<Record<string, string>>;
}

/** What a target group is planned from, beside the zone. */
export interface TargetGroupRequest {
  readonly name: string;
  /** The release's modules; the first one answers the health check where the zone names no path. */
  readonly modules: readonly string[];
  /** Attributes of the target group whose twin it is; the zone's own win. */
  readonly twinAttributes: Readonly<Record<string, string>>;
  readonly tags: Readonly<Record<string, string>>;
}

export function planTargetGroup(
  { targetGroup }: ZoneSettings,
  { name, modules, twinAttributes, tags }: TargetGroupRequest,
): TargetGroupPlan {
  const { healthCheck } = targetGroup;
  return {
    name,
    protocol: targetGroup.protocol,
    port: targetGroup.port,
    targetType: targetGroup.targetType,
    ...(targetGroup.vpc !== undefined && { vpcId: targetGroup.vpc }),
    healthCheck: {
      path: healthCheck.path ?? `/${modules[0]}/_ping.aspx`,
      intervalSeconds: healthCheck.interval / 1000,
      timeoutSeconds: healthCheck.timeout / 1000,
      healthyThreshold: healthCheck.healthyThreshold,
      unhealthyThreshold: healthCheck.unhealthyThreshold,
      matcher: healthCheck.matcher,
    },
    attributes: {
      ...twinAttributes,
      'deregistration_delay.timeout_seconds': String(targetGroup.deregistrationDelay / 1000),
      ...targetGroup.attributes,
    },
    tags,
  };
}

/** Whether clients stay with the target that answered them first. */
export const isSticky = (attributes: Readonly<Record<string, string>> = {}): boolean =>
  attributes['stickiness.enabled'] === 'true';

/** What a plan sets, as it can be compared with what is found later. */
export const settingsOfPlan = ({ protocol, healthCheck, attributes }: TargetGroupPlan): TargetGroupSettings => ({
  HealthCheckProtocol: protocol,
  HealthCheckPath: healthCheck.path,
  HealthCheckIntervalSeconds: String(healthCheck.intervalSeconds),
  HealthCheckTimeoutSeconds: String(healthCheck.timeoutSeconds),
  HealthyThresholdCount: String(healthCheck.healthyThreshold),
  UnhealthyThresholdCount: String(healthCheck.unhealthyThreshold),
  Matcher: healthCheck.matcher,
  ...attributes,
});
