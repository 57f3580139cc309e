/**
 * A certificate authority of the local AWS's own, and the certificates of servers that it issues. What trusts its certificate
 * takes the load balancers for real.
 */
import { createPublicKey, generateKeyPair, randomBytes, sign } from 'node:crypto';
import { isIP } from 'node:net';
import { promisify } from 'node:util';
import { asn1, md, pki } from 'node-forge';

/** Everything is PEM. */
export interface Authority {
  readonly certificate: string;
  readonly key: string;
  /** The one key of all the servers' certificates: they are all this machine's. */
  readonly serverKey: string;
}

const dayMs = 86_400_000;
const authorityName = [{ name: 'commonName', value: 'local-aws' }];

/** @param now milliseconds since the epoch */
export async function createAuthority(now: number): Promise<Authority> {
  const [key, serverKey] = await Promise.all([createKey(), createKey()]);
  const certificate = blank(key, now, 3650);
  certificate.setSubject(authorityName);
  certificate.setIssuer(authorityName);
  certificate.setExtensions([
    { name: 'basicConstraints', cA: true, critical: true },
    { name: 'keyUsage', keyCertSign: true, cRLSign: true, critical: true },
    { name: 'subjectKeyIdentifier' },
  ]);
  return { certificate: signed(certificate, key), key, serverKey };
}

/**
 * A certificate for servers of these names, good for 395 days, as ACM's are.
 * @param names domain names, of which the first label may be `*`, and IP addresses; the first is the common name
 */
export function issueCertificate({ key, serverKey }: Authority, names: readonly string[], now: number): string {
  const certificate = blank(serverKey, now, 395);
  certificate.setSubject([{ name: 'commonName', value: names[0] ?? '' }]);
  certificate.setIssuer(authorityName);
  certificate.setExtensions([
    { name: 'basicConstraints', cA: false },
    { name: 'keyUsage', digitalSignature: true, keyEncipherment: true, critical: true },
    { name: 'extKeyUsage', serverAuth: true },
    // The types of RFC 5280: 2 is a name in DNS, 7 an address.
    {
      name: 'subjectAltName',
      altNames: names.map((name) => (isIP(name) > 0 ? { type: 7, ip: name } : { type: 2, value: name })),
    },
  ]);
  return signed(certificate, key);
}

async function createKey(): Promise<string> {
  const { privateKey } = await promisify(generateKeyPair)('rsa', {
    modulusLength: 2048,
    publicKeyEncoding: { type: 'spki', format: 'pem' },
    privateKeyEncoding: { type: 'pkcs1', format: 'pem' },
  });
  return privateKey;
}

function blank(key: string, now: number, days: number): pki.Certificate {
  const certificate = pki.createCertificate();
  certificate.publicKey = pki.publicKeyFromPem(createPublicKey(key).export({ type: 'spki', format: 'pem' }).toString());
  certificate.serialNumber = `01${randomBytes(12).toString('hex')}`;
  certificate.validity.notBefore = new Date(now - dayMs);
  certificate.validity.notAfter = new Date(now + days * dayMs);
  return certificate;
}

/** Signed by Node: in JavaScript it costs as much as the rest of a start. */
function signed(certificate: pki.Certificate, key: string): string {
  const signer = {
    sign: () => {
      const text = asn1.toDer(certificate.tbsCertificate as asn1.Asn1).getBytes();
      return sign('sha256', Buffer.from(text, 'latin1'), key).toString('latin1');
    },
  };
  certificate.sign(signer as unknown as pki.rsa.PrivateKey, md.sha256.create());
  return pki.certificateToPem(certificate);
}
