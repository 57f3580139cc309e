/** The load balancer's counts, as tools that judge a deployment read them from CloudWatch. */
import { CloudWatch, type GetMetricDataCommandInput } from '@aws-sdk/client-cloudwatch';
import type { FaultRequest } from '../../src/faults/fault';
import { eventually, startLocalAws, testCredentials, type LocalAws } from '../local-aws';

let local: LocalAws;
const arn = (rest: string) => `arn:aws:elasticloadbalancing:us-east-1:000000000000:${rest}`;
const minuteMs = 60_000;
const minute = Math.floor(Date.now() / minuteMs) * minuteMs - 10 * minuteMs;
const at = (minutes: number) => new Date(minute + minutes * minuteMs);
const failed = 'HTTPCode_Target_5XX_Count';

const client = () =>
  new CloudWatch({ endpoint: local.aws.endpoint, region: 'us-east-1', credentials: testCredentials, maxAttempts: 1 });

beforeAll(async () => {
  local = await startLocalAws();
});
afterAll(() => local.close());

/** What a process of the load balancer reports as counted for a group, by minute. */
const reportOf = (run: string, group: string, counted: readonly number[]) => ({
  run,
  now: Date.now(),
  counts: counted.map((value, index) => ({
    loadBalancerArn: arn('loadbalancer/app/zone/1'),
    targetGroupArn: arn(`targetgroup/${group}/1`),
    minute: minute + index * minuteMs,
    values: { [failed]: value },
  })),
});

const metric = (targetGroup?: string, MetricName = failed) => ({
  Namespace: 'AWS/ApplicationELB',
  MetricName,
  Dimensions: [
    { Name: 'LoadBalancer', Value: 'app/zone/1' },
    ...(targetGroup === undefined ? [] : [{ Name: 'TargetGroup', Value: `targetgroup/${targetGroup}/1` }]),
  ],
});
const ask = (more: Partial<GetMetricDataCommandInput> = {}, Period = 60, Metric = metric('orders')) =>
  client().getMetricData({
    StartTime: at(0),
    EndTime: at(10),
    ScanBy: 'TimestampAscending',
    MetricDataQueries: [{ Id: 'failed', MetricStat: { Metric, Period, Stat: 'Sum' } }],
    ...more,
  });
const values = async (...given: Parameters<typeof ask>) => (await ask(...given)).MetricDataResults?.[0]?.Values;

test.each([
  ['no time between', { EndTime: at(0) }],
  ['no query', { MetricDataQueries: [] }],
  ['an Id that is none', { MetricDataQueries: [{ Id: 'Failed' }] }],
  ['an expression, which nothing here works out', { MetricDataQueries: [{ Id: 'a', Expression: 'b+c' }] }],
  [
    'a percentile',
    { MetricDataQueries: [{ Id: 'a', MetricStat: { Metric: metric('refused'), Period: 60, Stat: 'p99' } }] },
  ],
  [
    'a period that is none',
    { MetricDataQueries: [{ Id: 'a', MetricStat: { Metric: metric('refused'), Period: 61, Stat: 'Sum' } }] },
  ],
])('%s is refused', async (_, input) => {
  local.proxy.setCounts(reportOf('1', 'refused', [1]));
  await expect(ask(input)).rejects.toMatchObject({ name: 'ValidationException', $metadata: { httpStatusCode: 400 } });
});

test('counts come by the minute or longer, from the start and before the end, and only where there are some', async () => {
  local.proxy.setCounts(reportOf('1', 'orders', [3, 0, 4, 5]));
  expect(await ask()).toMatchObject({
    MetricDataResults: [{ Id: 'failed', Label: failed, Timestamps: [at(0), at(2), at(3)], Values: [3, 4, 5] }],
  });
  expect(await values({ StartTime: at(2), EndTime: at(3) })).toEqual([4]);
  expect(await values({ ScanBy: 'TimestampDescending' })).toEqual([5, 4, 3]);
  expect((await values({}, 3600))?.reduce((sum, value) => sum + value, 0)).toBe(12);
  expect(await values({}, 60, metric('orders', 'RequestCount'))).toEqual([]);
});

test('pages together are all there is', async () => {
  local.proxy.setCounts(reportOf('1', 'orders', [3, 0, 4, 5]));
  const first = await ask({ MaxDatapoints: 2 });
  expect(first.MetricDataResults?.[0]?.Values).toEqual([3, 4]);
  const second = await ask({ MaxDatapoints: 2, NextToken: first.NextToken });
  expect(second).toMatchObject({ MetricDataResults: [{ Values: [5] }] });
  expect(second.NextToken).toBeUndefined();
});

