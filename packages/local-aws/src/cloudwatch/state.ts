/** CloudWatch's alarms and counts as they are stored. Times are milliseconds since the epoch. */
import type { PutMetricAlarmInput, StateValue } from '@aws-sdk/client-cloudwatch';
import type { StoredCounts } from './counts';

export interface CloudWatchState {
  /** The key is the alarm's name. */
  readonly alarms: Record<string, Alarm>;
  /** The key is the alarm's ARN. */
  readonly tags: Record<string, Record<string, string>>;
  /** Absent in a state of an earlier version. */
  counts?: StoredCounts;
}

export interface Alarm {
  readonly arn: string;
  readonly name: string;
  settings: Omit<PutMetricAlarmInput, 'AlarmName' | 'Tags'>;
  configuredAt: number;
  state: StateValue;
  stateReason: string;
  stateReasonData?: string;
  /** When the state was last set, and when it last changed. */
  stateUpdatedAt: number;
  stateTransitionedAt: number;
}

export function emptyCloudWatch(): CloudWatchState {
  return { alarms: {}, tags: {} };
}
