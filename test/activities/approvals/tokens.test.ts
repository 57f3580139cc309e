/** Tokens of an issuer: an issuer of our own says who is who, and attackers try to be somebody. */
import { exportJWK, generateKeyPair, SignJWT, UnsecuredJWT, type KeyLike } from 'jose';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { provenByToken } from '../../../activities/approvals/tokens';
import { formatStatement } from '../../../contract/approvals';
import { nonceOf } from '../../../settings/approvals/nonce';
import { approvals } from '../../../settings/approvals/policy';
import { statement } from '../../planning/approvals/people';

const text = formatStatement(statement('Ana'));
let server: Server;
let issuer = '';
let [own, strangers]: { publicKey: KeyLike; privateKey: KeyLike }[] = [];
let asked = 0;

beforeAll(async () => {
  [own, strangers] = [await generateKeyPair('ES256'), await generateKeyPair('ES256')];
  const keys = { keys: [{ ...(await exportJWK(own!.publicKey)), kid: 'one', alg: 'ES256', use: 'sig' }] };
  server = createServer((request, response) => {
    asked++;
    const found = request.url?.endsWith('/keys') ? keys : { issuer, jwks_uri: `${issuer}/keys` };
    response.setHeader('content-type', 'application/json').end(JSON.stringify(found));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  issuer = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterAll(() => server.close());

const approvers = (more: Record<string, unknown> = {}) =>
  approvals.parse({
    approvers: [{ name: 'Ana', oidc: { issuer, audience: 'cutover', claims: { sub: 'ana-4711' }, ...more } }],
  }).approvers;

interface Token {
  readonly claims?: Record<string, unknown>;
  readonly key?: KeyLike;
  readonly issuedAt?: number;
  readonly lasts?: number;
  readonly header?: Record<string, unknown>;
}

const now = Date.parse('2026-11-30T10:00:00Z');
const inSeconds = (ms: number) => Math.floor(ms / 1000);

const token = ({ claims = {}, key = own!.privateKey, issuedAt = now, lasts = 300_000, header = {} }: Token = {}) =>
  new SignJWT({ sub: 'ana-4711', iss: issuer, aud: 'cutover', nonce: nonceOf(text), ...claims })
    .setProtectedHeader({ alg: 'ES256', kid: 'one', ...header })
    .setIssuedAt(inSeconds(issuedAt))
    .setExpirationTime(inSeconds(issuedAt + lasts))
    .sign(key);

const proven = async (given: Promise<string> | string, own = approvers()) =>
  await provenByToken(text, await given, { claimed: 'Ana', at: now }, own);

test('one that was made for this statement proves who approves', async () => {
  expect(await proven(token())).toEqual({ person: 'Ana', issuer, subject: 'ana-4711', bound: true });
});

describe('one that proves nobody', () => {
  test.each<[string, () => Promise<string> | string, RegExp]>([
    ['for another statement', () => token({ claims: { nonce: nonceOf('other') } }), /nonce/],
    ['without a nonce', () => token({ claims: { nonce: undefined } }), /nonce/],
    ['of another key', () => token({ key: strangers!.privateKey }), /signature verification failed/],
    ['of a key that the issuer has not', () => token({ header: { kid: 'two' } }), /no applicable key/],
    ['of another issuer', () => token({ claims: { iss: 'https://evil.example.com' } }), /not of http/],
    ['for another audience', () => token({ claims: { aud: 'payroll' } }), /"aud"/],
    ['of somebody else', () => token({ claims: { sub: 'mallory' } }), /claims/],
    ['of somebody whose claim only begins so', () => token({ claims: { sub: ['ana-4711'] } }), /claims|sub/],
    ['that expired', () => token({ issuedAt: now - 400_000 }), /"exp"/],
    [
      'that is old, and lasts for a year',
      () => token({ issuedAt: now - 3_600_000, lasts: 3e10 }),
      /too far in the past/,
    ],
    ['from the future', () => token({ issuedAt: now + 3_600_000 }), /"iat"/],
    [
      'without a signature',
      () =>
        new UnsecuredJWT({ sub: 'ana-4711', nonce: nonceOf(text) })
          .setIssuer(issuer)
          .setAudience('cutover')
          .setIssuedAt(inSeconds(now))
          .setExpirationTime(inSeconds(now + 300_000))
          .encode(),
      /does not count/,
    ],
    [
      'signed with the public key as a shared secret',
      async () =>
        await new SignJWT({ sub: 'ana-4711', iss: issuer, aud: 'cutover', nonce: nonceOf(text) })
          .setProtectedHeader({ alg: 'HS256', kid: 'one' })
          .setIssuedAt(inSeconds(now))
          .setExpirationTime(inSeconds(now + 300_000))
          .sign(Buffer.from(JSON.stringify(await exportJWK(own!.publicKey)))),
      /does not count/,
    ],
    ['no token at all', () => 'approved', /does not count/],
  ])('%s', async (_name, make, why) => {
    expect(await proven(make())).toMatch(why);
  });
});

test('where tokens can’t be bound, that is said of each', async () => {
  const loose = approvers({ binding: 'none' });
  expect(await proven(token({ claims: { nonce: undefined } }), loose)).toMatchObject({ person: 'Ana', bound: false });
});

test('clocks may differ by half a minute', async () => {
  expect(await proven(token({ issuedAt: now + 20_000 }))).toMatchObject({ person: 'Ana' });
});

test('an issuer that gives no keys costs an approval, and no more; its keys are asked for once', async () => {
  const away = approvers({ issuer: 'http://127.0.0.1:9', jwks: 'http://127.0.0.1:9/keys' });
  expect(await proven(token({ claims: { iss: 'http://127.0.0.1:9' } }), away)).toMatch(/could not be checked/);
  const before = asked;
  await proven(token());
  await proven(token());
  expect(asked).toBe(before);
});