test('hearing of a count again changes nothing, a load balancer that started again adds to it', async () => {
  local.proxy.setCounts(reportOf('1', 'again', [7]));
  expect(await values({}, 60, metric('again'))).toEqual([7]);
  expect(await values({}, 60, metric('again'))).toEqual([7]);
  local.proxy.setCounts(reportOf('2', 'again', [2]));
  expect(await values({}, 60, metric('again'))).toEqual([9]);
});

test('response times are averages in seconds, by the minute', async () => {
  const counted = (index: number, sum: number, samples: number) => ({
    loadBalancerArn: arn('loadbalancer/app/zone/1'),
    targetGroupArn: arn('targetgroup/timed/1'),
    minute: minute + index * minuteMs,
    values: { TargetResponseTime: sum, 'TargetResponseTime samples': samples },
  });
  local.proxy.setCounts({ run: '1', now: Date.now(), counts: [counted(0, 6, 4), counted(1, 1, 10)] });
  const timed = metric('timed', 'TargetResponseTime');
  const of = async (Stat: string) =>
    await values({ MetricDataQueries: [{ Id: 'a', MetricStat: { Metric: timed, Period: 60, Stat } }] });
  expect(await of('Average')).toEqual([1.5, 0.1]);
  expect(await of('SampleCount')).toEqual([4, 10]);
  await expect(of('p99')).rejects.toMatchObject({ name: 'ValidationException' });
});

test('counts may arrive late', async () => {
  local.proxy.setCounts(reportOf('1', 'late', [3, 4]));
  const faults = `${local.aws.controlUrl}/faults`;
  const fault: FaultRequest = { kind: 'lateMetrics', lateMs: Date.now() - (minute + minuteMs / 2) };
  await fetch(faults, { method: 'POST', body: JSON.stringify(fault) });
  expect(await values({}, 60, metric('late'))).toEqual([3]);
  await fetch(faults, { method: 'DELETE' });
  expect(await values({}, 60, metric('late'))).toEqual([3, 4]);
});

test('what was counted is known after the control plane started again', async () => {
  local.proxy.setCounts(reportOf('1', 'kept', [7]));
  await eventually(
    () => values({}, 60, metric('kept')),
    (found) => found?.[0] === 7,
  );
  await client().putMetricAlarm({
    AlarmName: 'stores',
    Namespace: 'n',
    MetricName: 'm',
    Statistic: 'Sum',
    Period: 60,
    EvaluationPeriods: 1,
    Threshold: 1,
    ComparisonOperator: 'GreaterThanThreshold',
  });
  local.proxy.setCounts(reportOf('2', 'kept', []));
  await local.restart();
  expect(await values({}, 60, metric('kept'))).toEqual([7]);
});

test("a load balancer's own answers are its own, and what its groups answered is counted for it too", async () => {
  const counted = (targetGroupArn: string, values_: Record<string, number>) => ({
    loadBalancerArn: arn('loadbalancer/app/zone/2'),
    targetGroupArn,
    minute,
    values: values_,
  });
  local.proxy.setCounts({
    run: '1',
    now: Date.now(),
    counts: [
      counted(arn('targetgroup/one/1'), { RequestCount: 3, HTTPCode_ELB_5XX_Count: 1 }),
      counted(arn('targetgroup/two/1'), { RequestCount: 4 }),
      counted('', { HTTPCode_ELB_5XX_Count: 5 }),
    ],
  });
  const of = (MetricName: string, ...groups: string[]) => ({
    Namespace: 'AWS/ApplicationELB',
    MetricName,
    Dimensions: [
      { Name: 'LoadBalancer', Value: 'app/zone/2' },
      ...groups.map((group) => ({ Name: 'TargetGroup', Value: `targetgroup/${group}/1` })),
    ],
  });
  expect(await values({}, 60, of('RequestCount'))).toEqual([7]);
  expect(await values({}, 60, of('RequestCount', 'two'))).toEqual([4]);
  expect(await values({}, 60, of('HTTPCode_ELB_5XX_Count'))).toEqual([6]);
  expect(await values({}, 60, of('HTTPCode_ELB_5XX_Count', 'one'))).toEqual([]);
});
