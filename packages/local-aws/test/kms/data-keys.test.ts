/** A data key is decrypted by who may, with the key and the encryption context that made it, and by nobody else. */
import {
  CreateKeyCommand,
  DecryptCommand,
  GenerateDataKeyWithoutPlaintextCommand,
  KMSClient,
} from '@aws-sdk/client-kms';
import { startLocalAws, testCredentials, type LocalAws } from '../local-aws';

const ofPurpose = (purpose: string) => ({ EncryptionContext: { purpose } });
const onlyOf = (purpose: string) => ({
  Statement: [
    {
      Sid: 'Decrypt',
      Effect: 'Allow' as const,
      Action: ['kms:Decrypt'],
      Resource: 'arn:aws:kms:us-east-1:000000000000:key/*',
      Condition: { StringEquals: { 'kms:EncryptionContext:purpose': purpose } },
    },
  ],
});

let local: LocalAws;
let arn: string;
beforeAll(async () => {
  local = await startLocalAws({
    keys: { [testCredentials.accessKeyId]: testCredentials.secretAccessKey, READER: 'any' },
    identities: { users: { READER: { name: 'reader', policies: [onlyOf('letters')] } } },
  });
  const { KeyMetadata } = await kms().send(new CreateKeyCommand({}));
  arn = KeyMetadata?.Arn ?? '';
});
afterAll(() => local.close());

const kms = (credentials = testCredentials) =>
  new KMSClient({ endpoint: local.aws.endpoint, region: 'us-east-1', credentials, maxAttempts: 1 });
const reader = () => kms({ accessKeyId: 'READER', secretAccessKey: 'any' });
const dataKey = async (KeyId = arn) =>
  (await kms().send(new GenerateDataKeyWithoutPlaintextCommand({ KeyId, KeySpec: 'AES_256', ...ofPurpose('letters') })))
    .CiphertextBlob!;

test('it comes without its plaintext, and is the same at each decryption, also after a restart', async () => {
  const CiphertextBlob = await dataKey();
  const decrypt = async () =>
    (await kms().send(new DecryptCommand({ CiphertextBlob, KeyId: arn, ...ofPurpose('letters') }))).Plaintext!;
  const plain = await decrypt();
  expect(plain).toHaveLength(32);
  expect(Buffer.from(CiphertextBlob).includes(Buffer.from(plain))).toBe(false);
  await local.restart();
  expect(await decrypt()).toEqual(plain);
  const { Plaintext } = await reader().send(new DecryptCommand({ CiphertextBlob, ...ofPurpose('letters') }));
  expect(Plaintext).toEqual(plain);
});

test('another context, another key and what was changed are refused in AWS’s words', async () => {
  const CiphertextBlob = await dataKey();
  const decrypting = (input: object) => kms().send(new DecryptCommand({ CiphertextBlob, KeyId: arn, ...input }));
  await expect(decrypting({})).rejects.toMatchObject({ name: 'InvalidCiphertextException' });
  await expect(decrypting(ofPurpose('bills'))).rejects.toMatchObject({ name: 'InvalidCiphertextException' });
  const changed = Uint8Array.from(CiphertextBlob);
  changed[60]! ^= 1;
  for (const blob of [changed, Uint8Array.of(1, 2, 3), CiphertextBlob.slice(0, 50)])
    await expect(decrypting({ CiphertextBlob: blob, ...ofPurpose('letters') })).rejects.toMatchObject({
      name: 'InvalidCiphertextException',
    });
  const { KeyMetadata } = await kms().send(new CreateKeyCommand({}));
  await expect(decrypting({ KeyId: KeyMetadata?.Arn, ...ofPurpose('letters') })).rejects.toMatchObject({
    name: 'IncorrectKeyException',
  });
  const elsewhere = 'arn:aws:kms:us-east-1:000000000000:key/00000000-0000-4000-8000-000000000000';
  await expect(decrypting({ KeyId: elsewhere })).rejects.toMatchObject({
    name: 'NotFoundException',
    message: `Key '${elsewhere}' does not exist`,
  });
  await expect(decrypting({ DryRun: true })).rejects.toMatchObject({ name: 'UnsupportedOperationException' });
});

test('whose policy names another context, or making keys, is told of the action and the key', async () => {
  const CiphertextBlob = await dataKey();
  await expect(
    reader().send(new DecryptCommand({ CiphertextBlob, KeyId: arn, ...ofPurpose('bills') })),
  ).rejects.toMatchObject({
    name: 'AccessDeniedException',
    message: `User: arn:aws:iam::000000000000:user/reader is not authorized to perform: kms:Decrypt on resource: ${arn} because no identity-based policy allows the kms:Decrypt action`,
  });
  await expect(
    reader().send(new GenerateDataKeyWithoutPlaintextCommand({ KeyId: arn, KeySpec: 'AES_256' })),
  ).rejects.toMatchObject({ name: 'AccessDeniedException' });
});

test.each([{}, { KeySpec: 'AES_256' as const, NumberOfBytes: 32 }, { NumberOfBytes: 0 }])(
  'a length like %j is refused',
  async (length) => {
    const making = kms().send(new GenerateDataKeyWithoutPlaintextCommand({ KeyId: arn, ...length }));
    await expect(making).rejects.toMatchObject({ name: 'ValidationException' });
  },
);
