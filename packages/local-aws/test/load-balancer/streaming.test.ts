import { createHash, randomBytes } from 'node:crypto';
import { type IncomingMessage, type RequestListener, type Server, createServer, request } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { text } from 'node:stream/consumers';
import { WebSocket, WebSocketServer } from 'ws';
import { get, oneConnection } from './client';
import {
  cleanUpAfterEach,
  eventually,
  forwardTo,
  group,
  rule,
  startBackend,
  startDataPlane,
  target,
  unchecked,
} from './data-plane';

const cleanUp = cleanUpAfterEach();
const rules = [rule('default', [], forwardTo('g'))];

async function behindOneTarget(listener: RequestListener) {
  const backend = cleanUp(await startBackend(listener));
  return cleanUp(await startDataPlane({ groups: [group('g', [target(backend.port)], unchecked)], rules }));
}

test('what the target streams reaches the client as it comes, the headers before any body', async () => {
  const writers: { write: (chunk: string) => void; end: () => void }[] = [];
  const plane = await behindOneTarget((_, response) => {
    response.writeHead(200, { 'Content-Type': 'text/event-stream' }).flushHeaders();
    writers.push({ write: (chunk) => response.write(chunk), end: () => response.end() });
  });
  const outgoing = request(plane.url).end();
  const response = await new Promise<IncomingMessage>((resolve) => outgoing.on('response', resolve));
  let received = '';
  response.setEncoding('utf8').on('data', (chunk: string) => (received += chunk));
  for (const event of ['one', 'two', 'three']) {
    writers[0]?.write(event);
    await eventually(() => (received.endsWith(event) ? true : undefined));
  }
  writers[0]?.end();
  await new Promise((resolve) => response.on('end', resolve));
  expect(received).toBe('onetwothree');
});

test('a large upload and a large download arrive byte for byte', async () => {
  const content = randomBytes(8 << 20);
  const hash = (data: Buffer) => createHash('sha256').update(data).digest('hex');
  const plane = await behindOneTarget((incoming, response) => {
    const chunks: Buffer[] = [];
    incoming.on('data', (chunk: Buffer) => chunks.push(chunk));
    incoming.on('end', () => response.end(Buffer.concat(chunks)));
  });
  for (const headers of [{ 'Transfer-Encoding': 'chunked' }, { 'Content-Length': content.length }]) {
    const outgoing = request(plane.url, { method: 'POST', headers });
    outgoing.end(content);
    const received = await new Promise<Buffer>((resolve, reject) => {
      outgoing.on('error', reject);
      outgoing.on('response', (response) => {
        const chunks: Buffer[] = [];
        response.on('data', (chunk: Buffer) => chunks.push(chunk));
        response.on('end', () => resolve(Buffer.concat(chunks)));
      });
    });
    expect(hash(received)).toBe(hash(content));
  }
});

test('a client that reads slowly slows the target down instead of filling memory', async () => {
  let written = 0;
  const plane = await behindOneTarget((_, response) => {
    const chunk = Buffer.alloc(64 << 10);
    const fill = () => {
      while (!response.destroyed && written < 400 << 20) {
        written += chunk.length;
        if (!response.write(chunk)) return void response.once('drain', fill);
      }
    };
    fill();
  });
  const socket = connect(plane.port, '127.0.0.1');
  cleanUp({ close: async () => void socket.destroy() });
  socket.write('GET / HTTP/1.1\r\nHost: x\r\n\r\n');
  socket.pause();
  let before = -1;
  await eventually(async () => {
    const still = before === written;
    before = written;
    await new Promise((resolve) => setTimeout(resolve, 200));
    return still ? true : undefined;
  });
  expect(written).toBeLessThan(100 << 20);
});

test('requests and answers without a body, and old clients, are served on the terms of their protocol', async () => {
  const plane = await behindOneTarget((incoming, response) => {
    if (incoming.url === '/none') response.writeHead(204).end();
    else response.end('body');
  });
  const agent = oneConnection();
  cleanUp({ close: async () => agent.destroy() });
  expect(await get(plane.url, { method: 'HEAD', agent })).toMatchObject({ status: 200, body: '' });
  expect(await get(`${plane.url}/none`, { agent })).toMatchObject({ status: 204, body: '' });
  expect(await get(plane.url, { agent })).toMatchObject({ status: 200, body: 'body' });
  const socket = connect(plane.port, '127.0.0.1');
  socket.write('GET / HTTP/1.0\r\nHost: x\r\n\r\n');
  expect(await text(socket)).toMatch(/\r\n\r\nbody$/);
});

