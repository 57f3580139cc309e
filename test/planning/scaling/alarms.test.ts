/** The alarms that call step policies, moved with them. */
import { MetricAlarm$, PutMetricAlarmInput$, type MetricAlarm } from '@aws-sdk/client-cloudwatch';
import { alarmMovedTo, pairGroups } from '../../../planning/scaling/alarms';

const arn = (name: string) => `arn:aws:elasticloadbalancing:eu-west-1:1:targetgroup/${name}`;
const policy = (service: string) =>
  `arn:aws:autoscaling:eu-west-1:1:scalingPolicy:${service}:resource/ecs/service/crm/${service}:policyName/busy`;
const topic = 'arn:aws:sns:eu-west-1:1:on-call';
const blue = { service: 'crm-a', targetGroupArns: [arn('crm-a/0a')] };
const green = { service: 'crm-b', targetGroupArns: [arn('crm-b/0b')] };
const forth = { policies: new Map([[policy('crm-a'), policy('crm-b')]]), from: blue, to: green };
const back = { policies: new Map([[policy('crm-b'), policy('crm-a')]]), from: green, to: blue };
const dimension = (Name: string, Value: string) => ({ Name, Value });

/** As DescribeAlarms shows it. */
const alarm: MetricAlarm = {
  AlarmName: 'crm is busy',
  AlarmArn: 'arn:aws:cloudwatch:eu-west-1:1:alarm:crm is busy',
  AlarmDescription: 'More than a replica can answer.',
  ActionsEnabled: true,
  AlarmActions: [policy('crm-a'), topic],
  OKActions: [topic],
  InsufficientDataActions: [],
  Namespace: 'AWS/ECS',
  MetricName: 'CPUUtilization',
  Statistic: 'Average',
  Dimensions: [dimension('ServiceName', 'crm-a'), dimension('ClusterName', 'crm')],
  Period: 60,
  EvaluationPeriods: 3,
  Threshold: 70,
  ComparisonOperator: 'GreaterThanThreshold',
  StateValue: 'OK',
};

test('an alarm looks at green and calls green’s policy, still tells people, and is on the way back as it was', () => {
  const moved = alarmMovedTo(alarm, forth);
  const { AlarmArn: _, StateValue: __, ...settings } = alarm;
  expect(moved).toEqual({
    ...settings,
    AlarmActions: [policy('crm-b'), topic],
    Dimensions: [dimension('ServiceName', 'crm-b'), dimension('ClusterName', 'crm')],
  });
  expect(alarmMovedTo(moved as MetricAlarm, back)).toEqual(settings);
  expect(alarmMovedTo(moved as MetricAlarm, forth)).toEqual(moved);
});

test('an alarm over several metrics moves each of them', () => {
  const metric = (group: string) => ({
    Id: 'm1',
    MetricStat: {
      Metric: { Namespace: 'AWS/ApplicationELB', Dimensions: [dimension('TargetGroup', `targetgroup/${group}`)] },
      Period: 60,
      Stat: 'Sum',
    },
  });
  const { MetricName: _, Namespace: __, Statistic: ___, Period: ____, ...rest } = alarm;
  const moved = alarmMovedTo({ ...rest, Dimensions: [], Metrics: [metric('crm-a/0a')] }, forth);
  expect(moved).toMatchObject({ Metrics: [metric('crm-b/0b')] });
  expect(moved).not.toHaveProperty('Dimensions');
});

test('nothing that PutMetricAlarm sets of an alarm is lost: what it takes and DescribeAlarms shows is known', () => {
  const members = (shape: unknown) => (shape as readonly unknown[])[4] as readonly string[];
  const known = members(MetricAlarm$).filter((name) => members(PutMetricAlarmInput$).includes(name));
  const full = Object.fromEntries(known.map((name) => [name, name === 'Metrics' ? [] : [{}]]));
  expect(Object.keys(alarmMovedTo(full as unknown as MetricAlarm, forth)).toSorted()).toEqual(
    known.filter((name) => name !== 'Metrics').toSorted(),
  );
});

test('target groups are paired by their load balancers, and one that no rule leads to with the one that is left', () => {
  const group = (name: string, ...loadBalancerArns: string[]) => ({ arn: name, loadBalancerArns });
  const there = [group('b', 'internal'), group('b-public', 'public')];
  expect(pairGroups([group('a-public', 'public'), group('a', 'internal')], there)).toEqual(['b-public', 'b']);
  expect(pairGroups([group('a-public', 'public'), group('a')], there)).toEqual(['b-public', 'b']);
  expect(pairGroups([group('a'), group('a-public')], there)).toEqual([null, null]);
});
