/**
 * Encrypts what clients and workers write to Temporal: AES-256-GCM, with the ID of its key beside each value. What is plain stays
 * readable, so that old histories, and what people send from the Temporal UI, go on working.
 * https://docs.temporal.io/payload-codec
 */
import type { Payload, PayloadCodec } from '@temporalio/common';
import { temporal } from '@temporalio/proto';
import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import type { CodecSettings } from '../settings/codec';
import { readCodecKeys } from './codec-keys';

const { Payload: PayloadMessage } = temporal.api.common.v1;
const encoding = 'binary/encrypted';
/** As in Temporal's own samples. */
const keyIdName = 'encryption-key-id';
const cipher = 'aes-256-gcm';
const [ivLength, tagLength] = [12, 16];

/**
 * Decoding never throws: what no key reads stays encrypted, and whoever needs it says so.
 * @throws {Error} with one sentence when a key is missing or is none
 */
export async function createCodec(
  { keys: wanted, encrypts }: CodecSettings,
  environment: NodeJS.ProcessEnv,
): Promise<PayloadCodec> {
  const keys = await readCodecKeys(wanted, environment);
  const [first] = keys;
  const encode = (payload: Payload) =>
    first && encrypts && !isEncrypted(payload) ? encrypt(payload, ...first) : payload;
  return {
    encode: (payloads) => Promise.resolve(payloads.map(encode)),
    decode: (payloads) => Promise.resolve(payloads.map((payload) => decrypt(payload, keys))),
  };
}

const textOf = (bytes: Uint8Array | null | undefined) => Buffer.from(bytes ?? []).toString();
const isEncrypted = ({ metadata }: Payload) => textOf(metadata?.['encoding']) === encoding;

function encrypt(payload: Payload, id: string, key: Buffer): Payload {
  const iv = randomBytes(ivLength);
  const encrypting = createCipheriv(cipher, key, iv).setAAD(Buffer.from(id));
  const parts = [iv, encrypting.update(PayloadMessage.encode(payload).finish()), encrypting.final()];
  return {
    metadata: { encoding: Buffer.from(encoding), [keyIdName]: Buffer.from(id) },
    data: Buffer.concat([...parts, encrypting.getAuthTag()]),
  };
}

function decrypt(payload: Payload, keys: ReadonlyMap<string, Buffer>): Payload {
  const id = textOf(payload.metadata?.[keyIdName]);
  const key = keys.get(id);
  if (!isEncrypted(payload) || !key) return payload;
  try {
    const data = Buffer.from(payload.data ?? []);
    const decrypting = createDecipheriv(cipher, key, data.subarray(0, ivLength)).setAAD(Buffer.from(id));
    decrypting.setAuthTag(data.subarray(-tagLength));
    const plain = [decrypting.update(data.subarray(ivLength, -tagLength)), decrypting.final()];
    return PayloadMessage.decode(Buffer.concat(plain));
  } catch {
    return payload;
  }
}
