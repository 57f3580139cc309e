/** What anybody may send: payloads in any encoding, and JSON of any kind. */
import { RawValue, type Payload } from '@temporalio/common';
import fc from 'fast-check';

const bytes = (text: string): Uint8Array => Buffer.from(text);
const payload = (encoding: string | null, data: string | Uint8Array | null): Payload => ({
  ...(encoding !== null && { metadata: { encoding: bytes(encoding) } }),
  ...(data !== null && { data: typeof data === 'string' ? bytes(data) : data }),
});

/** What nobody can read, by the words for it. */
export const unreadable: Readonly<Record<string, { readonly payload: Payload; readonly why: string }>> = {
  'protocol buffers in JSON': { payload: payload('json/protobuf', '{}'), why: 'is encoded as json/protobuf' },
  'protocol buffers': { payload: payload('binary/protobuf', '\u0001'), why: 'is encoded as binary/protobuf' },
  bytes: { payload: payload('binary/plain', '{"image": "orders:2.0.0"}'), why: 'is encoded as binary/plain' },
  'what a codec encrypted': { payload: payload('binary/encrypted', 'xyz'), why: 'is encrypted' },
  'an encoding that nobody knows': { payload: payload('x'.repeat(9_000), '{}'), why: 'is encoded as xxx' },
  'no encoding': { payload: payload(null, '{}'), why: 'is encoded as nothing known' },
  'broken JSON': { payload: payload('json/plain', '{"image": '), why: 'is not valid JSON' },
  'bytes that are no text': {
    payload: payload('json/plain', Uint8Array.of(0x22, 0xff, 0xfe)),
    why: 'is not valid JSON',
  },
};

/** Sends a payload as it is. */
export const asIs = (sent: Payload): unknown =>
  RawValue.fromPayload({ ...sent, metadata: sent.metadata ?? {} } as Payload);

export const jsonPayload = (text: string): Payload => payload('json/plain', text);

/** Half a character in names and values, numbers beyond all, names of prototypes, deep and wide things. */
const oddJson: readonly string[] = [
  '',
  ' ',
  'null',
  '""',
  '0',
  '-0',
  '1e999',
  '-1e999',
  'true',
  '[]',
  '[[1],[2]]',
  '{}',
  '{"__proto__":{"by":"x"}}',
  '{"constructor":1}',
  '"\\ud800"',
  '"\\\\ud800"',
  '{"\\udfff\\ud800":"\\ud800"}',
  '{"image":"\\ud800"}',
  '{"by":"\\udc00","reason":"\\ud83d\\ude00"}',
  `{"${'n'.repeat(50_000)}":1}`,
  `${'['.repeat(3_000)}${']'.repeat(3_000)}`,
  `{"by":"${'b'.repeat(50_000)}"}`,
  ...['bake', 'settle', 'keepWarm', 'removeAfter', 'approvalTimeout', 'holdTimeout'].flatMap((name) =>
    [
      `"${'9'.repeat(99)}d"`,
      '"999999999d"',
      '"999999999 days"',
      '1e999',
      '-1',
      '"-1s"',
      '"NaNs"',
      '"1e9d"',
      '"0s"',
    ].map((value) => `{"image":"orders:2.0.0","${name}":${value}}`),
  ),
  '{"image":"orders:2.0.0","shift":[{"percent":50,"bake":"999999999d"},{"percent":100}]}',
  '{"image":"orders:2.0.0","shift":[{"percent":1e999}]}',
  '{"image":"orders:2.0.0","deadline":"9999-12-31T23:59:59Z"}',
  '{"lock":"z/a","keepMs":1e999,"kept":{"service":"s","taskDefinition":"t"}}',
  '{"lock":"z/a","keepMs":1e300,"kept":{"service":"s","taskDefinition":"t"}}',
];

/** Anything at all; what can be read more often than what can't. */
export const anyPayload: fc.Arbitrary<Payload> = fc.oneof(
  { weight: 3, arbitrary: fc.constantFrom(...oddJson).map(jsonPayload) },
  { weight: 3, arbitrary: fc.json({ stringUnit: 'binary' }).map(jsonPayload) },
  { weight: 2, arbitrary: fc.string({ unit: 'binary' }).map(jsonPayload) },
  { weight: 2, arbitrary: fc.constantFrom(...Object.values(unreadable).map((each) => each.payload)) },
  {
    weight: 1,
    arbitrary: fc
      .tuple(fc.option(fc.string(), { nil: null }), fc.option(fc.uint8Array(), { nil: null }))
      .map(([encoding, data]) => payload(encoding, data)),
  },
);
