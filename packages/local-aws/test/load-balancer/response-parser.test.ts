import * as fc from 'fast-check';
import { MalformedResponse, ResponseParser } from '../../src/load-balancer/targets/response-parser';

interface Heard {
  readonly heads: (readonly [number, readonly string[]])[];
  body: string;
  readonly ends: boolean[];
}

/** Feeds the text in pieces that end at the given positions. */
function hear(text: string, cuts: readonly number[], { bodyless = false, closes = false } = {}): Heard {
  const heard: Heard = { heads: [], body: '', ends: [] };
  const parser = new ResponseParser(bodyless, {
    onHead: (status, headers) => void heard.heads.push([status, headers]),
    onBody: (piece) => void (heard.body += piece.toString('latin1')),
    onEnd: (reusable) => void heard.ends.push(reusable),
  });
  const bytes = Buffer.from(text, 'latin1');
  const positions = [0, ...cuts.toSorted((a, b) => a - b), bytes.length];
  const lent = Buffer.alloc(bytes.length);
  for (let index = 1; index < positions.length; index += 1) {
    const [from = 0, to = 0] = [positions[index - 1], positions[index]];
    if (from === to) continue;
    // The buffer is overwritten afterwards, as the real one is.
    bytes.copy(lent, 0, from, to);
    parser.push(lent.subarray(0, to - from));
    lent.fill('?');
  }
  if (closes) parser.close();
  return heard;
}

const whole = [
  ['with a length', 'HTTP/1.1 200 OK\r\nA: b\r\nContent-Length: 5\r\n\r\nhello', {}],
  [
    'in chunks',
    'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3;x=y\r\nhel\r\n2\r\nlo\r\n0\r\nTrailer: t\r\n\r\n',
    {},
  ],
  [
    'after interim ones',
    'HTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello',
    {},
  ],
  ['until the connection closes', 'HTTP/1.0 200 OK\r\nA: b\r\n\r\nhello', { closes: true }],
  ['without a body', 'HTTP/1.1 204 No Content\r\nA: b\r\n\r\n', {}],
  ['to a HEAD request', 'HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n', { bodyless: true }],
] as const;

test.each(whole)('a response %s is heard alike however its bytes are cut into pieces', (_, text, how) => {
  const once = hear(text, [], how);
  expect(once.heads.map(([status]) => status)).toEqual([text.includes('204') ? 204 : 200]);
  expect(once.ends).toHaveLength(1);
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 0, max: text.length })), (cuts) => {
      const heard = hear(text, cuts, how);
      expect([heard.heads, heard.body]).toEqual([once.heads, once.body]);
      expect(heard.ends).toHaveLength(1);
    }),
  );
});

test.each([
  ['HTTP/1.1 and nothing against it', 'HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n', true],
  ['HTTP/1.1 with close', 'HTTP/1.1 200 OK\r\nConnection: x, Close\r\nContent-Length: 0\r\n\r\n', false],
  ['HTTP/1.0', 'HTTP/1.0 200 OK\r\nContent-Length: 0\r\n\r\n', false],
  ['HTTP/1.0 with keep-alive', 'HTTP/1.0 200 OK\r\nConnection: keep-alive\r\nContent-Length: 0\r\n\r\n', true],
])('after %s another request may follow: %s', (_, text, reusable) => {
  expect(hear(text, []).ends).toEqual([reusable]);
});

test.each([
  ['no status line', 'hello\r\n\r\n'],
  ['an unknown version', 'HTTP/2.0 200 OK\r\n\r\n'],
  ['two lengths', 'HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n'],
  ['a length and chunks', 'HTTP/1.1 200 OK\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n'],
  ['a length that is no number', 'HTTP/1.1 200 OK\r\nContent-Length: 1x\r\n\r\n'],
  ['a folded header', 'HTTP/1.1 200 OK\r\nA: b\r\n c\r\n\r\n'],
  ['a space before the colon', 'HTTP/1.1 200 OK\r\nContent-Length : 1\r\n\r\n'],
  ['a name that isn’t one', 'HTTP/1.1 200 OK\r\nA(b): c\r\n\r\n'],
  ['a lone line feed in a header', 'HTTP/1.1 200 OK\r\nA: b\nC: d\r\n\r\n'],
  ['a control character in a header', 'HTTP/1.1 200 OK\r\nA: b\0\r\n\r\n'],
  ['a chunk without a size', 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nx\r\n'],
  ['a chunk longer than it says', 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nab\r\n'],
  ['an unasked upgrade', 'HTTP/1.1 101 Switching Protocols\r\n\r\n'],
  ['headers without end', `HTTP/1.1 200 OK\r\n${'A: b\r\n'.repeat(10_000)}`],
  ['bytes after its end', 'HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\nab'],
])('a response with %s is malformed', (_, text) => {
  expect(() => hear(text, [])).toThrow(MalformedResponse);
});

test('a connection that closes before the announced end doesn’t end the response', () => {
  for (const framing of ['Content-Length: 9', 'Transfer-Encoding: chunked']) {
    expect(hear(`HTTP/1.1 200 OK\r\n${framing}\r\n\r\n`, [], { closes: true }).ends).toEqual([]);
  }
});