test('targets see who asked and how; hop-by-hop headers stay behind, everything else goes through', async () => {
  const plane = await behindOneTarget((incoming, response) => {
    response.setHeader('Set-Cookie', ['a=1', 'b=2']);
    response.end(JSON.stringify(incoming.rawHeaders));
  });
  const headers = {
    'X-Forwarded-For': '10.0.0.9',
    'X-Forwarded-Proto': 'https',
    'X-Amzn-Trace-Id': 'Root=1-67891233-abcdef012345678912345678',
    Connection: 'X-Hop, close',
    'X-Hop': 'no',
    TE: 'trailers',
    'X-CaSe': 'Kept',
    Host: 'shop.example.com',
  };
  const answer = await get(plane.url, { headers });
  const raw = JSON.parse(answer.body) as string[];
  const seen = Object.fromEntries(
    raw.flatMap((name, index) => (index % 2 === 0 ? [[name, raw[index + 1] ?? '']] : [])),
  );
  expect(answer.headers['set-cookie']).toEqual(['a=1', 'b=2']);
  expect(seen).toMatchObject({
    'X-Forwarded-For': '10.0.0.9, 127.0.0.1',
    'X-Forwarded-Proto': 'http',
    'X-Forwarded-Port': String(plane.port),
    'X-CaSe': 'Kept',
    Host: 'shop.example.com',
  });
  expect(seen['X-Amzn-Trace-Id']).toMatch(/^Self=1-[0-9a-f]{8}-[0-9a-f]{24};Root=1-67891233-abcdef012345678912345678$/);
  expect(Object.keys(seen)).not.toEqual(expect.arrayContaining(['X-Hop']));
  expect(Object.keys(seen)).not.toEqual(expect.arrayContaining(['TE']));
});

describe('WebSockets', () => {
  async function echoes(attributes: Record<string, string> = {}, groupAttributes: Record<string, string> = {}) {
    const server: Server = createServer();
    new WebSocketServer({ server }).on('connection', (socket, { headers }) => {
      socket.send(String(headers['x-forwarded-for']));
      socket.on('message', (message: Buffer) => socket.send(`echo ${message.toString()}`));
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    cleanUp({ close: async () => (server.closeAllConnections(), void server.close()) });
    const { port } = server.address() as AddressInfo;
    const setup = (drainingSince?: number) => {
      const only = target(port, drainingSince === undefined ? {} : { drainingSince });
      return { groups: [group('g', [only], { ...unchecked, attributes: groupAttributes })], rules, attributes };
    };
    const plane = cleanUp(await startDataPlane(setup()));
    const client = new WebSocket(plane.url.replace('http', 'ws'));
    const received: string[] = [];
    client.on('message', (message: Buffer) => received.push(message.toString()));
    const closed = new Promise<number>((resolve) => client.on('close', resolve));
    await new Promise((resolve, reject) => client.on('open', resolve).on('error', reject));
    return { plane, client, received, closed, setup };
  }

  test('messages pass both ways, and the connection counts as in flight', async () => {
    const { plane, client, received } = await echoes();
    client.send('hello');
    await eventually(() => (received.length === 2 ? true : undefined));
    expect(received).toEqual(['127.0.0.1', 'echo hello']);
    expect((await plane.report()).targets[0]?.inFlight).toBe(1);
    client.close();
    await eventually(async () => ((await plane.report()).targets[0]?.inFlight === 0 ? true : undefined));
  });

  test('one lives on while its target drains, and is cut when the delay is over', async () => {
    const { plane, client, received, closed, setup } = await echoes(
      {},
      { 'deregistration_delay.timeout_seconds': '30' },
    );
    await plane.configure(setup(Date.now()));
    client.send('still there');
    await eventually(() => (received.includes('echo still there') ? true : undefined));
    expect(await closed).toBe(1006);
  });

  test('one on which nothing is said for the idle timeout is closed', async () => {
    const { closed } = await echoes({ 'idle_timeout.timeout_seconds': '1' });
    expect(await closed).toBe(1006);
  });

  test('without a target the upgrade is answered 503', async () => {
    const plane = cleanUp(await startDataPlane({ groups: [group('g', [])], rules }));
    const client = new WebSocket(plane.url.replace('http', 'ws'));
    const error = await new Promise<Error>((resolve) => client.on('error', resolve));
    expect(error.message).toContain('503');
  });
});

test('a client that offers another protocol is served without it', async () => {
  const plane = await behindOneTarget((incoming, response) => response.end(`upgrade: ${incoming.headers.upgrade}`));
  const socket = connect(plane.port, '127.0.0.1');
  socket.write(
    'GET / HTTP/1.1\r\nHost: x\r\nConnection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMA\r\n\r\n',
  );
  expect(await text(socket)).toContain('upgrade: undefined');
});
