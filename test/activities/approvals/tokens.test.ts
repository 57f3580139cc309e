/** Tokens of an issuer: an issuer of our own says who is who, and attackers try to be somebody. */
import { exportJWK, SignJWT, UnsecuredJWT } from 'jose';
import { provenByToken } from '../../../activities/approvals/tokens';
import { formatStatement } from '../../../contract/approvals';
import { nonceOf } from '../../../settings/approvals/nonce';
import { approvals } from '../../../settings/approvals/policy';
import { statement } from '../../planning/approvals/people';
import { openIssuer, type Issuer, type Token } from './issuer';

const text = formatStatement(statement('Ana'));
let opened: Issuer;
let issuer = '';

beforeAll(async () => {
  opened = await openIssuer();
  issuer = opened.url;
});
afterAll(() => opened.close());

const approvers = (more: Record<string, unknown> = {}) =>
  approvals.parse({
    approvers: [{ name: 'Ana', oidc: { issuer, audience: 'cutover', claims: { sub: 'ana-4711' }, ...more } }],
  }).approvers;

const now = Date.parse('2026-11-30T10:00:00Z');
const inSeconds = (ms: number) => Math.floor(ms / 1000);

const token = ({ claims, ...given }: Token = {}) =>
  opened.token({ issuedAt: now, claims: { nonce: nonceOf(text), ...claims }, ...given });

const proven = async (given: Promise<string> | string, own = approvers()) =>
  await provenByToken(text, await given, { claimed: 'Ana', at: now }, own);

test('one that was made for this statement proves who approves', async () => {
  expect(await proven(token())).toEqual({ person: 'Ana', issuer, subject: 'ana-4711', bound: true });
  const rsa = opened.rsaToken({ issuedAt: now, claims: { nonce: nonceOf(text) } });
  expect(await proven(rsa)).toMatchObject({ person: 'Ana', bound: true });
});

describe('one that proves nobody', () => {
  test.each<[string, () => Promise<string> | string, RegExp]>([
    ['for another statement', () => token({ claims: { nonce: nonceOf('other') } }), /nonce/],
    ['without a nonce', () => token({ claims: { nonce: undefined } }), /nonce/],
    ['of another key', () => token({ key: opened.stranger }), /signature verification failed/],
    ['of a key that the issuer has not', () => token({ header: { kid: 'two' } }), /no applicable key/],
    ['of another issuer', () => token({ claims: { iss: 'https://evil.example.com' } }), /not of http/],
    ['for another audience', () => token({ claims: { aud: 'payroll' } }), /"aud"/],
    ['of somebody else', () => token({ claims: { sub: 'mallory' } }), /claims/],
    ['of somebody whose claim only begins so', () => token({ claims: { sub: ['ana-4711'] } }), /claims|sub/],
    ['that expired', () => token({ issuedAt: now - 400_000 }), /"exp"/],
    [
      'that is old, and lasts for a year',
      () => token({ issuedAt: now - 3_600_000, lastsMs: 3e10 }),
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
          .sign(Buffer.from(JSON.stringify(await exportJWK(opened.keys.ES256)))),
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
  const before = opened.asked();
  await proven(token());
  await proven(token());
  expect(opened.asked()).toBe(before);
});
