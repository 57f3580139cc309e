import { type IncomingMessage, type RequestListener, type ServerResponse, createServer } from 'node:http';
import { type AddressInfo, createServer as createTcpServer } from 'node:net';
import type { TrafficReport } from '../../../local/traffic/messages';
import { type Traffic, type TrafficOptions, startTraffic } from '../../../local/traffic/traffic';

const applications = [
  { name: 'Orders', modules: ['Orders', 'OrdersAPI'] },
  { name: 'OrdersAdmin', modules: ['OrdersAdmin'] },
];
const ownerOf = (module: string) => applications.find(({ modules }) => modules.includes(module))?.name;

const open: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of open.splice(0).reverse()) await close();
});

let version = '1';

/** Answers as the sample applications do. */
function wellBehaved(request: IncomingMessage, response: ServerResponse): void {
  const [, module = '', page = ''] = (request.url ?? '').split('/');
  const answer = { application: ownerOf(module), module, version, task: 't', servedBy: 'container', configuration: '' };
  if (!page.startsWith('slow')) return void response.end(`${JSON.stringify(answer)}\n`);
  response.write(`${JSON.stringify(answer)}\n`);
  const ms = Number(new URL(request.url ?? '', 'http://x').searchParams.get('ms'));
  setTimeout(() => response.end('end\n'), ms);
}

