import type { GetMetricDataCommandInput } from '@aws-sdk/client-cloudwatch';
import { MockActivityEnvironment } from '@temporalio/testing';
import { createClients } from '../../../../activities/aws/client/clients';
import { requestCountWaits } from '../../../../activities/aws/elb/request-counts';
import { testCredentials } from '../../../../packages/local-aws/test/local-aws';

const arn = 'arn:aws:elasticloadbalancing:eu-west-1:123456789012';
const listenerArn = `${arn}:listener/app/main/0123456789abcdef/fedcba9876543210`;
const group = (slot: string) => `${arn}:targetgroup/Orders-1-${slot}/0123456789abcdef`;
const site = { region: 'eu-west-1', cluster: 'outsystems', runId: 'run-1' };
const minute = 60_000;

/** What CloudWatch counts every minute, by the name of the target group. */
function counting(perMinute: Readonly<Record<string, number>>) {
  const clients = createClients('eu-west-1', { endpoint: 'http://127.0.0.1:9', credentials: testCredentials });
  clients.metrics.middlewareStack.add(
    () =>
      ({ input }) => {
        const { StartTime, MetricDataQueries = [] } = input as GetMetricDataCommandInput;
        const MetricDataResults = MetricDataQueries.map(({ Id, MetricStat }) => {
          const name = MetricStat?.Metric?.Dimensions?.[1]?.Value?.split('/')[1] ?? '';
          const requests = perMinute[name];
          const at = Array.from({ length: requests === undefined ? 0 : 30 }, (_, index) => index);
          return {
            Id,
            Timestamps: at.map((index) => new Date(Number(StartTime) + index * minute)),
            Values: at.map(() => requests),
          };
        });
        return Promise.resolve({ output: { MetricDataResults, $metadata: {} }, response: {} });
      },
    { step: 'initialize', priority: 'low' },
  );
  return clients;
}

const proof = (clients: ReturnType<typeof counting>, from: string | null = group('a')): Promise<string> =>
  new MockActivityEnvironment({ scheduledTimestampMs: Date.now() - 11 * minute }).run(() =>
    requestCountWaits({ clientsOf: () => clients }).waitForMovedTraffic(site, {
      listenerArn,
      from,
      to: group('b'),
      paths: ['/Orders'],
    }),
  ) as Promise<string>;

test('requests that the load balancer counts only for green prove a cut behind a login', async () => {
  expect(await proof(counting({ 'Orders-1-b': 12 }))).toMatch(
    /at \/Orders: proven by .*counts \(.* 12 requests to Orders-1-b, none to Orders-1-a\)/,
  );
});

test('blue that still gets requests ten minutes later: not proven', async () => {
  await expect(proof(counting({ 'Orders-1-a': 1, 'Orders-1-b': 12 }))).rejects.toMatchObject({
    type: 'NotProven',
    message: expect.stringMatching(/^1 requests a minute still reach Orders-1-a/),
  });
});

test('without any traffic, and where counts may not be read, it says what proves the cut instead', async () => {
  expect(await proof(counting({}))).toMatch(/nobody asked: proven by the rules and the settle time alone/);
  const denied = counting({});
  denied.metrics.middlewareStack.add(
    () => () => Promise.reject(Object.assign(new Error('not allowed'), { name: 'AccessDenied' })),
    { step: 'initialize', priority: 'high' },
  );
  expect(await proof(denied)).toMatch(/allow cloudwatch:GetMetricData/);
  expect(await proof(counting({}), group('b'))).toMatch(/by the release of every replica/);
});
