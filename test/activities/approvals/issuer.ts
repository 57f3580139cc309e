/**
 * An OpenID Connect issuer of the tests' own: real keys of two kinds, Discovery, and the code flow with PKCE as a strict one does it.
 * Whoever is sent there is signed in at once; a test may say what token it gives instead.
 */
import { exportJWK, generateKeyPair, SignJWT, type KeyLike } from 'jose';
import { createHash, randomUUID } from 'node:crypto';
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';

export interface Token {
  readonly claims?: Record<string, unknown>;
  readonly key?: KeyLike;
  /** Milliseconds since the epoch; default: now. */
  readonly issuedAt?: number;
  readonly lastsMs?: number;
  readonly header?: Record<string, unknown>;
}

export interface Issuer {
  readonly url: string;
  /** Its public keys. */
  readonly keys: Readonly<Record<'ES256' | 'RS256', KeyLike>>;
  /** A key that it has not. */
  readonly stranger: KeyLike;
  /** A token of the person `ana-4711` for the audience `cutover`, by its ES256 key unless something else is said. */
  readonly token: (token?: Token) => Promise<string>;
  /** Signed by its RS256 key. */
  readonly rsaToken: (token?: Token) => Promise<string>;
  /** What it gives for a code. Default: a token that bears the nonce that was asked for. */
  gives: (nonce: string) => Promise<string> | string;
  /** Why it sends people back without a code. */
  refuses: string | undefined;
  /** What Discovery says beside what it is. */
  discovery: Record<string, unknown>;
  /** How often anything was asked of it. */
  readonly asked: () => number;
  readonly close: () => void;
}

export const clientSecret = 'the-secret-of-the-client';

const inSeconds = (ms: number) => Math.floor(ms / 1000);

export async function openIssuer(): Promise<Issuer> {
  const [ec, rsa, strangers] = await Promise.all(['ES256', 'RS256', 'ES256'].map(async (one) => generateKeyPair(one)));
  const jwks = {
    keys: [
      { ...(await exportJWK(ec!.publicKey)), kid: 'one', alg: 'ES256', use: 'sig' },
      { ...(await exportJWK(rsa!.publicKey)), kid: 'rsa', alg: 'RS256', use: 'sig' },
    ],
  };
  let asked = 0;
  const codes = new Map<string, URLSearchParams>();
  const server = createServer((request, response) => {
    asked++;
    const { pathname, searchParams } = new URL(request.url ?? '', issuer.url);
    const json = (status: number, body: unknown) =>
      response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
    if (pathname === '/authorize')
      response.writeHead(302, { location: sentBack(searchParams, codes, issuer.refuses) }).end();
    else if (pathname === '/token')
      void tokenOf(request, codes, issuer.gives).then(
        (token) => json(200, { id_token: token, access_token: 'none', token_type: 'Bearer' }),
        (error: Error) => json(400, { error: error.message }),
      );
    else json(200, pathname === '/keys' ? jwks : { ...found(issuer.url), ...issuer.discovery });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const token = ({ claims = {}, key = ec!.privateKey, issuedAt = Date.now(), lastsMs = 300_000, header }: Token = {}) =>
    new SignJWT({ sub: 'ana-4711', iss: url, aud: 'cutover', ...claims })
      .setProtectedHeader({ alg: 'ES256', kid: 'one', ...header })
      .setIssuedAt(inSeconds(issuedAt))
      .setExpirationTime(inSeconds(issuedAt + lastsMs))
      .sign(key);
  const issuer: Issuer = {
    url,
    keys: { ES256: ec!.publicKey, RS256: rsa!.publicKey },
    stranger: strangers!.privateKey,
    token,
    rsaToken: (given) => token({ key: rsa!.privateKey, header: { alg: 'RS256', kid: 'rsa' }, ...given }),
    gives: (nonce) => token({ claims: { nonce } }),
    refuses: undefined,
    discovery: {},
    asked: () => asked,
    close: () => {
      server.close();
      server.closeAllConnections();
    },
  };
  return issuer;
}

const found = (url: string) => ({
  issuer: url,
  jwks_uri: `${url}/keys`,
  authorization_endpoint: `${url}/authorize`,
  token_endpoint: `${url}/token`,
});

/** Where a browser goes from the issuer. https://openid.net/specs/openid-connect-core-1_0.html#AuthResponse */
function sentBack(asked: URLSearchParams, codes: Map<string, URLSearchParams>, refuses: string | undefined): string {
  const to = new URL(asked.get('redirect_uri') ?? '');
  to.searchParams.set('state', asked.get('state') ?? '');
  if (refuses !== undefined) to.searchParams.set('error', refuses);
  else {
    const code = randomUUID();
    codes.set(code, asked);
    to.searchParams.set('code', code);
  }
  return to.href;
}

/** @throws {Error} with the error's code, as https://www.rfc-editor.org/rfc/rfc6749#section-5.2 names them */
async function tokenOf(
  request: IncomingMessage,
  codes: Map<string, URLSearchParams>,
  gives: Issuer['gives'],
): Promise<string> {
  const sent = new URLSearchParams(await text(request));
  const asked = codes.get(sent.get('code') ?? '');
  codes.delete(sent.get('code') ?? '');
  if (sent.get('client_id') !== 'cutover' || sent.get('client_secret') !== clientSecret)
    throw new Error('invalid_client');
  const challenge = createHash('sha256')
    .update(sent.get('code_verifier') ?? '')
    .digest('base64url');
  const isAsked =
    asked?.get('code_challenge') === challenge &&
    asked.get('code_challenge_method') === 'S256' &&
    asked.get('response_type') === 'code' &&
    asked.get('redirect_uri') === sent.get('redirect_uri');
  if (!isAsked) throw new Error('invalid_grant');
  return await gives(asked.get('nonce') ?? '');
}
