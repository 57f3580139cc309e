/** Three people with keys, as the settings list them, and what they sign. */
import { createHash, generateKeyPairSync, sign, type KeyObject } from 'node:crypto';
import { formatStatement, type SignedStatement, type Statement } from '../../../contract/approvals';
import { formatSshSignature, signedData } from '../../../contract/ssh-signature';
import { blobOf } from '../../../settings/approvals/ssh-key';

export interface Person {
  readonly name: string;
  readonly key: KeyObject;
  /** As ssh-keygen writes it. */
  readonly line: string;
  readonly blob: Uint8Array;
}

export function person(name: string): Person {
  const { publicKey, privateKey } = generateKeyPairSync('ed25519');
  const blob = blobOf(Buffer.from(publicKey.export({ format: 'jwk' }).x ?? '', 'base64url'));
  return { name, key: privateKey, blob, line: `ssh-ed25519 ${Buffer.from(blob).toString('base64')} ${name}@laptop` };
}

/** As `cutover approve --sign` makes it. */
export const signed = (who: Person, statement: Statement, namespace = 'cutover'): SignedStatement => {
  const text = formatStatement(statement);
  const hash = createHash('sha512').update(text).digest();
  const signature = sign(null, signedData(hash, 'sha512', namespace), who.key);
  return {
    statement: text,
    signature: formatSshSignature({ publicKey: who.blob, namespace, hashAlgorithm: 'sha512', signature }),
  };
};

export const statement = (approver: string, changes: Partial<Statement> = {}): Statement => ({
  version: 1,
  approval: 'afterVerify',
  workflow: 'production/Orders',
  run: 'run-1',
  plan: 'sha256:plan',
  image: 'sha256:2.0.0',
  approver,
  expires: '2026-11-30T12:00:00Z',
  ...changes,
});
