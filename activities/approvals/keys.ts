/** Signatures of Ed25519 keys: OpenSSH's (`ssh-keygen -Y sign -n cutover`), and plain ones in Base64. */
import { createHash, createPublicKey, verify } from 'node:crypto';
import { parseSshSignature, signatureNamespace, signedData } from '../../contract/ssh-signature';
import type { Approver } from '../../settings/approvals/policy';
import { fingerprintOf, keyOfBlob, parsePublicKey, type PublicKey } from '../../settings/approvals/ssh-key';

export interface ProvenKey {
  readonly person: string;
  readonly fingerprint: string;
}

/** Whose key signed this text. @param claimed who a plain signature, which names no key, is said to be of. @returns why of nobody's */
export function provenByKey(
  text: string,
  signature: string,
  claimed: string,
  approvers: readonly Approver[],
): ProvenKey | string {
  if (signature.trimStart().startsWith('-----BEGIN SSH')) return ofSshSignature(text, signature, approvers);
  const bytes = Buffer.from(signature.trim(), 'base64');
  if (bytes.length !== 64) return 'Its signature is neither one of ssh-keygen nor 64 bytes of Ed25519 in Base64.';
  const own = approvers.find(({ name }) => name === claimed)?.keys ?? [];
  const key = own.flatMap((line) => parsePublicKey(line) ?? []).find((one) => isBy(one, Buffer.from(text), bytes));
  if (!key) return `Its signature is of no key that the settings list for ${claimed}.`;
  return { person: claimed, fingerprint: key.fingerprint };
}

function ofSshSignature(text: string, armored: string, approvers: readonly Approver[]): ProvenKey | string {
  const parsed = parseSshSignature(armored);
  if (!parsed) return 'Its signature is none that an Ed25519 key made with ssh-keygen.';
  const { namespace, hashAlgorithm } = parsed;
  if (namespace !== signatureNamespace)
    return `Its signature is for ${JSON.stringify(namespace)}: sign with ssh-keygen -Y sign -n ${signatureNamespace}.`;
  if (hashAlgorithm !== 'sha512' && hashAlgorithm !== 'sha256')
    return 'Its signature uses a hash that OpenSSH has not.';
  const key = keyOfBlob(parsed.publicKey);
  const person = key && approvers.find(({ keys }) => keys.some((line) => isSame(line, key)))?.name;
  if (!key || person === undefined) return `Its key ${fingerprintOf(parsed.publicKey)} is none that the settings list.`;
  const data = signedData(createHash(hashAlgorithm).update(text).digest(), hashAlgorithm);
  if (!isBy(key, data, parsed.signature)) return 'Its signature does not fit what it says.';
  return { person, fingerprint: key.fingerprint };
}

const isSame = (line: string, { fingerprint }: PublicKey) => parsePublicKey(line)?.fingerprint === fingerprint;

function isBy({ bytes }: PublicKey, data: Uint8Array, signature: Uint8Array): boolean {
  const x = Buffer.from(bytes).toString('base64url');
  const key = createPublicKey({ key: { kty: 'OKP', crv: 'Ed25519', x }, format: 'jwk' });
  return verify(null, data, key, signature);
}
