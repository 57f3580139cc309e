/**
 * OpenSSH's signatures of files, as `ssh-keygen -Y sign` makes them, of Ed25519 keys:
 * https://github.com/openssh/openssh-portable/blob/master/PROTOCOL.sshsig
 */

/** What signatures are made for: one for another purpose is none. */
export const signatureNamespace = 'cutover';

export interface SshSignature {
  /** The signer's key in its wire form. */
  readonly publicKey: Uint8Array;
  readonly namespace: string;
  readonly hashAlgorithm: string;
  /** Its 64 bytes. */
  readonly signature: Uint8Array;
}

const magic = 'SSHSIG';
const keyType = 'ssh-ed25519';
const begin = '-----BEGIN SSH SIGNATURE-----';
const end = '-----END SSH SIGNATURE-----';

const ascii = (text: string): Uint8Array => Uint8Array.from(text, (character) => character.charCodeAt(0));

function joined(...parts: readonly Uint8Array[]): Uint8Array {
  const all = new Uint8Array(parts.reduce((size, part) => size + part.length, 0));
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}

const uint32 = (value: number) => Uint8Array.of(value >>> 24, (value >>> 16) & 255, (value >>> 8) & 255, value & 255);
const string = (value: Uint8Array | string) => {
  const bytes = typeof value === 'string' ? ascii(value) : value;
  return joined(uint32(bytes.length), bytes);
};

/** What the key signs. @param hash of the message, by `hashAlgorithm` */
export const signedData = (hash: Uint8Array, hashAlgorithm: string, namespace = signatureNamespace): Uint8Array =>
  joined(ascii(magic), string(namespace), string(''), string(hashAlgorithm), string(hash));

export function formatSshSignature({ publicKey, namespace, hashAlgorithm, signature }: SshSignature): string {
  const inner = joined(string(keyType), string(signature));
  const blob = joined(
    ascii(magic),
    uint32(1),
    string(publicKey),
    string(namespace),
    string(''),
    string(hashAlgorithm),
    string(inner),
  );
  const text = btoa(String.fromCharCode(...blob));
  return [begin, ...(text.match(/.{1,70}/g) ?? []), end].join('\n');
}

/** `undefined` for anything else than one signature of an Ed25519 key, with nothing after it. */
export function parseSshSignature(text: string): SshSignature | undefined {
  const armored = text.trim();
  if (!armored.startsWith(begin) || !armored.endsWith(end)) return undefined;
  const body = armored.slice(begin.length, -end.length).replace(/\s+/g, '');
  if (!/^[A-Za-z0-9+/]+={0,2}$/.test(body) || body.length % 4 !== 0) return undefined;
  const read = reader(Uint8Array.from(atob(body), (character) => character.charCodeAt(0)));
  if (read.raw(magic.length) !== magic || read.number() !== 1) return undefined;
  const publicKey = read.bytes();
  const namespace = read.text();
  const reserved = read.text();
  const hashAlgorithm = read.text();
  const inner = read.bytes();
  if (
    !publicKey ||
    !inner ||
    namespace === undefined ||
    hashAlgorithm === undefined ||
    reserved !== '' ||
    !read.isOver()
  )
    return undefined;
  const own = reader(inner);
  const type = own.text();
  const signature = own.bytes();
  if (type !== keyType || signature?.length !== 64 || !own.isOver()) return undefined;
  return { publicKey, namespace, hashAlgorithm, signature };
}

/** Reads SSH's wire format; what isn't there is `undefined`. */
function reader(data: Uint8Array) {
  let at = 0;
  const take = (size: number): Uint8Array | undefined => {
    if (size > data.length - at) return undefined;
    at += size;
    return data.subarray(at - size, at);
  };
  const latin = (bytes: Uint8Array | undefined) => bytes && String.fromCharCode(...bytes);
  const number = (): number | undefined => {
    const bytes = take(4);
    return bytes?.reduce((value, byte) => value * 256 + byte, 0);
  };
  const bytes = (): Uint8Array | undefined => {
    const size = number();
    return size === undefined ? undefined : take(size);
  };
  return {
    raw: (size: number) => latin(take(size)),
    number,
    bytes,
    text: () => latin(bytes()),
    isOver: () => at === data.length,
  };
}
