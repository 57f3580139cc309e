import type { GetMetricDataCommandInput } from '@aws-sdk/client-cloudwatch';
import { createClients } from '../../../../activities/aws/client/clients';
import { withFailingRequests } from '../../../../activities/aws/questions/failing-requests';
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
        const Values = [...answer(input as GetMetricDataCommandInput)];
        return Promise.resolve({ output: { MetricDataResults: [{ Values }], $metadata: {} }, response: {} });
      },
    { step: 'initialize', priority: 'low' },
  );
  return clients;
}

test('what the load balancer counted for its target groups while it was deployed, in whole minutes', async () => {
  const asked: GetMetricDataCommandInput[] = [];
  const clients = cloudWatch((input) => (asked.push(input), [3, 4]));
  const [told] = await withFailingRequests(clients, listener, [group], [entry(60)]);
  expect(told?.failedRequests).toBe(7);
  expect(asked[0]?.MetricDataQueries?.[0]?.MetricStat?.Metric?.Dimensions).toEqual([
    { Name: 'LoadBalancer', Value: 'app/main/0123456789abcdef' },
    { Name: 'TargetGroup', Value: 'targetgroup/Orders-1-a/0123456789abcdef' },
  ]);
  expect(Number(asked[0]?.StartTime) % 60_000).toBe(0);
});

test.each([
  ['it has not ended', [entry(60, null)], [group]],
  ['CloudWatch has added its minutes up', [entry(16 * 24 * 60)], [group]],
  ['there is no target group any more', [entry(60)], []],
])('not known when %s: null, never a guess', async (_, entries, groups) => {
  const [told] = await withFailingRequests(
    cloudWatch(() => [1]),
    listener,
    groups,
    entries,
  );
  expect(told?.failedRequests).toBeNull();
});

test('without the permission the history is told all the same', async () => {
  const clients = cloudWatch(() => {
    throw Object.assign(new Error('not allowed'), { name: 'AccessDenied' });
  });
  const [told] = await withFailingRequests(clients, listener, [group], [entry(60)]);
  expect(told).toMatchObject({ image: 'orders:1.0', failedRequests: null });
});
