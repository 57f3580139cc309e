import { type Server, type Socket, connect, createServer } from 'node:net';
import { text } from 'node:stream/consumers';
import { freePort } from '../free-port';
import { get, oneConnection } from './client';
import {
  cleanUpAfterEach,
  configurationOf,
  eventually,
  forwardTo,
  group,
  named,
  path,
  put,
  rule,
  startBackend,
  startDataPlane,
  target,
  unchecked,
} from './data-plane';

const cleanUp = cleanUpAfterEach();

/** A target that treats each connection as `misbehave` does. It isn't checked. */
async function misbehaving(
  misbehave: (socket: Socket, requests: number) => void,
  attributes: Record<string, string> = {},
) {
  let requests = 0;
  const sockets = new Set<Socket>();
  const server: Server = createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => undefined);
    socket.on('data', () => misbehave(socket, ++requests));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  cleanUp({
    async close() {
      for (const socket of sockets) socket.destroy();
      server.close();
    },
  });
  const address = server.address();
  const port = typeof address === 'object' ? (address?.port ?? 0) : 0;
  const groups = [group('g', [target(port)], unchecked)];
  const plane = cleanUp(await startDataPlane({ groups, rules: [rule('default', [], forwardTo('g'))], attributes }));
  return { plane, requests: () => requests };
}

test('a group without targets is answered 503, and no other group of the rule helps out', async () => {
  const backend = cleanUp(await startBackend(named('x')));
  const groups = [group('empty', []), group('full', [target(backend.port)])];
  const rules = [
    rule(1, [path('/both')], {
      Type: 'forward',
      ForwardConfig: {
        TargetGroups: [
          { TargetGroupArn: groups[0]!.arn, Weight: 1 },
          { TargetGroupArn: groups[1]!.arn, Weight: 0 },
        ],
      },
    }),
    rule('default', [], forwardTo('empty')),
  ];
  const plane = cleanUp(await startDataPlane({ groups, rules }));
  const answer = await get(plane.url);
  expect([answer.status, answer.headers.server]).toEqual([503, 'awselb/2.0']);
  expect((await get(`${plane.url}/both`)).status).toBe(503);
});

test('a target that refuses connections is a 502', async () => {
  const groups = [group('g', [target(await freePort())], unchecked)];
  const plane = cleanUp(await startDataPlane({ groups, rules: [rule('default', [], forwardTo('g'))] }));
  expect((await get(plane.url)).status).toBe(502);
});

test.each<[string, (socket: Socket) => void]>([
  ['that resets the connection', (socket) => socket.resetAndDestroy()],
  ['that closes it without an answer', (socket) => socket.end()],
  ['whose answer isn’t HTTP', (socket) => socket.write('what?\r\n\r\n')],
  ['whose headers are too large', (socket) => socket.write(`HTTP/1.1 200 OK\r\nA: ${'x'.repeat(40_000)}\r\n\r\n`)],
])('a target %s is a 502, and the request isn’t sent again', async (_, misbehave) => {
  const { plane, requests } = await misbehaving(misbehave);
  expect((await get(plane.url)).status).toBe(502);
  expect((await get(plane.url, { method: 'POST', body: 'x'.repeat(100_000) })).status).toBe(502);
  expect(requests()).toBeGreaterThanOrEqual(2);
  const before = requests();
  await get(plane.url);
  expect(requests()).toBe(before + 1);
});

test('a target that closes an idle connection just as a request is sent on it is a 502', async () => {
  const answer = 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok';
  const { plane } = await misbehaving((socket, requests) => {
    if (requests === 1) socket.write(answer);
    else socket.resetAndDestroy();
  });
  expect((await get(plane.url)).body).toBe('ok');
  expect((await get(plane.url)).status).toBe(502);
});

test('a body that ends before its announced length is cut short for the client too', async () => {
  const { plane } = await misbehaving((socket) => socket.end('HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nshort'));
  expect(await get(plane.url)).toMatchObject({ status: 200, error: 'ECONNRESET' });
});

test('a body that only the end of the connection ends is whole', async () => {
  const { plane } = await misbehaving((socket) => {
    socket.write('HTTP/1.0 200 OK\r\n\r\nfirst, ');
    setTimeout(() => socket.end('second'), 30);
  });
  expect(await get(plane.url)).toMatchObject({ status: 200, body: 'first, second', error: undefined });
});

test('a target that announces an idle timeout of its own, and keeps to it, is met by a 502 all the same', async () => {
  const answer = 'HTTP/1.1 200 OK\r\nKeep-Alive: timeout=1\r\nContent-Length: 2\r\n\r\nok';
  const { plane } = await misbehaving((socket, requests) => {
    if (requests === 1) socket.write(answer);
    // This is as if it had closed the connection while this request was on its way.
    else socket.resetAndDestroy();
  });
  expect((await get(plane.url)).body).toBe('ok');
  await new Promise((resolve) => setTimeout(resolve, 1_200));
  expect((await get(plane.url)).status).toBe(502);
});

