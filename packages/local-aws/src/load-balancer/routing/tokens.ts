/**
 * What a client shows to prove who it is: a JSON Web Token (RFC 7519) of the stand-in for every identity provider, which is
 * the local AWS itself. It is signed with the key of the local AWS (HS256), because no provider's own key exists here; on AWS
 * the content of a session cookie is encrypted, and a token must be signed by RS256.
 */
import { createHmac, timingSafeEqual } from 'node:crypto';

/** The claims of a token by their names: `iss` as text, `exp` and `nbf` in seconds since the epoch, and any others. */
export type Claims = Readonly<Record<string, unknown>>;

const header = Buffer.from(JSON.stringify({ alg: 'HS256', typ: 'JWT' })).toString('base64url');

export function signClaims(claims: Claims, key: string): string {
  const signed = `${header}.${Buffer.from(JSON.stringify(claims)).toString('base64url')}`;
  return `${signed}.${signature(signed, key)}`;
}

/** The claims of a token; undefined when it wasn't signed with the key, isn't valid yet, or not any more. */
export function readClaims(token: string, key: string, now = Date.now()): Claims | undefined {
  const end = token.lastIndexOf('.');
  const [signed, given] = [token.slice(0, end), Buffer.from(token.slice(end + 1))];
  const expected = Buffer.from(signature(signed, key));
  if (given.length !== expected.length || !timingSafeEqual(given, expected)) return undefined;
  const claims = JSON.parse(Buffer.from(signed.split('.')[1] ?? '', 'base64url').toString()) as Claims;
  const { exp, nbf = 0 } = claims;
  const isValid = typeof exp === 'number' && exp * 1000 > now && typeof nbf === 'number' && nbf * 1000 <= now;
  return isValid ? claims : undefined;
}

const signature = (text: string, key: string): string => createHmac('sha256', key).update(text).digest('base64url');
