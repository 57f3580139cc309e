/**
 * OpenID Connect's code flow with PKCE, as a client of the issuer.
 * https://openid.net/specs/openid-connect-core-1_0.html#CodeFlowAuth, https://www.rfc-editor.org/rfc/rfc7636
 */
import { createHash } from 'node:crypto';
import { request } from 'undici';
import { z } from 'zod';
import { discover, type Discovered } from '../../activities/approvals/tokens';
import { revealed } from '../../activities/secrets';
import { Refused } from '../../client/errors';
import type { DashboardSettings } from '../../settings/dashboard/schema';

export type Oidc = NonNullable<DashboardSettings['oidc']>;

/** What is asked of the issuer for one person. */
export interface Asked {
  readonly state: string;
  readonly nonce: string;
  /** The secret whose hash is sent ahead of it. */
  readonly verifier: string;
}

const timeoutMs = 5_000;
const longestAnswer = 64 * 1024;

const redirectOf = (url: string) => `${url}/dashboard/signed-in`;

/** Where the browser is sent. @param url the page's own. @throws {Refused} while the issuer can't be asked */
export async function addressToSignIn({ issuer, clientId, scope }: Oidc, url: string, asked: Asked): Promise<string> {
  const { authorization_endpoint: address } = await endpointsOf(issuer);
  if (address === undefined) throw new Refused(`${issuer} names no address to sign in at.`);
  const to = new URL(address);
  const parameters = {
    response_type: 'code',
    client_id: clientId,
    redirect_uri: redirectOf(url),
    scope,
    state: asked.state,
    nonce: asked.nonce,
    code_challenge: createHash('sha256').update(asked.verifier).digest('base64url'),
    code_challenge_method: 'S256',
  };
  for (const [name, value] of Object.entries(parameters)) to.searchParams.set(name, value);
  return to.href;
}

const tokens = z.object({ id_token: z.string().max(8_000) });

/** The ID token that a code stands for. @throws {Refused} with the sentence why there is none */
export async function tokenFor(
  { issuer, clientId, clientSecret }: Oidc,
  url: string,
  { code, verifier }: Pick<Asked, 'verifier'> & { readonly code: string },
): Promise<string> {
  const { token_endpoint: address } = await endpointsOf(issuer);
  if (address === undefined) throw new Refused(`${issuer} names no address for tokens.`);
  const sent = {
    grant_type: 'authorization_code',
    code,
    redirect_uri: redirectOf(url),
    client_id: clientId,
    code_verifier: verifier,
    ...(clientSecret !== undefined && { client_secret: revealed(clientSecret, () => true) }),
  };
  const { statusCode, text } = await posted(address, new URLSearchParams(sent)).catch((error: Error) => {
    throw new Refused(`${issuer} gave no token for the code: ${error.message}.`);
  });
  const { data } = tokens.safeParse(statusCode === 200 ? parsed(text) : undefined);
  if (!data) throw new Refused(`${issuer} gave no token for the code: HTTP ${statusCode}.`);
  return data.id_token;
}

async function posted(address: string, form: URLSearchParams) {
  const { statusCode, body } = await request(address, {
    method: 'POST',
    headers: { 'content-type': 'application/x-www-form-urlencoded', accept: 'application/json' },
    body: form.toString(),
    signal: AbortSignal.timeout(timeoutMs),
  });
  return { statusCode, text: await body.text() };
}

/** `undefined` for what is no JSON, or too long to be a token. */
function parsed(text: string): unknown {
  try {
    return text.length <= longestAnswer ? JSON.parse(text) : undefined;
  } catch {
    return undefined;
  }
}

async function endpointsOf(issuer: string): Promise<Discovered> {
  return await discover(issuer).catch((error: Error) => {
    throw new Refused(`${issuer} can not be asked who you are: ${error.message}.`);
  });
}
