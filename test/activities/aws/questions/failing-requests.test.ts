import type { GetMetricDataCommandInput } from '@aws-sdk/client-cloudwatch';
import { createClients } from '../../../../activities/aws/client/clients';
import { withFailingRequests } from '../../../../activities/aws/questions/failing-requests';
import { formatReleases } from '../../../../client/text/releases';
import type { ReleaseEntry } from '../../../../contract/status';
import { testCredentials } from '../../../../packages/local-aws/test/local-aws';

const listener =
  'arn:aws:elasticloadbalancing:eu-west-1:123456789012:listener/app/main/0123456789abcdef/fedcba9876543210';
const group = 'arn:aws:elasticloadbalancing:eu-west-1:123456789012:targetgroup/Orders-1-a/0123456789abcdef';
const entry = (minutesAgo: number, seconds: number | null = 90): ReleaseEntry => ({
  taskDefinition: 'orders:1',
  image: 'orders:1.0',
  digest: '',
  configuration: null,
  at: new Date(Date.now() - minutesAgo * 60_000).toISOString(),
  by: null,
  reason: null,
  strategy: 'blueGreen',
  outcome: 'completed',
  seconds,
  failedRequests: null,
  live: false,
});

function cloudWatch(answer: (input: GetMetricDataCommandInput) => readonly number[]) {
  const clients = createClients('us-east-1', { endpoint: 'http://127.0.0.1:9', credentials: testCredentials });
  clients.metrics.middlewareStack.add(
    () =>
      ({ input }) => {
        const { MetricDataQueries = [] } = input as GetMetricDataCommandInput;
        const counts = answer(input as GetMetricDataCommandInput);
        const MetricDataResults = MetricDataQueries.map(({ Id }, index) => ({ Id, Values: [counts[index] ?? 0] }));
        return Promise.resolve({ output: { MetricDataResults, $metadata: {} }, response: {} });
      },
    { step: 'initialize', priority: 'low' },
  );
  return clients;
}

test('what the load balancer counted for its target groups while it was deployed, in whole minutes', async () => {
  const asked: GetMetricDataCommandInput[] = [];
  const clients = cloudWatch((input) => (asked.push(input), [3, 4]));
  const [told] = await withFailingRequests(clients, [listener], [group], [entry(60)]);
  expect(told?.failedRequests).toBe(7);
  expect(asked[0]?.MetricDataQueries?.[0]?.MetricStat?.Metric?.Dimensions).toEqual([
    { Name: 'LoadBalancer', Value: 'app/main/0123456789abcdef' },
    { Name: 'TargetGroup', Value: 'targetgroup/Orders-1-a/0123456789abcdef' },
  ]);
  expect(Number(asked[0]?.StartTime) % 60_000).toBe(0);
});

test('what the load balancer answered 502, 503 or 504 by itself is told beside it, as of all that it serves', async () => {
  const asked: GetMetricDataCommandInput[] = [];
  const clients = cloudWatch((input) => (asked.push(input), [1, 0, 2, 3, 4]));
  const [told = entry(60)] = await withFailingRequests(clients, [listener], [group], [entry(60)]);
  expect(told).toMatchObject({ failedRequests: 1, loadBalancerErrors: 9 });
  expect(formatReleases([told]).join('\n')).toMatch(
    /1 failed requests {2}9 answered 502, 503 or 504 by the whole load balancer$/,
  );
  const own = asked[0]?.MetricDataQueries?.slice(2).map(({ MetricStat }) => MetricStat?.Metric) ?? [];
  expect(own.map((metric) => metric?.MetricName)).toEqual([
    'HTTPCode_ELB_502_Count',
    'HTTPCode_ELB_503_Count',
    'HTTPCode_ELB_504_Count',
  ]);
  for (const metric of own)
    expect(metric?.Dimensions).toEqual([{ Name: 'LoadBalancer', Value: 'app/main/0123456789abcdef' }]);
});

test.each([
  ['it has not ended', [entry(60, null)], [group]],
  ['CloudWatch has added its minutes up', [entry(16 * 24 * 60)], [group]],
  ['there is no target group any more', [entry(60)], []],
])('not known when %s: null, never a guess', async (_, entries, groups) => {
  const [told] = await withFailingRequests(
    cloudWatch(() => [1]),
    [listener],
    groups,
    entries,
  );
  expect(told?.failedRequests).toBeNull();
});

test('without the permission the history is told all the same', async () => {
  const clients = cloudWatch(() => {
    throw Object.assign(new Error('not allowed'), { name: 'AccessDenied' });
  });
  const [told] = await withFailingRequests(clients, [listener], [group], [entry(60)]);
  expect(told).toMatchObject({ image: 'orders:1.0', failedRequests: null });
});

test('failures behind every load balancer count, each asked for what is behind it', async () => {
  const other = listener.replace('/main/', '/public/');
  const asked: GetMetricDataCommandInput[] = [];
  const clients = cloudWatch((input) => (asked.push(input), Array.from({ length: 10 }, () => 1)));
  const [told] = await withFailingRequests(clients, [listener, other], [group], [entry(60)]);
  expect(told).toMatchObject({ failedRequests: 4, loadBalancerErrors: 6 });
  const balancers = asked[0]?.MetricDataQueries?.map(({ MetricStat }) => MetricStat?.Metric?.Dimensions?.[0]?.Value);
  expect(new Set(balancers)).toEqual(new Set(['app/main/0123456789abcdef', 'app/public/0123456789abcdef']));
});