async function serve(listener: RequestListener): Promise<string> {
  const server = createServer({ keepAliveTimeout: 60_000 }, listener);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  open.push(() => (server.closeAllConnections(), server.close()));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

type More = Pick<TrafficOptions, 'timeoutMs' | 'streamMs' | 'streamEveryMs'>;

async function trafficTo(loadBalancer: string, more: More = {}): Promise<Traffic> {
  const traffic = await startTraffic({ loadBalancer, applications, requestsPerSecond: 400, streamMs: 300, ...more });
  open.push(() => traffic.stop().catch(() => undefined));
  return traffic;
}

async function until(traffic: Traffic, wanted: (report: TrafficReport) => boolean): Promise<TrafficReport> {
  for (;;) {
    const report = await traffic.report();
    if (wanted(report)) return report;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

const kinds = ({ failures }: TrafficReport) => new Set(failures.map(({ kind }) => kind));

const connections = ({ failures }: TrafficReport) => new Set(failures.map(({ connection }) => connection));

/** Misbehaves on every ninth front page: new and kept connections take turns, and so an even number could miss one of them. */
const nowAndThen = (misbehave: RequestListener): RequestListener => {
  let requests = 0;
  return (request, response) => {
    const streaming = request.url?.includes('slow') === true;
    if (!streaming) requests += 1;
    if (!streaming && requests % 9 === 0) misbehave(request, response);
    else wellBehaved(request, response);
  };
};

describe('it sees', () => {
  test.each<[string, string, RequestListener]>([
    ['a reset connection', 'reset', (request) => void request.socket.resetAndDestroy()],
    ['a connection closed without an answer', 'reset', (request) => void request.socket.end()],
    [
      'an answer cut short',
      'cutShort',
      (request, response) => {
        response.writeHead(200, { 'Content-Length': 500 }).write('{');
        setTimeout(() => request.socket.destroy(), 20);
      },
    ],
    ['a 503', 'status', (_, response) => void response.writeHead(503).end('no')],
    ['a 404', 'status', (_, response) => void response.writeHead(404).end('no')],
    [
      'another application’s answer',
      'wronglyServed',
      (_, response) => void response.end('{"application":"X","module":"Orders","version":"1","servedBy":"container"}'),
    ],
    ['a page that is no answer at all', 'wronglyServed', (_, response) => void response.end('<html>')],
  ])('%s', async (_, kind, misbehave) => {
    const traffic = await trafficTo(await serve(nowAndThen(misbehave)));
    await until(traffic, (now) => now.failed >= 10 && connections(now).size === 2);
    const report = await traffic.stop();
    expect(kinds(report)).toEqual(new Set([kind]));
    expect(connections(report)).toEqual(new Set(['new', 'keepAlive']));
    expect(report.failed).toBeLessThan(report.sent / 5);
  });

  test('a refused connection', async () => {
    const probe = createTcpServer();
    await new Promise<void>((resolve) => probe.listen(0, '127.0.0.1', resolve));
    const { port } = probe.address() as AddressInfo;
    await new Promise((resolve) => probe.close(resolve));
    const traffic = await trafficTo(`http://127.0.0.1:${port}`);
    const report = await until(traffic, ({ failed }) => failed >= 10);
    expect(kinds(report)).toEqual(new Set(['refused']));
  });

  test('an answer that doesn’t come', async () => {
    const traffic = await trafficTo(await serve(nowAndThen(() => undefined)), { timeoutMs: 200 });
    const report = await until(traffic, ({ failed }) => failed >= 3);
    expect(kinds(report)).toEqual(new Set(['timedOut']));
  });

  test('a stream that ends before its end, though its connection closed properly', async () => {
    const listener: RequestListener = (request, response) => {
      if (!request.url?.includes('slow')) return wellBehaved(request, response);
      response.write('{"application":"Orders","module":"Orders","version":"1","servedBy":"container"}\n');
      setTimeout(() => response.end('still working\n'), 50);
    };
    const traffic = await trafficTo(await serve(listener));
    const report = await until(traffic, ({ failed }) => failed >= 2);
    expect(kinds(report)).toEqual(new Set(['cutShort']));
    expect(report.failures.every(({ streaming }) => streaming)).toBe(true);
  });

  test('a release that answers before it may', async () => {
    version = '1';
    const traffic = await trafficTo(await serve(wellBehaved));
    await traffic.expect('Orders', [{ servedBy: 'container', version: '1' }]);
    await until(traffic, ({ sent }) => sent > 50);
    version = '2';
    const early = await until(traffic, ({ failed }) => failed > 0);
    expect(early.failures[0]).toMatchObject({ kind: 'wronglyServed', application: 'Orders', status: 200 });
    expect(early.byApplication['OrdersAdmin']?.failed).toBe(0);
    await traffic.expect('Orders', [{ servedBy: 'container' }]);
    await traffic.mark('allowed');
    await until(traffic, ({ sent }) => sent > early.sent + 100);
    const { answered } = await traffic.stop();
    expect(new Set(answered.map((span) => span.version))).toEqual(new Set(['1', '2']));
  });
});

test('with a well-behaved server nothing fails, both kinds of connections are used, and a stream is always open', async () => {
  version = '1';
  const sockets = new Set<unknown>();
  const streams = { open: 0, least: Infinity };
  let [requests, fresh] = [0, 0];
  const traffic = await trafficTo(
    await serve((request, response) => {
      requests += 1;
      if (request.headers.connection === 'close') fresh += 1;
      sockets.add(request.socket);
      if (request.url?.startsWith('/OrdersAdmin/slow')) {
        streams.open += 1;
        response.on('close', () => (streams.open -= 1));
      } else if (requests > 100) streams.least = Math.min(streams.least, streams.open);
      wellBehaved(request, response);
    }),
    // It is longer than the generator or this process could stall.
    { streamMs: 3_000 },
  );
  await until(traffic, ({ sent }) => sent >= 400);
  expect(streams.least).toBeGreaterThanOrEqual(1);
  const report = await traffic.stop();
  expect([report.failed, report.failures, report.inFlight]).toEqual([0, [], 0]);
  expect(report.sent).toBe(requests);
  expect(fresh).toBeGreaterThan(requests * 0.4);
  expect(fresh).toBeLessThan(requests * 0.6);
  expect(sockets.size).toBeGreaterThanOrEqual(fresh);
  expect(sockets.size).toBeLessThan(requests);
  const modules = new Set(report.answered.map(({ application, module }) => `${application}/${module}`));
  expect(modules).toEqual(new Set(['Orders/Orders', 'Orders/OrdersAPI', 'OrdersAdmin/OrdersAdmin']));
  expect(report.latencyMs.p50).toBeGreaterThan(0);
});

test('with many applications streams can be as seldom as one wants, and each has the first at once', async () => {
  version = '1';
  const streams: string[] = [];
  const traffic = await trafficTo(
    await serve((request, response) => {
      if (request.url?.includes('/slow')) streams.push(request.url.split('/')[1] ?? '');
      wellBehaved(request, response);
    }),
    { streamMs: 10, streamEveryMs: 600_000 },
  );
  await until(traffic, ({ sent }) => sent >= 100);
  expect(streams).toHaveLength(applications.length);
});

test('counts between two marks are those of that time alone, by application', async () => {
  version = '1';
  let broken = false;
  const traffic = await trafficTo(
    await serve((request, response) => {
      if (broken && request.url === '/OrdersAdmin/') response.writeHead(500).end();
      else wellBehaved(request, response);
    }),
  );
  await until(traffic, ({ sent }) => sent > 50);
  await traffic.mark('before');
  broken = true;
  await until(traffic, ({ failed }) => failed >= 5);
  broken = false;
  const { failed } = await traffic.mark('after');
  await until(traffic, ({ sent }) => sent > 200);
  const between = await traffic.between('before', 'after');
  expect(between.failed).toBe(failed);
  expect(between.byApplication).toMatchObject({ Orders: { failed: 0 }, OrdersAdmin: { failed } });
  expect((await traffic.between('before')).sent).toBeGreaterThan(between.sent);
  await expect(traffic.between('never')).rejects.toThrow('never');
});

test('modules come and go while it runs', async () => {
  version = '1';
  const asked: string[] = [];
  const traffic = await trafficTo(
    await serve((request, response) => {
      asked.push(request.url?.split('/')[1] ?? '');
      wellBehaved(request, response);
    }),
  );
  await until(traffic, ({ sent }) => sent > 50);
  await traffic.setApplications([{ name: 'Orders', modules: ['Orders'] }]);
  const { sent: sentThen } = await until(traffic, () => true);
  await until(traffic, ({ sent }) => sent > sentThen + 200);
  // The very next requests don't count: those that were on their way may be for any application.
  expect(new Set(asked.slice(-50))).toEqual(new Set(['Orders']));
});

test('a generator that is killed is noticed, not taken for silence', async () => {
  const traffic = await trafficTo(await serve(wellBehaved));
  process.kill(traffic.pid, 'SIGKILL');
  await expect(until(traffic, () => false)).rejects.toThrow('has ended');
});
