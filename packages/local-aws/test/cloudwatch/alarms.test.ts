/** Alarms, as a deployment watches them. */
import { CloudWatch } from '@aws-sdk/client-cloudwatch';
import { startLocalAws, testCredentials, type LocalAws } from '../local-aws';

let local: LocalAws;
let cloudwatch: CloudWatch;

const alarm = {
  AlarmName: 'orders-5xx',
  Namespace: 'AWS/ApplicationELB',
  MetricName: 'HTTPCode_Target_5XX_Count',
  Statistic: 'Sum',
  Period: 60,
  EvaluationPeriods: 1,
  Threshold: 1.5,
  ComparisonOperator: 'GreaterThanThreshold',
} as const;

beforeAll(async () => {
  local = await startLocalAws();
  const settings = { endpoint: local.aws.endpoint, region: 'us-east-1', credentials: testCredentials };
  cloudwatch = new CloudWatch({ ...settings, maxAttempts: 1 });
});
afterAll(() => local.close());

test('an alarm that is not there, or is not one, is refused with the code of the reference', async () => {
  const set = { AlarmName: 'nobody', StateValue: 'ALARM', StateReason: 'test' } as const;
  await expect(cloudwatch.setAlarmState(set)).rejects.toMatchObject({
    name: 'ResourceNotFound',
    $metadata: { httpStatusCode: 404 },
  });
  await expect(cloudwatch.putMetricAlarm({ ...alarm, MetricName: undefined })).rejects.toMatchObject({
    name: 'MissingRequiredParameterException',
  });
  await expect(cloudwatch.putMetricAlarm({ ...alarm, Period: 61 })).rejects.toMatchObject({
    name: 'InvalidParameterValueException',
  });
  await expect(cloudwatch.describeAlarms({ AlarmNames: ['a'], AlarmNamePrefix: 'a' })).rejects.toMatchObject({
    name: 'InvalidParameterCombinationException',
  });
});

test('an alarm keeps the state that it is set to, also when its settings change', async () => {
  await cloudwatch.putMetricAlarm({ ...alarm, Tags: [{ Key: 'team', Value: 'orders' }] });
  const found = async () => (await cloudwatch.describeAlarms({ AlarmNames: [alarm.AlarmName] })).MetricAlarms?.[0];
  expect(await found()).toMatchObject({ ...alarm, StateValue: 'INSUFFICIENT_DATA' });
  await cloudwatch.setAlarmState({ AlarmName: alarm.AlarmName, StateValue: 'ALARM', StateReason: 'a test' });
  await cloudwatch.putMetricAlarm({ ...alarm, Threshold: 2 });
  expect(await found()).toMatchObject({ StateValue: 'ALARM', StateReason: 'a test', Threshold: 2 });
  const ResourceARN = (await found())?.AlarmArn;
  expect((await cloudwatch.listTagsForResource({ ResourceARN })).Tags).toEqual([{ Key: 'team', Value: 'orders' }]);
});

test('alarms come by name, over all pages, filtered as they are asked for', async () => {
  for (const name of ['b', 'a', 'c']) await cloudwatch.putMetricAlarm({ ...alarm, AlarmName: `page-${name}` });
  const names: (string | undefined)[] = [];
  let NextToken: string | undefined;
  do {
    const page = await cloudwatch.describeAlarms({ AlarmNamePrefix: 'page-', MaxRecords: 2, NextToken });
    names.push(...(page.MetricAlarms ?? []).map(({ AlarmName }) => AlarmName));
    NextToken = page.NextToken;
  } while (NextToken !== undefined);
  expect(names).toEqual(['page-a', 'page-b', 'page-c']);
  expect((await cloudwatch.describeAlarms({ StateValue: 'ALARM' })).MetricAlarms).toHaveLength(1);
  await cloudwatch.deleteAlarms({ AlarmNames: ['page-a', 'page-b', 'page-c'] });
  expect((await cloudwatch.describeAlarms({ AlarmNamePrefix: 'page-' })).MetricAlarms).toEqual([]);
});
