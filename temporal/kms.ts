/**
 * Data keys that a key of AWS KMS protects: encrypted they may lie anywhere, and nobody makes or sees one in the clear but the
 * process that decrypts it. Each is bound to its ID by the encryption context, which CloudTrail shows and policies can name.
 * https://docs.aws.amazon.com/kms/latest/developerguide/data-keys.html
 */
import type { KMSClient } from '@aws-sdk/client-kms';

export interface DataKey {
  readonly id: string;
  /** The ARN of the KMS key. */
  readonly kms: string;
}

const contextOf = ({ id }: DataKey) => ({ 'cutover:codec': id });

/** @throws {Error} with one sentence when KMS doesn't decrypt it, or doesn't answer within half a minute */
export async function decryptDataKey(key: DataKey, encrypted: Uint8Array): Promise<Buffer> {
  const { DecryptCommand } = await import('@aws-sdk/client-kms');
  const command = new DecryptCommand({ KeyId: key.kms, CiphertextBlob: encrypted, EncryptionContext: contextOf(key) });
  const { Plaintext } = await asking(key, 'kms:Decrypt', (client) => client.send(command));
  return Buffer.from(Plaintext ?? []);
}

/** A new one, encrypted, in base64. @throws {Error} with one sentence when KMS makes none */
export async function makeDataKey(key: DataKey): Promise<string> {
  const { GenerateDataKeyWithoutPlaintextCommand } = await import('@aws-sdk/client-kms');
  const command = new GenerateDataKeyWithoutPlaintextCommand({
    KeyId: key.kms,
    KeySpec: 'AES_256',
    EncryptionContext: contextOf(key),
  });
  const { CiphertextBlob } = await asking(key, 'kms:GenerateDataKeyWithoutPlaintext', (client) => client.send(command));
  return Buffer.from(CiphertextBlob ?? []).toString('base64');
}

/** Credentials and endpoint come from the AWS SDK's environment and profiles, the region from the key. */
async function asking<Answer>(key: DataKey, action: string, ask: (client: KMSClient) => Promise<Answer>) {
  const { KMSClient: Client } = await import('@aws-sdk/client-kms');
  const client = new Client({
    region: key.kms.split(':')[3] ?? '',
    requestHandler: { connectionTimeout: 3_000, requestTimeout: 5_000, throwOnRequestTimeout: true },
  });
  try {
    return await ask(client);
  } catch (error) {
    throw new Error(sentenceFor(key, action, error as Error), { cause: error });
  } finally {
    client.destroy();
  }
}

/** https://docs.aws.amazon.com/kms/latest/APIReference/API_Decrypt.html#API_Decrypt_Errors */
function sentenceFor({ id, kms }: DataKey, action: string, { name, message }: Error): string {
  const what = `the key "${id}" of temporal.codec`;
  switch (name) {
    case 'AccessDeniedException':
      return `KMS refuses ${action} for ${what}: allow it on ${kms}, with ID "${id}" (${message}).`;
    case 'InvalidCiphertextException':
    case 'IncorrectKeyException':
      return `What the settings give as ${what} was not made by ${kms} for the ID "${id}": take both as "cutover codec key" printed them.`;
    case 'NotFoundException':
    case 'DisabledException':
    case 'KMSInvalidStateException':
      return `KMS can't use ${kms} for ${what}: ${message}`;
    default:
      return `KMS can't be asked for ${what} (${name}: ${message}): give this process credentials and a way to KMS, and start it again.`;
  }
}
