/** Keys of the codec that KMS protects, on the local AWS; what goes wrong is said in a sentence, and nothing is decrypted. */
import { defaultPayloadConverter } from '@temporalio/common';
import { CreateKeyCommand, KMSClient } from '@aws-sdk/client-kms';
import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { parse } from 'yaml';
import { fill, stackPlaceholders } from '../../local/stack/policies';
import { codec as codecSettings, type CodecSettings } from '../../settings/codec';
import { createCodec } from '../../temporal/codec';
import { makeDataKey } from '../../temporal/kms';
import { zone } from '../settings/minimal';
import { startLocalAws, testCredentials, type LocalAws } from '../../packages/local-aws/test/local-aws';
import { policy } from '../packaging/policies';

type KeySettings = CodecSettings['keys'][number];

const keys = { [testCredentials.accessKeyId]: testCredentials.secretAccessKey, READER: 'any', NOBODY: 'any' };
let local: LocalAws;
let arn: string;
const before = { ...process.env };
const as = (accessKeyId: string) => {
  process.env['AWS_ACCESS_KEY_ID'] = accessKeyId;
  process.env['AWS_SECRET_ACCESS_KEY'] = keys[accessKeyId] ?? '';
};
const createKey = async () =>
  (await new KMSClient({ region: 'us-east-1' }).send(new CreateKeyCommand({}))).KeyMetadata?.Arn ?? '';

beforeAll(async () => {
  const documented = JSON.stringify({ Statement: policy('codec') });
  const placeholders = { ...stackPlaceholders('us-east-1', 'os'), CODEC_KEY: '*' };
  const reader = JSON.parse(fill(documented, placeholders)) as never;
  local = await startLocalAws({
    keys,
    identities: {
      users: { READER: { name: 'reader', policies: [reader] }, NOBODY: { name: 'nobody', policies: [] } },
    },
  });
  Object.assign(process.env, { AWS_ENDPOINT_URL: local.aws.endpoint, AWS_EC2_METADATA_DISABLED: 'true' });
  as(testCredentials.accessKeyId);
  arn = await createKey();
});
afterAll(async () => {
  process.env = before;
  await local.close();
});
beforeEach(() => as(testCredentials.accessKeyId));

const cutover = async (...words: string[]) =>
  await promisify(execFile)(process.execPath, [join(__dirname, '../../bin/cutover.js'), ...words], {
    // Jest's is a copy.
    env: process.env,
  });

/** What `cutover codec key` would print, as the settings read it. */
const newKey = async (id: string): Promise<KeySettings> => ({
  id,
  kms: arn,
  encrypted: await makeDataKey({ id, kms: arn }),
});

const codecOf = async (...wanted: KeySettings[]) => await createCodec({ keys: wanted, encrypts: true }, process.env);
const secret = () => defaultPayloadConverter.toPayload({ password: 'hunter2' });
const opens = async (reader: KeySettings[], written: Awaited<ReturnType<typeof sealed>>) =>
  defaultPayloadConverter.fromPayload((await (await codecOf(...reader)).decode(written))[0]!);
const sealed = async (...writer: KeySettings[]) => await (await codecOf(...writer)).encode([secret()]);

test('what one process encrypts another reads, with the documented policy and the encrypted key alone', async () => {
  const { stdout } = await cutover('codec', 'key', '--kms', arn, '--id', '2026');
  const key = codecSettings.parse({ keys: parse(stdout) as unknown }).keys[0]!;
  const written = await sealed(key);
  expect(Buffer.from(written[0]!.data!).toString('latin1')).not.toContain('hunter2');
  as('READER');
  expect(await opens([key], written)).toEqual({ password: 'hunter2' });
});

