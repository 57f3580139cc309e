/** Reads that wait for their turn to ask the same are one call, and nobody's answer is older than its question. */
import { DescribeListenersCommand } from '@aws-sdk/client-elastic-load-balancing-v2';
import { MockActivityEnvironment } from '@temporalio/testing';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { AwsCall } from '../../../../activities/aws/client/calls';
import { createClients } from '../../../../activities/aws/client/clients';
import { createLimiter, type Limiter } from '../../../../activities/aws/client/limiter';
import { heartbeating } from '../../../../activities/polling';
import { testCredentials } from '../../../../packages/local-aws/test/local-aws';

let aws: Server;
/** How many requests came for each listener. */
let arrived: Record<string, number>;
/** How many of the next requests fail. */
let failing: number;

/** Answers with how often it was asked for a listener. */
beforeAll(async () => {
  aws = createServer((request, response) => {
    let body = '';
    request.on('data', (part: Buffer) => (body += part.toString()));
    request.on('end', () => {
      const arn = new URLSearchParams(body).get('ListenerArns.member.1') ?? '';
      arrived[arn] = (arrived[arn] ?? 0) + 1;
      if (failing-- > 0) return void response.writeHead(500).end();
      const listener = `<member><ListenerArn>${arn}</ListenerArn><Port>${arrived[arn]}</Port></member>`;
      const result = `<DescribeListenersResult><Listeners>${listener}</Listeners></DescribeListenersResult>`;
      response.setHeader('content-type', 'text/xml');
      response.end(`<DescribeListenersResponse>${result}</DescribeListenersResponse>`);
    });
  });
  await new Promise<void>((resolve) => aws.listen(0, '127.0.0.1', resolve));
});
beforeEach(() => {
  arrived = {};
  failing = 0;
});
afterAll(() => {
  aws.closeAllConnections();
  aws.close();
});

/** So many calls at once, and then a quarter as many a second: from when so many more wait, however long the first take. */
function limited(atOnce: number, waiting: number): Limiter {
  let asked = 0;
  let sinceMs: number | undefined;
  const { admit } = createLimiter(
    () => atOnce / 40,
    () => (sinceMs === undefined ? 0 : performance.now() - sinceMs),
  );
  return {
    admit: async (call) => {
      asked++;
      if (asked === atOnce + waiting) sinceMs = performance.now();
      return await admit(call);
    },
  };
}

function clients(limiter: Limiter) {
  const { port } = aws.address() as AddressInfo;
  const place = { endpoint: `http://127.0.0.1:${port}`, credentials: testCredentials };
  const calls: AwsCall[] = [];
  const { elb } = createClients('us-east-1', place, { limiter, observe: (call) => void calls.push(call) });
  const ask = async (arn: string) => {
    const { Listeners = [] } = await elb.send(new DescribeListenersCommand({ ListenerArns: [arn] }));
    return Listeners[0]?.Port;
  };
  const useUp = async () => await Promise.all([1, 2, 3, 4, 5, 6, 7, 8].map((at) => ask(`used ${at}`)));
  return { ask, useUp, calls };
}

test('fifty that wait to read the same listener read it once, and one that reads another gets its own', async () => {
  const { ask, useUp, calls } = clients(limited(8, 50));
  await useUp();
  const all = Array.from({ length: 50 }, () => ask('live'));
  expect(new Set(await Promise.all(all))).toEqual(new Set([1]));
  expect(await ask('test')).toBe(1);
  expect(arrived).toMatchObject({ live: 1, test: 1 });
  expect(calls).toHaveLength(10);
});

test('who asks while the call is under way gets a later answer', async () => {
  const { ask, useUp } = clients(limited(8, 1));
  await useUp();
  const first = ask('live');
  const sent = new Promise<void>((resolve) => aws.once('request', () => resolve()));
  await sent;
  expect(await Promise.all([first, ask('live')])).toEqual([1, 2]);
});

test('a call that fails is made again once, for all that waited for it', async () => {
  const { ask, useUp } = clients(limited(8, 20));
  await useUp();
  failing = 1;
  expect(new Set(await Promise.all(Array.from({ length: 20 }, () => ask('live'))))).toEqual(new Set([2]));
  expect(arrived['live']).toBe(2);
});

test('clients with other permissions share rates, and no answers', async () => {
  const limiter = limited(8, 2);
  const [one, other] = [clients(limiter), clients(limiter)];
  await one.useUp();
  await Promise.all([one.ask('live'), other.ask('live')]);
  expect(arrived['live']).toBe(2);
});

test('a step whose call waits for its turn shows that, and nothing more of it once it has it', async () => {
  const { ask } = clients(limited(2, 2));
  await Promise.all(['used', 'used too'].map(ask));
  const before = ask('asked before');
  const activity = new MockActivityEnvironment({ startToCloseTimeoutMs: 600_000, scheduleToCloseTimeoutMs: 0 });
  const shown: unknown[] = [];
  activity.on('heartbeat', (details) => shown.push(details));
  await activity.run(async () => await heartbeating(async () => await ask('live')));
  expect(new Set(shown)).toEqual(new Set([undefined, "DescribeListeners waits for its turn within AWS's rates"]));
  expect(shown.at(-1)).toBeUndefined();
  await before;
});