test('a target that says nothing for the idle timeout is a 504', async () => {
  const { plane } = await misbehaving(() => undefined, { 'idle_timeout.timeout_seconds': '1' });
  expect((await get(plane.url)).status).toBe(504);
});

test('a target that falls silent in the middle of its answer is cut after the idle timeout', async () => {
  const { plane } = await misbehaving((socket) => socket.write('HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhalf'), {
    'idle_timeout.timeout_seconds': '1',
  });
  expect(await get(plane.url)).toMatchObject({ status: 200, error: 'ECONNRESET' });
});

test('an idle client’s connection is closed after the idle timeout, which is no shorter with a time scale', async () => {
  const backend = cleanUp(await startBackend(named('x')));
  const attributes = { 'idle_timeout.timeout_seconds': '1' };
  const groups = [group('g', [target(backend.port)], unchecked)];
  const plane = cleanUp(await startDataPlane({ groups, rules: [rule('default', [], forwardTo('g'))], attributes }));
  const socket = connect(plane.port, '127.0.0.1');
  const askedAt = performance.now();
  socket.write('GET / HTTP/1.1\r\nHost: x\r\n\r\n');
  expect(await text(socket)).toContain('Connection: keep-alive');
  // Timers may be a moment early.
  expect(performance.now() - askedAt).toBeGreaterThan(990);
});

test.each<[string, number, string, Record<string, string>]>([
  ['TRACE', 405, 'TRACE', {}],
  ['a header line of more than 16 KiB', 400, 'GET', { 'X-Long': 'x'.repeat(17_000) }],
  [
    'headers of more than 64 KiB',
    400,
    'GET',
    Object.fromEntries([1, 2, 3, 4, 5].map((n) => [`X-${n}`, 'x'.repeat(15_000)])),
  ],
  [
    'more than 30 addresses in X-Forwarded-For',
    463,
    'GET',
    { 'X-Forwarded-For': Array(31).fill('10.0.0.1').join(', ') },
  ],
])('%s is answered %i by the load balancer itself', async (_, status, method, headers) => {
  const backend = cleanUp(await startBackend(named('x')));
  const groups = [group('g', [target(backend.port)], unchecked)];
  const plane = cleanUp(await startDataPlane({ groups, rules: [rule('default', [], forwardTo('g'))] }));
  expect((await get(plane.url, { method, headers })).status).toBe(status);
  expect(backend.requests()).toBe(0);
});

test('what isn’t HTTP is answered 400', async () => {
  const plane = cleanUp(await startDataPlane({ groups: [], rules: [rule('default', [], forwardTo('g'))] }));
  const socket = connect(plane.port, '127.0.0.1');
  socket.write('hello\r\n\r\n');
  expect(await text(socket)).toMatch(/^HTTP\/1\.1 400 /);
});

test('a client that gives up ends the request at the target', async () => {
  let gaveUp = false;
  const backend = cleanUp(
    await startBackend((_, response) => void response.on('close', () => (gaveUp = !response.writableFinished))),
  );
  const groups = [group('g', [target(backend.port)], unchecked)];
  const plane = cleanUp(await startDataPlane({ groups, rules: [rule('default', [], forwardTo('g'))] }));
  const agent = oneConnection();
  const pending = get(plane.url, { agent });
  await eventually(() => (backend.requests() === 1 ? true : undefined));
  agent.destroy();
  expect((await pending).error).toBe('ECONNRESET');
  await eventually(() => (gaveUp ? true : undefined));
  expect((await plane.report()).targets[0]?.inFlight).toBe(0);
});

test('a port that is taken and a listener without its certificate are named in the answer; the taken one opens once it is free', async () => {
  const plane = cleanUp(await startDataPlane({ groups: [], rules: [] }));
  const taken = cleanUp(await startBackend(named('somebody else')));
  const fixed = rule('default', [], {
    Type: 'fixed-response',
    FixedResponseConfig: { StatusCode: '200', MessageBody: 'mine' },
  });
  const configuration = configurationOf({ groups: [], rules: [fixed] }, taken.port, 100);
  const [listener] = configuration.listeners;
  const tls = { ...listener!, arn: 'tls', protocol: 'HTTPS' as const, port: await freePort() };
  const answer = await put(plane.proxy.controlUrl, { ...configuration, listeners: [listener!, tls] });
  expect(answer).toMatchObject({
    errors: expect.arrayContaining([
      { listenerArn: listener!.arn, message: expect.stringContaining('in use') },
      { listenerArn: 'tls', message: expect.stringContaining('no certificate') },
    ]),
  });
  await taken.close();
  await eventually(async () => ((await get(`http://127.0.0.1:${taken.port}`)).body === 'mine' ? true : undefined));
});
