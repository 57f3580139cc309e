/** What Application Auto Scaling has for an ECS service: within which bounds, by what, and what of it is suspended. */
import type {
  ScalableTargetAction,
  StepScalingPolicyConfiguration,
  SuspendedState,
  TargetTrackingScalingPolicyConfiguration,
} from '@aws-sdk/client-application-auto-scaling';
import type { Tags } from '../tags';

export type Suspensions = Readonly<Record<keyof SuspendedState, boolean>>;

export interface ScalingPolicy {
  readonly name: string;
  /** `TargetTrackingScaling`, `StepScaling` or `PredictiveScaling`. */
  readonly type: string;
  /** Of target tracking only. */
  readonly tracking?: TargetTrackingScalingPolicyConfiguration;
  /** Of step scaling only. */
  readonly step?: StepScalingPolicyConfiguration;
}

export interface ScheduledAction {
  readonly name: string;
  /** E.g. `cron(0 8 * * ? *)`. */
  readonly schedule: string;
  readonly timezone?: string;
  /** ISO 8601. */
  readonly start?: string;
  readonly end?: string;
  readonly action: ScalableTargetAction;
}

export interface Scaling {
  readonly minimum: number;
  readonly maximum: number;
  readonly suspended: Suspensions;
  readonly policies: readonly ScalingPolicy[];
  readonly scheduled: readonly ScheduledAction[];
  /** What the settings want on it from its creation. Default: nothing. */
  readonly tags?: Tags;
}

export const allSuspended: Suspensions = {
  DynamicScalingInSuspended: true,
  DynamicScalingOutSuspended: true,
  ScheduledScalingSuspended: true,
};

/** Whether nothing of it may change the count now. */
export const isSuspended = ({ suspended }: Pick<Scaling, 'suspended'>): boolean =>
  Object.values(suspended).every(Boolean);

/** Whether alarms call policies of it, which are not AWS's own. */
export const hasSteps = ({ policies }: Pick<Scaling, 'policies'>): boolean =>
  policies.some(({ step }) => step !== undefined);

/** A service, and the target groups that its requests come from: one a load balancer, in the order of the zone's listeners. */
export interface ScaledService {
  readonly service: string;
  /** `null` where none of them leads to it yet. */
  readonly targetGroupArns: readonly (string | null)[];
}

/**
 * A policy's configuration for another service: what names the one, or its target groups, names the other then. So does a
 * resource label, `app/NAME/ID/targetgroup/NAME/ID`, and a metric's dimension `ServiceName` or `TargetGroup`.
 */
export function movedTo<Configuration>(
  configuration: Configuration,
  from: ScaledService,
  to: ScaledService,
): Configuration {
  const groups = new Map(
    from.targetGroupArns.flatMap((arn, at) => {
      const other = to.targetGroupArns[at];
      return arn !== null && typeof other === 'string' ? [[groupOf(arn), groupOf(other)]] : [];
    }),
  );
  const moved = (value: unknown): unknown => {
    if (typeof value === 'string')
      return value === from.service
        ? to.service
        : value.replace(/targetgroup\/.+$/, (group) => groups.get(group) ?? group);
    if (Array.isArray(value)) return value.map(moved);
    if (typeof value !== 'object' || value === null) return value;
    return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, moved(one)]));
  };
  return moved(configuration) as Configuration;
}

/** `targetgroup/NAME/ID` */
const groupOf = (arn: string) => arn.split(':').at(-1) ?? arn;
