/** The keys of KMS, and what they encrypt. Its ciphertexts say which key made them, as AWS's do; nothing else of them is AWS's. */
import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';

export interface KmsState {
  /** The material of each key, in base64, by the key's ID. */
  readonly keys: Record<string, string>;
}

export type EncryptionContext = Readonly<Record<string, string>>;

const cipher = 'aes-256-gcm';
const [idLength, ivLength, tagLength] = [36, 12, 16];

/** The ID of the key that made a ciphertext; `undefined` where it is none. */
export function keyOf(ciphertext: Uint8Array): string | undefined {
  const id = Buffer.from(ciphertext).subarray(0, idLength).toString('latin1');
  return /^[0-9a-f-]{36}$/.test(id) ? id : undefined;
}

export function encrypt({ keys }: KmsState, id: string, plain: Uint8Array, context: EncryptionContext): Uint8Array {
  const iv = randomBytes(ivLength);
  const encrypting = createCipheriv(cipher, materialOf(keys, id), iv).setAAD(boundTo(context));
  return Buffer.concat([Buffer.from(id), iv, encrypting.update(plain), encrypting.final(), encrypting.getAuthTag()]);
}

/** `undefined` for what the key didn't make, was changed since, or belongs to another encryption context. */
export function decrypt(
  { keys }: KmsState,
  id: string,
  ciphertext: Uint8Array,
  context: EncryptionContext,
): Uint8Array | undefined {
  const rest = Buffer.from(ciphertext).subarray(idLength);
  try {
    const decrypting = createDecipheriv(cipher, materialOf(keys, id), rest.subarray(0, ivLength));
    decrypting.setAAD(boundTo(context)).setAuthTag(rest.subarray(-tagLength));
    return Buffer.concat([decrypting.update(rest.subarray(ivLength, -tagLength)), decrypting.final()]);
  } catch {
    return undefined;
  }
}

const materialOf = (keys: KmsState['keys'], id: string): Buffer => Buffer.from(keys[id] ?? '', 'base64');

/** The order of a context's members has no meaning. */
const boundTo = (context: EncryptionContext): Buffer =>
  Buffer.from(JSON.stringify(Object.entries(context).toSorted(([one], [other]) => (one < other ? -1 : 1))));
