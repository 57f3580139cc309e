/** What each kind of gate reads, from whoever answers as they please. */
import type { DescribeAlarmsCommandInput, GetMetricDataCommandInput } from '@aws-sdk/client-cloudwatch';
import { MockActivityEnvironment } from '@temporalio/testing';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gateActivities, type Examined, type Judged } from '../../../activities/gates';
import type { GateStanding } from '../../../planning/gates/standing';
import { parseSettings } from '../../../settings/load';
import { zone } from '../../settings/minimal';

const folder = mkdtempSync(join(tmpdir(), 'cutover-gates-'));
let answer: (request: IncomingMessage, response: ServerResponse, body: string) => void = () => undefined;
const server = createServer((request, response) => {
  let body = '';
  request.on('data', (part: Buffer) => (body += part.toString()));
  request.on('end', () => answer(request, response, body));
});
let address = '';
beforeAll(async () => {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  address = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterAll(() => {
  server.closeAllConnections();
  server.close();
  rmSync(folder, { recursive: true });
});

const settingsOf = (gates: string) =>
  parseSettings(
    `${zone}    gates:\n      own: ${gates.replaceAll('ADDRESS', address)}\napplications:\n  Orders: { key: a3c0a9a4-7a1b-4b6b-9a53-0c6a6f1f8f11 }\n`,
    'cutover.yaml',
  );

const judged = (more: Partial<Judged> = {}): Judged => ({
  groups: [
    { listenerArn: 'arn:x:listener/app/main/1/2', green: 'arn:x:targetgroup/g/1', blue: 'arn:x:targetgroup/b/1' },
  ],
  since: new Date(Date.now() - 600_000).toISOString(),
  before: [],
  ...more,
});

/** CloudWatch as a test says. */
type Metrics = (input: DescribeAlarmsCommandInput & GetMetricDataCommandInput) => object;
const noMetrics: Metrics = () => {
  throw new Error('nobody asks for metrics');
};
const activitiesOf = (settings: () => ReturnType<typeof settingsOf>, metrics = noMetrics) =>
  gateActivities({
    settings,
    clientsOf: () =>
      ({ metrics: { send: async ({ input }: { input: never }) => await Promise.resolve(metrics(input)) } }) as never,
  });
const inActivity = (info: object = {}) =>
  new MockActivityEnvironment({ workflowExecution: { workflowId: 'production/Orders', runId: 'run-1' }, ...info });

const look = async (gates: string, metrics?: Metrics): Promise<GateStanding> => {
  const { examineGates } = activitiesOf(() => settingsOf(gates), metrics);
  const { standings } = (await inActivity().run(() => examineGates(judged()))) as Examined;
  return standings[0] as GateStanding;
};

const json = (body: unknown, status = 200) => {
  answer = (_, response) => void response.writeHead(status).end(JSON.stringify(body));
};

describe('Prometheus', () => {
  const gate = `{ kind: prometheus, address: ADDRESS/select/0/, query: 'rate(errors[1m]) > bool 0', most: 0.5, headers: { authorization: { file: ${folder}/token } } }`;

  test('is asked with the secret of its file, and its values are judged', async () => {
    writeFileSync(`${folder}/token`, 'Bearer s3cret\n');
    const asked: [string | undefined, string | undefined][] = [];
    answer = (request, response) => {
      asked.push([request.url, request.headers.authorization]);
      response.end('{"status":"success","data":{"resultType":"vector","result":[{"metric":{},"value":[1,"0.9"]}]}}');
    };
    expect(await look(gate)).toMatchObject({ verdict: 'fails', says: '0.9, allowed at most 0.5' });
    expect(asked).toEqual([['/select/0/api/v1/query?query=rate%28errors%5B1m%5D%29+%3E+bool+0', 'Bearer s3cret']]);
  });

  test('that doesn’t understand a query says why', async () => {
    json({ status: 'error', errorType: 'bad_data', error: 'parse error' }, 400);
    expect(await look(gate)).toMatchObject({ verdict: 'missing', says: 'Prometheus answered parse error' });
  });
});

describe('whoever answers with JSON', () => {
  const gate = "{ kind: http, address: 'ADDRESS/health?deep=1', path: '$.checks[*].late', most: 2 }";

  test.each([
    [200, { checks: [{ late: 1 }, { late: 3 }] }, 'fails', '3 among 2 values, allowed at most 2'],
    [200, { checks: [] }, 'missing', '$.checks[*].late finds nothing'],
    [503, { checks: [{ late: 1 }] }, 'missing', 'the answer was 503'],
    [302, {}, 'missing', 'the answer was 302'],
  ])('%i %j', async (status, body, verdict, says) => {
    json(body, status);
    expect(await look(gate)).toMatchObject({ verdict, says });
  });

  test.each([
    ['no JSON', (response: ServerResponse) => response.end('<html>'), 'the answer is no JSON'],
    [
      'too much',
      (response: ServerResponse) => response.end(Buffer.alloc(1_100_000, ' ')),
      'the answer has more than 1048576 bytes',
    ],
    ['a connection that breaks', (response: ServerResponse) => response.destroy(), 'no answer: UND_ERR_SOCKET'],
  ])('%s is missing, and no error', async (_, how, says) => {
    answer = (_request, response) => void how(response);
    expect(await look(gate)).toMatchObject({ verdict: 'missing', says, failing: ['the gate'] });
  });

  test('a secret that isn’t there is told by where it should be', async () => {
    expect(await look('{ kind: http, address: { env: NO_SUCH_URL }, path: $.a, most: 1 }')).toMatchObject({
      verdict: 'missing',
      says: expect.stringContaining('environment variable NO_SUCH_URL is not there'),
    });
  });
});

test('a webhook is asked as Flagger asks, and answers yes or no', async () => {
  const gate = "{ kind: webhook, address: 'ADDRESS/judge', metadata: { suite: smoke } }";
  const bodies: unknown[] = [];
  let status = 202;
  answer = (request, response, body) => {
    bodies.push([request.method, JSON.parse(body)]);
    response.writeHead(status).end('three of 40 failed\nmore');
  };
  expect(await look(gate)).toMatchObject({ verdict: 'passes', says: 'it answered 202, three of 40 failed' });
  status = 500;
  expect(await look(gate)).toMatchObject({ verdict: 'fails', says: 'it answered 500, three of 40 failed' });
  const asked = { name: 'Orders', namespace: 'production', phase: 'Progressing', metadata: { suite: 'smoke' } };
  expect(bodies).toEqual([
    ['POST', asked],
    ['POST', asked],
  ]);
});

describe('CloudWatch', () => {
  test('alarms are asked for by name, metric ones and composite ones', async () => {
    const inputs: DescribeAlarmsCommandInput[] = [];
    const found = await look('{ kind: alarms, names: [cpu, checkout] }', (input) => {
      inputs.push(input);
      return {
        MetricAlarms: [{ AlarmName: 'cpu', StateValue: 'OK' }],
        CompositeAlarms: [
          {
            AlarmName: 'checkout',
            StateValue: 'ALARM',
            StateReason: '2 of 3',
            StateTransitionedTimestamp: new Date(0),
          },
        ],
      };
    });
    expect(found).toMatchObject({ verdict: 'fails', says: 'checkout rings since 1970-01-01T00:00:00.000Z: 2 of 3' });
    expect(inputs).toMatchObject([{ AlarmNames: ['cpu', 'checkout'], AlarmTypes: ['MetricAlarm', 'CompositeAlarm'] }]);
  });

  test('counts of green’s and blue’s target group are asked for by the minute', async () => {
    const at = new Date(Math.floor(Date.now() / 60_000 - 3) * 60_000);
    const values: Readonly<Record<string, number>> = {
      g0_RequestCount: 100,
      g0_HTTPCode_Target_5XX_Count: 6,
      g0_TargetConnectionErrorCount: 6,
      g1_RequestCount: 900,
      g1_HTTPCode_Target_5XX_Count: 1,
    };
    const found = await look('{ kind: loadBalancer }', ({ MetricDataQueries = [] }) => ({
      MetricDataResults: MetricDataQueries.map(({ Id = '' }) =>
        Id in values ? { Id, Timestamps: [at], Values: [values[Id]] } : { Id },
      ),
    }));
    expect(found).toMatchObject({
      verdict: 'fails',
      says: expect.stringMatching(/^12 of 100 requests \(12 %\) failed against 1 of 900/),
    });
  });

  test('that refuses is missing: what that means, the gate says', async () => {
    const refuses = () => {
      throw Object.assign(new Error('User is not authorized to perform: cloudwatch:DescribeAlarms'), {
        name: 'AccessDenied',
      });
    };
    expect(await look('{ kind: alarms, names: [cpu] }', refuses)).toMatchObject({
      verdict: 'missing',
      says: expect.stringContaining('cloudwatch:DescribeAlarms'),
      failingSince: null,
    });
  });
});

describe('judging goes on', () => {
  const judge = (
    activities: ReturnType<typeof gateActivities>,
    environment: MockActivityEnvironment,
    asked = judged(),
  ) => environment.run(() => activities.judgeGates(asked, 'failed'));

  test('until a gate has failed for long enough, and says so with every gate’s numbers', async () => {
    json({ a: 7 });
    const activities = activitiesOf(() =>
      settingsOf('{ kind: http, address: ADDRESS, path: $.a, most: 5, every: 1s, failAfter: 2s }'),
    );
    const environment = inActivity();
    const beats: string[] = [];
    environment.on('heartbeat', (details: string) => beats.push(details));
    await expect(judge(activities, environment)).rejects.toMatchObject({
      type: 'GateFailed',
      nonRetryable: true,
      message: expect.stringMatching(/^Gate own failed for [12]s: 7, allowed at most 5\.$/),
      details: [{ gates: [{ gate: 'own', verdict: 'fails' }] }],
    });
    expect(JSON.parse(beats.findLast((one) => one !== undefined) ?? '')).toMatchObject([
      { gate: 'own', verdict: 'fails' },
    ]);
  });

  test('on another worker from what the first one knew', async () => {
    json({ a: 7 });
    const since = new Date(Date.now() - 3_600_000).toISOString();
    const known = [{ gate: 'own', verdict: 'fails', says: '9', at: since, failingSince: since, failing: ['the gate'] }];
    const activities = activitiesOf(() =>
      settingsOf('{ kind: http, address: ADDRESS, path: $.a, most: 5, failAfter: 1h }'),
    );
    await expect(judge(activities, inActivity({ heartbeatDetails: JSON.stringify(known) }))).rejects.toMatchObject({
      type: 'GateFailed',
      message: expect.stringMatching(/^Gate own failed for 1h.*: 7, allowed/),
    });
  });

  test('by what the settings say now; while they can’t be read, by what they said', async () => {
    json({ a: 7 });
    let reads = 0;
    const activities = activitiesOf(() => {
      reads += 1;
      if (reads === 2) throw new Error('cutover.yaml can’t be read');
      return settingsOf(
        `{ kind: http, address: ADDRESS, path: $.a, most: ${reads > 2 ? 5 : 9}, every: 1s, failAfter: 0s }`,
      );
    });
    await expect(judge(activities, inActivity())).rejects.toMatchObject({
      message: 'Gate own failed: 7, allowed at most 5.',
    });
    expect(reads).toBe(3);
  });

  test('until all pass, where that is asked for', async () => {
    const values = [7, 7, 3];
    answer = (_, response) => void response.end(JSON.stringify({ a: values.shift() }));
    const activities = activitiesOf(() =>
      settingsOf('{ kind: http, address: ADDRESS, path: $.a, most: 5, every: 1s, failAfter: 1m }'),
    );
    const found = await inActivity().run(() => activities.judgeGates(judged(), 'passing'));
    expect(found).toMatchObject([{ verdict: 'passes', says: '3, allowed at most 5', failingSince: null }]);
    expect(values).toEqual([]);
  });
});
