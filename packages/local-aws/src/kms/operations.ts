/** KMS: symmetric keys, data keys that they encrypt, and their decryption. */
import type {
  DecryptCommandInput,
  GenerateDataKeyWithoutPlaintextCommandInput,
  KeyMetadata,
} from '@aws-sdk/client-kms';
import { randomBytes, randomUUID } from 'node:crypto';
import type { Given, Operations } from '../operations';
import { fail } from '../protocol/errors';
import { accountId, arnOf, type Scope } from '../scope';
import { decrypt, encrypt, keyOf, type KmsState } from './state';

export function kmsOperations({ state, scope }: { readonly state: KmsState; readonly scope: Scope }): Operations {
  return {
    CreateKey: (input: object) => {
      refuseLacking(input, ofNewKeys);
      return { KeyMetadata: createKey(state, scope) };
    },
    GenerateDataKeyWithoutPlaintext: (input: Given<GenerateDataKeyWithoutPlaintextCommandInput>) => {
      refuseLacking(input);
      const id = findKey(state, scope, input.KeyId);
      const CiphertextBlob = encrypt(state, id, randomBytes(lengthOf(input)), input.EncryptionContext ?? {});
      return { KeyId: arnOf(scope, 'kms', `key/${id}`), CiphertextBlob };
    },
    Decrypt: (input: DecryptCommandInput) => {
      refuseLacking(input);
      return decryptWith(state, scope, input);
    },
  };
}

/** What would change the meaning of a call, and isn't here. */
const lacking = [
  'BypassPolicyLockoutSafetyCheck',
  'CustomKeyStoreId',
  'CustomerMasterKeySpec',
  'Description',
  'DryRun',
  'DryRunModifiers',
  'EncryptionAlgorithm',
  'GrantTokens',
  'Policy',
  'Recipient',
  'Tags',
  'XksKeyId',
];
const ofNewKeys = ['KeySpec', 'KeyUsage', 'MultiRegion', 'Origin'];

function refuseLacking(input: object, more: readonly string[] = []): void {
  const given = Object.keys(input).find((name) => [...lacking, ...more].includes(name));
  if (given !== undefined) fail('UnsupportedOperationException', `The local AWS has no ${given}.`);
}

function createKey({ keys }: KmsState, scope: Scope): KeyMetadata {
  const KeyId = randomUUID();
  keys[KeyId] = randomBytes(32).toString('base64');
  return {
    AWSAccountId: accountId,
    KeyId,
    Arn: arnOf(scope, 'kms', `key/${KeyId}`),
    CreationDate: new Date(),
    Enabled: true,
    KeyState: 'Enabled',
    KeyUsage: 'ENCRYPT_DECRYPT',
    KeySpec: 'SYMMETRIC_DEFAULT',
    KeyManager: 'CUSTOMER',
    Origin: 'AWS_KMS',
    MultiRegion: false,
  };
}

/** By its ID or ARN; there are no aliases. @throws {AwsError} where the key isn't there */
function findKey({ keys }: KmsState, scope: Scope, given: string): string {
  const own = arnOf(scope, 'kms', 'key/');
  const id = given.startsWith(own) ? given.slice(own.length) : given;
  const arn = given.startsWith('arn:') ? given : `${own}${given}`;
  return Object.hasOwn(keys, id) ? id : fail('NotFoundException', `Key '${arn}' does not exist`);
}

function lengthOf({ KeySpec, NumberOfBytes }: Given<GenerateDataKeyWithoutPlaintextCommandInput>): number {
  if ((KeySpec === undefined) === (NumberOfBytes === undefined))
    fail('ValidationException', 'Please specify either number of bytes or key spec.');
  if (KeySpec !== undefined) return KeySpec === 'AES_128' ? 16 : 32;
  if (!(Number(NumberOfBytes) >= 1 && Number(NumberOfBytes) <= 1024))
    fail('ValidationException', 'NumberOfBytes must be from 1 to 1024.');
  return Number(NumberOfBytes);
}

/** As on AWS, an encryption context that differs leaves a failure without words. */
function decryptWith(state: KmsState, scope: Scope, input: DecryptCommandInput) {
  const ciphertext = input.CiphertextBlob ?? new Uint8Array();
  const made = keyOf(ciphertext) ?? fail('InvalidCiphertextException', '');
  const id = findKey(state, scope, input.KeyId ?? made);
  if (id !== made)
    fail('IncorrectKeyException', 'The key ID in the request does not identify a CMK that can perform this operation.');
  const Plaintext = decrypt(state, id, ciphertext, input.EncryptionContext ?? {});
  if (Plaintext === undefined) fail('InvalidCiphertextException', '');
  return { KeyId: arnOf(scope, 'kms', `key/${id}`), Plaintext, EncryptionAlgorithm: 'SYMMETRIC_DEFAULT' };
}