test('the encrypted key may be in a file, and keys are rotated by their IDs', async () => {
  const [old, present] = [await newKey('2026'), await newKey('2027')];
  const folder = mkdtempSync(join(tmpdir(), 'kms-'));
  const file = join(folder, '2026.encrypted');
  writeFileSync(file, `${old.encrypted}\n`);
  const fromFile = { id: '2026', kms: arn, file };
  const written = await sealed(fromFile);
  expect(await opens([present, old], written)).toEqual({ password: 'hunter2' });
  const later = await sealed(present, old);
  expect(await opens([present], later)).toEqual({ password: 'hunter2' });
  expect(await (await codecOf(old)).decode(later)).toEqual(later);
  rmSync(folder, { recursive: true });
});

test.each<[string, (key: KeySettings) => KeySettings | Promise<KeySettings>, RegExp]>([
  [
    'another ID',
    (key) => ({ ...key, id: '2028' }),
    /the key "2028" of temporal.codec was not made by arn:.* for the ID/,
  ],
  ['another KMS key', async (key) => ({ ...key, kms: await createKey() }), /was not made by arn:/],
  ['a key that is not there', (key) => ({ ...key, kms: arn.slice(0, -1) }), /^KMS can't use .* does not exist$/],
  ['a key cut short', (key) => ({ ...key, encrypted: key.encrypted!.slice(0, 80) }), /was not made by/],
  ['a plain key', (key) => ({ ...key, encrypted: Buffer.alloc(32, 7).toString('base64') }), /was not made by/],
  ['no key', ({ id, kms }) => ({ id, kms: kms!, environment: 'NOTHING' }), /NOTHING: expected an encrypted key/],
])('%s is told in one sentence', async (_what, change, sentence) => {
  const key = await change(await newKey('2026'));
  await expect(codecOf(key)).rejects.toThrow(sentence);
});

test('who may not decrypt is told what to allow, and where; who may not make keys too', async () => {
  const key = await newKey('2026');
  as('NOBODY');
  await expect(codecOf(key)).rejects.toThrow(
    `KMS refuses kms:Decrypt for the key "2026" of temporal.codec: allow it on ${arn}, with ID "2026"`,
  );
  as('READER');
  await expect(newKey('2027')).rejects.toThrow(/^KMS refuses kms:GenerateDataKeyWithoutPlaintext for the key "2027"/);
});

test('KMS that is away is told', async () => {
  const key = await newKey('2026');
  process.env['AWS_ENDPOINT_URL'] = 'http://127.0.0.1:9';
  await expect(codecOf(key)).rejects.toThrow(
    /^KMS can't be asked for the key "2026" .*ECONNREFUSED.* start it again\.$/,
  );
  process.env['AWS_ENDPOINT_URL'] = local.aws.endpoint;
});

test('a worker that may not decrypt ends with that sentence, and so do commands; a wrong ARN asks nobody', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'kms-'));
  const settings = join(folder, 'cutover.yaml');
  const temporal = JSON.stringify({ codec: { keys: [await newKey('2026')] } });
  writeFileSync(settings, `temporal: ${temporal}\n${zone}`);
  as('NOBODY');
  for (const words of [['worker'], ['status', 'Orders', '--zone', 'production']])
    await expect(cutover(...words, '--settings', settings)).rejects.toMatchObject({
      code: 1,
      stderr: expect.stringMatching(/^cutover: KMS refuses kms:Decrypt for the key "2026" [^\n]*\n$/) as string,
    });
  await expect(cutover('codec', 'key', '--kms', 'alias/cutover', '--id', '2026')).rejects.toMatchObject({
    stderr: expect.stringMatching(/^cutover: --kms: expected a KMS key's ARN, /) as string,
  });
  rmSync(folder, { recursive: true });
});

test.each([
  [{ id: '2026', kms: 'alias/cutover', encrypted: 'AQID' }, "expected a KMS key's ARN"],
  [{ id: '2026', encrypted: 'AQID' }, 'expected "kms" beside "encrypted"'],
  [{ id: '2026', kms: 'arn:aws:kms:eu-west-1:111122223333:key/1', encrypted: 'AQID', file: 'x' }, 'one of the three'],
])('%j is refused in the settings', (key, sentence) => {
  expect(codecSettings.safeParse({ keys: [key] }).error?.issues[0]?.message).toContain(sentence);
});
