/** CloudWatch's alarms and counts as they are remembered. Times are milliseconds since the epoch. */
import type { PutMetricAlarmInput, StateValue } from '@aws-sdk/client-cloudwatch';
import type { KeptCounts } from './counts';

export interface CloudWatchState {
  /** By name. */
  readonly alarms: Record<string, Alarm>;
  /** By ARN. */
  readonly tags: Record<string, Record<string, string>>;
  /** Without any in a state of an earlier version. */
  counts?: KeptCounts;
}

export interface Alarm {
  readonly arn: string;
  readonly name: string;
  settings: Omit<PutMetricAlarmInput, 'AlarmName' | 'Tags'>;
  configuredAt: number;
  state: StateValue;
  stateReason: string;
  stateReasonData?: string;
  /** When the state was last set, and when it last became another one. */
  stateUpdatedAt: number;
  stateTransitionedAt: number;
}

export function emptyCloudWatch(): CloudWatchState {
  return { alarms: {}, tags: {} };
}
