/** Alarms of CloudWatch, as they are now. */
import { DescribeAlarmsCommand } from '@aws-sdk/client-cloudwatch';
import type { AlarmState } from '../../planning/gates/alarms';
import type { AwsClients } from '../aws/client/clients';

/** Those of these names that exist; there are 100 names at most, as many as one answer has. */
export async function describeAlarms(
  { metrics }: Pick<AwsClients, 'metrics'>,
  names: readonly string[],
): Promise<AlarmState[]> {
  const { MetricAlarms = [], CompositeAlarms = [] } = await metrics.send(
    new DescribeAlarmsCommand({
      AlarmNames: [...names],
      AlarmTypes: ['MetricAlarm', 'CompositeAlarm'],
      MaxRecords: 100,
    }),
  );
  return [...MetricAlarms, ...CompositeAlarms].map((alarm) => ({
    name: alarm.AlarmName ?? '',
    state: alarm.StateValue ?? 'INSUFFICIENT_DATA',
    since: (alarm.StateTransitionedTimestamp ?? alarm.StateUpdatedTimestamp ?? new Date(0)).toISOString(),
    reason: alarm.StateReason ?? '',
  }));
}
