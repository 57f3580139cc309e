import { createServer } from 'node:http';
import { type AddressInfo, type Socket, connect } from 'node:net';
import * as fc from 'fast-check';
import { plainRequest } from '../../src/load-balancer/listening/plain-requests';
import {
  type Setup,
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
const setupOf = (port: number): Setup => ({ groups: [group('g', [target(port)], unchecked)], rules });
const socket = {} as Socket;

/** Reads until the connection ends or `enough` is there. Each piece is written when the answer to the one before is there. */
async function exchange(
  port: number,
  pieces: readonly (string | readonly [string, RegExp])[],
  enough = /(?!)/,
): Promise<string> {
  const socket = connect({ port, host: '127.0.0.1', noDelay: true });
  let received = '';
  let closed = false;
  socket.setEncoding('latin1').on('data', (text: string) => (received += text));
  socket.on('close', () => (closed = true));
  const brought = (wanted: RegExp) => eventually(() => closed || wanted.test(received) || undefined);
  for (const each of pieces) {
    const [piece, wanted] = typeof each === 'string' ? [each, undefined] : each;
    await new Promise((resolve) => socket.write(piece, 'latin1', resolve));
    await new Promise(setImmediate);
    if (wanted !== undefined) await brought(wanted);
  }
  await brought(enough);
  socket.destroy();
  return received;
}

const heads = [
  'GET / HTTP/1.1\r\nHost: x\r\n\r\n',
  'HEAD /a?b=c&d=%20 HTTP/1.1\r\nHOST:x\r\nCookie: \t a=b; c="d" \t\r\nConnection: Keep-Alive\r\n\r\n',
  'GET /"<>[]^`{|}\\~ HTTP/1.1\r\nHost: x\r\nX-Empty:\r\nConnection: close\r\n\r\n',
];

test.each([
  ['an upload', 'GET / HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\n\r\n'],
  ['a body in chunks', 'GET / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n'],
  ['another method', 'POST / HTTP/1.1\r\nHost: x\r\n\r\n'],
  ['no host', 'GET / HTTP/1.1\r\nA: b\r\n\r\n'],
  ['two hosts', 'GET / HTTP/1.1\r\nHost: x\r\nHost: y\r\n\r\n'],
  ['a name that every object has', 'GET / HTTP/1.1\r\nHost: x\r\n__proto__: y\r\n\r\n'],
  ['an upgrade', 'GET / HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\n\r\n'],
  ['an expectation', 'GET / HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\n\r\n'],
  ['headers for the next hop alone', 'GET / HTTP/1.1\r\nHost: x\r\nConnection: close, X-Hop\r\n\r\n'],
  ['an old version', 'GET / HTTP/1.0\r\nHost: x\r\n\r\n'],
  ['a whole address', 'GET http://x/ HTTP/1.1\r\nHost: x\r\n\r\n'],
  ['a folded header', 'GET / HTTP/1.1\r\nHost: x\r\nA: b\r\n c\r\n\r\n'],
  ['a space before a colon', 'GET / HTTP/1.1\r\nHost: x\r\nA : b\r\n\r\n'],
  ['a lone line feed', 'GET / HTTP/1.1\r\nHost: x\nA: b\r\n\r\n'],
  ['a lone carriage return', 'GET / HTTP/1.1\r\nHost: x\r\nA: b\rc\r\n\r\n'],
  ['bytes that aren’t ASCII', 'GET / HTTP/1.1\r\nHost: x\r\nA: \xe4\r\n\r\n'],
  ['a second request behind it', `${heads[0]}${heads[0]}`],
  ['an end that hasn’t come', 'GET / HTTP/1.1\r\nHost: x\r\n'],
  ['more than 16 KiB', `GET / HTTP/1.1\r\nHost: x\r\n${'A: b\r\n'.repeat(3_000)}\r\n`],
])('a request with %s isn’t plain', (_, text) => {
  expect(plainRequest(Buffer.from(text, 'latin1'), socket)).toBeUndefined();
});

test('what is plain means the same to Node’s parser, and every part of it is read there', async () => {
  const seen: unknown[] = [];
  const server = createServer({ keepAliveTimeout: 120_000 }, ({ method, url, rawHeaders, headers }, response) => {
    seen.push([method, url, rawHeaders, { ...headers }]);
    response.end();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  cleanUp({ close: async () => (server.closeAllConnections(), void server.close()) });
  const { port } = server.address() as AddressInfo;
  const odd = [' ', '\t', ':', '\r', '\n', '\r\n', '"', '#', '?', '/', '\0', '\x7f', '\x80', 'a', 'H'];
  const spoilt = fc
    .tuple(fc.constantFrom(...heads), fc.nat(), fc.constantFrom(...odd), fc.nat(1))
    .map(([head, number, character, replaced]) => {
      const at = number % head.length;
      return head.slice(0, at) + character + head.slice(at + replaced);
    });
  await fc.assert(
    fc.asyncProperty(fc.oneof(fc.constantFrom(...heads), spoilt), async (head) => {
      const plain = plainRequest(Buffer.from(head, 'latin1'), socket);
      if (plain === undefined) return;
      seen.length = 0;
      await exchange(port, [head], /\r\n\r\n/);
      expect(seen).toEqual([[plain.method, plain.url, plain.rawHeaders, plain.headers]]);
    }),
    { numRuns: 200 },
  );
});

describe('one connection', () => {
  const body = 'x'.repeat(200_000);
  const requests = ['GET', 'GET', 'POST', 'GET', 'DELETE', 'PUT', 'GET'].map((method, index) => {
    const close = index === 6 ? 'Connection: close\r\n' : '';
    const upload = method === 'POST' || method === 'PUT' ? body : '';
    const length = upload === '' ? '' : `Content-Length: ${upload.length}\r\n`;
    return `${method} /${index} HTTP/1.1\r\nHost: x\r\n${close}${length}\r\n${upload}`;
  });
  const everything = ['GET /0', 'GET /1', 'POST /2', 'GET /3', 'DELETE /4', 'PUT /5', 'GET /6'];

  async function startEcho() {
    const backend = cleanUp(
      await startBackend((incoming, response) => {
        let bytes = 0;
        incoming.on('data', (piece: Buffer) => (bytes += piece.length));
        incoming.on('end', () => {
          const whole = bytes === 0 || bytes === body.length;
          const answer = () => response.end(`<${incoming.method} ${incoming.url}${whole ? '' : ' cut'}>`);
          setTimeout(answer, incoming.url === '/0' ? 50 : 0);
        });
      }),
    );
    return cleanUp(await startDataPlane(setupOf(backend.port)));
  }
  const answersIn = (text: string) => [...text.matchAll(/<(.*?)>/g)].map(([, answer]) => answer);

  test('serves plain requests and others in turn', async () => {
    const plane = await startEcho();
    const inTurn = requests.map((request, index) => [request, new RegExp(`/${index}>`)] as const);
    expect(answersIn(await exchange(plane.port, inTurn))).toEqual(everything);
  });

  test.each([
    ['one by one', requests],
    ['at once', [requests.join('')]],
    ['in pairs', [0, 2, 4, 6].map((from) => requests.slice(from, from + 2).join(''))],
    ['cut anywhere', requests.join('').match(/[^]{1,1999}/g) ?? []],
  ])('answers requests sent ahead, %s, in their order', async (_, pieces) => {
    const plane = await startEcho();
    expect(answersIn(await exchange(plane.port, pieces))).toEqual(everything);
  });
});

const long = 'y'.repeat(100_000);

test.each<[string, string, (string | number)[]]>([
  ['with a length', 'GET', [200, 'Content-Length', '4', 'body']],
  ['with a date of its own', 'GET', [200, 'Date', 'Sun, 01 Mar 2026 00:00:00 GMT', 'Content-Length', '4', 'body']],
  ['in chunks', 'GET', [200, 'Transfer-Encoding', 'chunked', 'first ', 'second']],
  ['of many pieces', 'GET', [200, 'Content-Length', String(2 * long.length), long, long]],
  ['in large chunks', 'GET', [200, 'Transfer-Encoding', 'chunked', long, long]],
  ['that is empty', 'GET', [200, 'Content-Length', '0']],
  ['of a status that has no body', 'GET', [204, 'X-Some', 'header']],
  ['of something not modified', 'GET', [304, 'ETag', 'x']],
  ['of an unknown status', 'GET', [599, 'Content-Length', '4', 'body']],
  ['to HEAD with a length', 'HEAD', [200, 'Content-Length', '4']],
  ['to HEAD without one', 'HEAD', [200, 'X-Some', 'header']],
])('an answer %s is the same whoever writes it', async (_, method, [status, ...parts]) => {
  const isHeader = (part: unknown) => /^[A-Z][-A-Za-z]+$/.test(String(part));
  const headerCount = parts.filter(isHeader).length * 2;
  const backend = cleanUp(
    await startBackend((__, response) => {
      response.sendDate = false;
      response.writeHead(Number(status), parts.slice(0, headerCount).map(String));
      for (const part of parts.slice(headerCount)) response.write(String(part));
      response.end();
    }),
  );
  const plane = cleanUp(await startDataPlane(setupOf(backend.port)));
  for (const connection of ['close', 'keep-alive']) {
    const head = `${method} / HTTP/1.1\r\nHost: x\r\nConnection: ${connection}\r\n\r\n`;
    const refused = 'TRACE / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n';
    const after = connection === 'close' ? [] : [refused];
    const plain = await exchange(plane.port, [head, ...after]);
    // A head that comes in two pieces isn't plain.
    const throughNode = await exchange(plane.port, [head.slice(0, 9), head.slice(9), ...after]);
    expect(legible(plain)).toBe(legible(throughNode));
    expect(plain).toMatch(new RegExp(`^HTTP/1.1 ${status} `));
  }
});

/** Removes what depends on the moment: the date, and where chunks are cut. */
function legible(text: string): string {
  return text
    .replace(/^Date: .*GMT\r$/gm, (line) => (line.includes(' Mar 2026') ? line : 'Date: now\r'))
    .replace(/(?<=[\ny])(\r\n)?[0-9a-f]+\r\n(?=[fsy])/g, '')
    .replace(/(?<=first )\r\n\d\r\n/, '');
}

test('a client that gives up in the middle of an answer ends it at the target', async () => {
  let gaveUp = false;
  const backend = cleanUp(
    await startBackend((_, response) => {
      response.on('close', () => (gaveUp = !response.writableFinished));
      response.write('first');
    }),
  );
  const plane = cleanUp(await startDataPlane(setupOf(backend.port)));
  expect(await exchange(plane.port, [heads[0]!], /first/)).toContain('Transfer-Encoding: chunked');
  await eventually(() => gaveUp || undefined);
  expect((await plane.report()).targets[0]?.inFlight).toBe(0);
});

test('a listener that goes away finishes what is in flight on it, and then closes the connection', async () => {
  const waiting: (() => void)[] = [];
  const backend = cleanUp(
    await startBackend((_, response) => void waiting.push(() => response.end('answered after all'))),
  );
  const plane = cleanUp(await startDataPlane(setupOf(backend.port)));
  const idle = exchange(plane.port, []);
  const inFlight = exchange(plane.port, [heads[0]!]);
  await eventually(() => waiting.length > 0 || undefined);
  await plane.withoutListeners();
  expect(await idle).toBe('');
  waiting[0]?.();
  expect(await inFlight).toContain('answered after all');
});
