/** The resources of Application Auto Scaling as they are stored. Times are milliseconds since the epoch. */
import type {
  PutScalingPolicyRequest,
  PutScheduledActionRequest,
  SuspendedState,
} from '@aws-sdk/client-application-auto-scaling';

export interface AutoscalingState {
  /** The key is the resource, `service/CLUSTER/SERVICE`. */
  readonly targets: Record<string, ScalableTarget>;
  /** The key is the policy's ARN. */
  readonly policies: Record<string, ScalingPolicy>;
  /** The key is the scheduled action's ARN. */
  readonly scheduled: Record<string, ScheduledAction>;
  /** The key is the resource's ARN. */
  readonly tags: Record<string, Record<string, string>>;
}

export interface ScalableTarget {
  readonly arn: string;
  readonly resourceId: string;
  minimum: number;
  maximum: number;
  readonly suspended: SuspendedState;
  readonly createdAt: number;
}

export interface ScalingPolicy {
  readonly arn: string;
  settings: PutScalingPolicyRequest;
  readonly createdAt: number;
}

export interface ScheduledAction {
  readonly arn: string;
  readonly settings: PutScheduledActionRequest;
  readonly createdAt: number;
}

export function emptyAutoscaling(): AutoscalingState {
  return { targets: {}, policies: {}, scheduled: {}, tags: {} };
}
