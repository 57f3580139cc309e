/** Public keys as `ssh-keygen` writes them: `ssh-ed25519 AAAA… ana@laptop`. Only Ed25519: one kind, and none that is weak. */
import { createHash } from 'node:crypto';

export interface PublicKey {
  /** The 32 bytes of the Ed25519 key. */
  readonly bytes: Uint8Array;
  /** As `ssh-keygen -l` shows it: `SHA256:…`. */
  readonly fingerprint: string;
}

const type = 'ssh-ed25519';

/** `undefined` for anything but one line with an Ed25519 key, in the only form that it has. */
export function parsePublicKey(line: string): PublicKey | undefined {
  const [kind, text = ''] = line.trim().split(/\s+/);
  const blob = Buffer.from(text, 'base64');
  // Two writings of one key would be two keys to whoever compares texts.
  if (kind !== type || blob.toString('base64') !== text) return undefined;
  return keyOfBlob(blob);
}

/**
 * The key in its wire form, `string "ssh-ed25519", string key`: https://www.rfc-editor.org/rfc/rfc8709#section-4.
 * `undefined` for anything else.
 */
export function keyOfBlob(blob: Uint8Array): PublicKey | undefined {
  const bytes = Buffer.from(blob);
  const head = headOf(type);
  if (bytes.length !== head.length + 32 || !bytes.subarray(0, head.length).equals(head)) return undefined;
  return { bytes: bytes.subarray(head.length), fingerprint: fingerprintOf(bytes) };
}

/** The wire form of a key of 32 bytes. */
export const blobOf = (key: Uint8Array): Uint8Array => Buffer.concat([headOf(type), key]);

/** The type, and the length of the key that follows. */
function headOf(name: string): Buffer {
  const head = Buffer.alloc(4 + name.length + 4);
  head.writeUInt32BE(name.length, 0);
  head.write(name, 4, 'latin1');
  head.writeUInt32BE(32, 4 + name.length);
  return head;
}

export const fingerprintOf = (blob: Uint8Array): string =>
  `SHA256:${createHash('sha256').update(blob).digest('base64').replace(/=+$/, '')}`;
