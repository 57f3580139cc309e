import { randomBytes } from 'node:crypto';
import { codecListener } from '../../../client/codec/listener';
import { createCodec } from '../../../temporal/codec';

const environment = { KEY: randomBytes(32).toString('base64') };
const ui = 'https://temporal.example.com';
let app: ReturnType<typeof codecListener>;
beforeAll(async () => {
  const codec = await createCodec({ keys: [{ id: '2026', environment: 'KEY' }], encrypts: true }, environment);
  app = codecListener({ codec, ui, token: 'a-token-that-nobody-knows' });
});
const base64 = (text: string) => Buffer.from(text).toString('base64');
const plain = { metadata: { encoding: base64('json/plain') }, data: base64('{"password":"hunter2"}') };
const ask = async (path: string, body: unknown, headers: Record<string, string> = {}) =>
  await app.request(path, { method: 'POST', body: JSON.stringify(body), headers });

test('encodes and decodes for who has the token, in the path or as a bearer', async () => {
  const encoded = await ask('/a-token-that-nobody-knows/encode', { payloads: [plain] }, { origin: ui });
  expect(encoded.headers.get('access-control-allow-origin')).toBe(ui);
  const body = await encoded.text();
  expect(body).toContain(base64('binary/encrypted'));
  const decoded = await ask('/decode', JSON.parse(body), { authorization: 'Bearer a-token-that-nobody-knows' });
  expect(await decoded.json()).toEqual({ payloads: [plain] });
});

test.each([
  ['/decode', {}, 401],
  ['/another/decode', {}, 401],
  ['/decode', { authorization: 'Bearer another' }, 401],
  ['/a-token-that-nobody-knows/decode', { origin: 'https://elsewhere.example.com' }, 403],
  ['/a-token-that-nobody-knows/decode', { origin: 'null' }, 403],
])('%s with %j is refused, and nothing is decoded', async (path, headers, status) => {
  const answer = await ask(path, { payloads: [plain] }, headers);
  expect(answer.status).toBe(status);
  expect(answer.headers.get('access-control-allow-origin')).toBeNull();
});

test('a browser may ask first, from the page of the UI only', async () => {
  const first = (origin: string) => app.request('/x/decode', { method: 'OPTIONS', headers: { origin } });
  const answer = await first(ui);
  expect([answer.status, answer.headers.get('access-control-allow-headers')]).toEqual([
    204,
    'authorization, content-type, x-namespace',
  ]);
  expect((await first('https://elsewhere.example.com')).status).toBe(403);
});

test.each([[null], [[]], [{ payloads: 5 }], [{ payloads: [5] }], [{ payloads: [{ data: 7 }] }]])(
  '%j gets a sentence',
  async (body) => {
    expect((await ask('/a-token-that-nobody-knows/decode', body)).status).toBe(400);
  },
);
