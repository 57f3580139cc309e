/**
 * Signs with a person's key. A PEM file with an Ed25519 key is read here; every other one is left to `ssh-keygen`, which asks for
 * passphrases, and signs by ssh-agent where it is given a public key.
 */
import { execFile, spawn } from 'node:child_process';
import { createHash, createPrivateKey, createPublicKey, sign, type KeyObject } from 'node:crypto';
import { existsSync } from 'node:fs';
import { promisify } from 'node:util';
import { formatSshSignature, signatureNamespace, signedData } from '../../contract/ssh-signature';
import { blobOf, parsePublicKey, type PublicKey } from '../../settings/approvals/ssh-key';
import { mostOfKey, readText } from '../../settings/files/text';
import { Refused } from '../errors';

/** A key, by the file that it, or its public part, is in. */
export interface SigningKey {
  readonly publicKey: PublicKey;
  /** An armored SSH signature for the namespace `cutover`. */
  readonly sign: (text: string) => Promise<string>;
}

/** @throws {Refused} when the file holds no Ed25519 key */
export async function openKey(file: string): Promise<SigningKey> {
  const pem = pemKey(file);
  if (pem) return pem;
  const publicKey = parsePublicKey(await publicPart(file));
  if (!publicKey) throw new Refused(`${file} is no Ed25519 key: make one with ssh-keygen -t ed25519.`);
  return { publicKey, sign: (text) => signWithSshKeygen(file, text) };
}

function pemKey(file: string): SigningKey | undefined {
  const text = read(file);
  if (!/^-----BEGIN PRIVATE KEY-----/m.test(text)) return undefined;
  const key = createPrivateKey(text);
  const publicKey = parsePublicKey(publicLineOf(key));
  if (key.asymmetricKeyType !== 'ed25519' || !publicKey)
    throw new Refused(`${file} is no Ed25519 key: make one with ssh-keygen -t ed25519.`);
  const hashAlgorithm = 'sha512';
  return {
    publicKey,
    sign: (message) => {
      const data = signedData(createHash(hashAlgorithm).update(message).digest(), hashAlgorithm);
      const signature = sign(null, data, key);
      const blob = blobOf(publicKey.bytes);
      return Promise.resolve(
        formatSshSignature({ publicKey: blob, namespace: signatureNamespace, hashAlgorithm, signature }),
      );
    },
  };
}

function publicLineOf(key: KeyObject): string {
  const { x = '' } = createPublicKey(key).export({ format: 'jwk' });
  return `ssh-ed25519 ${Buffer.from(blobOf(Buffer.from(x, 'base64url'))).toString('base64')}`;
}

/** @throws {Refused} for a file that can't be read */
export function read(file: string): string {
  try {
    return readText(file, mostOfKey);
  } catch (error) {
    throw new Refused(`${file} can't be read: ${(error as Error).message}.`);
  }
}

async function publicPart(file: string): Promise<string> {
  if (file.endsWith('.pub')) return read(file);
  if (existsSync(`${file}.pub`)) return read(`${file}.pub`);
  const { stdout } = await promisify(execFile)('ssh-keygen', ['-y', '-f', file]).catch((error: Error) => {
    throw new Refused(`ssh-keygen could not read ${file}: ${error.message.split('\n').at(-1)}.`);
  });
  return stdout;
}

/** It asks for a passphrase at the terminal, if the key has one. */
async function signWithSshKeygen(file: string, text: string): Promise<string> {
  const child = spawn('ssh-keygen', ['-Y', 'sign', '-n', signatureNamespace, '-f', file], {
    env: process.env,
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  const out: string[] = [];
  const errors: string[] = [];
  child.stdout.on('data', (part: Buffer) => out.push(part.toString()));
  child.stderr.on('data', (part: Buffer) => errors.push(part.toString()));
  child.stdin.end(text);
  const code = await new Promise<number | null>((resolve, reject) => {
    child.on('error', () => reject(new Refused('There is no ssh-keygen here: it comes with OpenSSH.')));
    child.on('close', resolve);
  });
  if (code !== 0) throw new Refused(`ssh-keygen did not sign: ${errors.join('').trim()}.`);
  return out.join('').trim();
}
