import { defaultPayloadConverter, type Payload } from '@temporalio/common';
import { randomBytes } from 'node:crypto';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createCodec } from '../../temporal/codec';
import { createDataConverter } from '../../temporal/data-converter';

const environment = {
  OLD: randomBytes(32).toString('base64'),
  NEW: randomBytes(32).toString('base64'),
  SHORT: 'c2hvcnQ=',
};
const old = { id: '2025', environment: 'OLD' };
const present = { id: '2026', environment: 'NEW' };
const codecOf = (keys: { id: string; environment: string }[], encrypts = true) =>
  createCodec({ keys, encrypts }, environment);
const secret = (): Payload => defaultPayloadConverter.toPayload({ password: 'hunter2' });
const valueOf = ([payload]: Payload[]) => defaultPayloadConverter.fromPayload(payload!);

test('nothing of a value is left in what is written, and it reads as it was', async () => {
  const codec = await codecOf([present]);
  const written = await codec.encode([secret()]);
  expect(Buffer.from(written[0]!.data!).toString('latin1')).not.toContain('hunter2');
  expect(valueOf(await codec.decode(written))).toEqual({ password: 'hunter2' });
  expect((await codec.encode([secret()]))[0]!.data).not.toEqual(written[0]!.data);
});

test('keys are rotated: the first one writes, all of them read', async () => {
  const before = await (await codecOf([old])).encode([secret()]);
  const both = await codecOf([present, old]);
  expect(valueOf(await both.decode(before))).toEqual({ password: 'hunter2' });
  const after = await both.encode([secret()]);
  expect(valueOf(await (await codecOf([present])).decode(after))).toEqual({ password: 'hunter2' });
});

test('what is plain passes, and with "encrypts: false" what is written stays plain', async () => {
  expect(await (await codecOf([present])).decode([secret()])).toEqual([secret()]);
  const reading = await codecOf([present], false);
  expect(await reading.encode([secret()])).toEqual([secret()]);
  expect(valueOf(await reading.decode(await (await codecOf([present])).encode([secret()])))).toEqual({
    password: 'hunter2',
  });
});

test('what no key reads, or somebody changed, stays as it is', async () => {
  const written = await (await codecOf([present])).encode([secret()]);
  expect(await (await codecOf([old])).decode(written)).toEqual(written);
  const { metadata = null, data } = written[0]!;
  const changed = Buffer.from(data!);
  changed[20]! ^= 1;
  expect(await (await codecOf([present])).decode([{ metadata, data: changed }])).toEqual([{ metadata, data: changed }]);
  const empty = { metadata, data: new Uint8Array() };
  expect(await (await codecOf([present])).decode([empty])).toEqual([empty]);
});

test('a key may be in a file; one that is missing, or none, is named', async () => {
  const file = join(mkdtempSync(join(tmpdir(), 'codec-')), 'key');
  writeFileSync(file, `${environment.NEW}\n`);
  const written = await (await createCodec({ keys: [{ id: '2026', file }], encrypts: true }, {})).encode([secret()]);
  expect(valueOf(await (await codecOf([present])).decode(written))).toEqual({ password: 'hunter2' });
  await expect(codecOf([{ id: '2027', environment: 'SHORT' }])).rejects.toThrow(
    'The key "2027" of temporal.codec is not in the environment variable SHORT: expected 32 bytes in base64',
  );
  await expect(createDataConverter({ keys: [{ id: 'x', file: '/nowhere' }], encrypts: true })).rejects.toThrow(
    /"x".*ENOENT/,
  );
  expect(await createDataConverter(undefined)).toEqual({});
});
