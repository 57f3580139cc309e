/**
 * Tokens of an OpenID Connect issuer: https://openid.net/specs/openid-connect-core-1_0.html#IDTokenValidation. The issuer's keys are
 * found by Discovery, and kept for as long as it uses them; a signature by a shared secret, or none, is never taken.
 */
import { createRemoteJWKSet, decodeJwt, errors, jwtVerify, type JWTPayload, type JWTVerifyGetKey } from 'jose';
import { request } from 'undici';
import { z } from 'zod';
import { nonceOf } from '../../settings/approvals/nonce';
import type { Approver } from '../../settings/approvals/policy';

export type Issuer = NonNullable<Approver['oidc']>;

export interface ProvenToken {
  readonly person: string;
  readonly issuer: string;
  readonly subject: string;
  readonly bound: boolean;
}

const algorithms = ['RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512', 'ES256', 'ES384', 'ES512', 'EdDSA'];
/** Clocks differ. */
const toleranceSeconds = 30;
/** An older token may have been seen by many. */
const oldestSeconds = 15 * 60;
const timeoutMs = 5_000;

/** The keys of every issuer that was asked, by where they are. */
const keySets = new Map<string, JWTVerifyGetKey>();

/** Whom a token proves who approves this text. @param at when it came, milliseconds since the epoch. @returns why nobody */
export async function provenByToken(
  text: string,
  token: string,
  { claimed, at }: { readonly claimed: string; readonly at: number },
  approvers: readonly Approver[],
): Promise<ProvenToken | string> {
  const approver = approvers.find(({ name }) => name === claimed);
  const issuer = approver?.oidc;
  if (!approver || !issuer) return `The settings take no token for ${claimed}.`;
  const verified = await verifiedBy(issuer, token, at);
  if (typeof verified === 'string') return verified;
  if (!claimsFit(issuer, verified)) return `Its token has not the claims that the settings want of ${claimed}.`;
  const nonce = nonceOf(text);
  if (issuer.binding === 'nonce' && verified['nonce'] !== nonce)
    return `Its token is not for this approval: ask ${issuer.issuer} for one with the nonce ${nonce}.`;
  return { person: claimed, issuer: issuer.issuer, subject: verified.sub ?? '', bound: issuer.binding === 'nonce' };
}

/**
 * What a token claims that this issuer made for this audience.
 * @param at milliseconds since the epoch. @param whose it is, as a sentence begins. @returns why it doesn't count
 */
export async function verifiedBy(
  issuer: Pick<Issuer, 'issuer' | 'audience' | 'jwks'>,
  token: string,
  at: number,
  whose = 'Its',
): Promise<JWTPayload | string> {
  try {
    if (decodeJwt(token).iss !== issuer.issuer) return `${whose} token is not of ${issuer.issuer}.`;
    const { payload } = await jwtVerify(token, await keysOf(issuer), {
      issuer: issuer.issuer,
      audience: issuer.audience,
      algorithms,
      clockTolerance: toleranceSeconds,
      maxTokenAge: oldestSeconds,
      currentDate: new Date(at),
      requiredClaims: ['exp', 'iat', 'sub'],
    });
    return payload;
  } catch (error) {
    if (error instanceof errors.JOSEError && !isOfTheIssuer(error))
      return `${whose} token does not count: ${error.message}.`;
    return `${whose} token could not be checked, for ${issuer.issuer} gave no keys: ${(error as Error).message}. Send it again.`;
  }
}

const isOfTheIssuer = (error: Error) =>
  error instanceof errors.JWKSTimeout ||
  error instanceof errors.JWKSInvalid ||
  error.message.includes('JSON Web Key Set HTTP');

async function keysOf(issuer: Pick<Issuer, 'issuer' | 'jwks'>): Promise<JWTVerifyGetKey> {
  const { issuer: url, jwks } = issuer;
  const known = keySets.get(jwks ?? url);
  if (known) return known;
  const keys = createRemoteJWKSet(new URL(jwks ?? (await discover(url)).jwks_uri), { timeoutDuration: timeoutMs });
  keySets.set(jwks ?? url, keys);
  return keys;
}

/** https://openid.net/specs/openid-connect-discovery-1_0.html#ProviderConfig */
export async function discover(issuer: string): Promise<Discovered> {
  const { statusCode, body } = await request(`${issuer.replace(/\/$/, '')}/.well-known/openid-configuration`, {
    signal: AbortSignal.timeout(timeoutMs),
  });
  const text = await shortText(body);
  const { data: found } = discovered.safeParse(statusCode === 200 ? JSON.parse(text) : undefined);
  if (found?.issuer !== issuer)
    throw new Error(`Discovery answered HTTP ${statusCode} and names no keys of this issuer`);
  const addresses = [found.jwks_uri, found.authorization_endpoint, found.token_endpoint].filter(
    (one) => one !== undefined,
  );
  if (addresses.some((one) => new URL(one).protocol !== new URL(issuer).protocol))
    throw new Error('Discovery names keys at an address of another protocol');
  return found;
}

const discovered = z.object({
  issuer: z.string(),
  jwks_uri: z.url(),
  authorization_endpoint: z.url().optional(),
  token_endpoint: z.url().optional(),
});
export type Discovered = z.infer<typeof discovered>;

async function shortText(body: AsyncIterable<Uint8Array>): Promise<string> {
  const parts: Uint8Array[] = [];
  let size = 0;
  for await (const part of body) {
    size += part.length;
    if (size > 256 * 1024) throw new Error('Discovery answered with more than 256 KiB');
    parts.push(part);
  }
  return Buffer.concat(parts).toString();
}

export const claimsFit = ({ claims }: Pick<Issuer, 'claims'>, payload: JWTPayload): boolean =>
  Object.entries(claims).every(([name, wanted]) => Object.hasOwn(payload, name) && payload[name] === wanted);
