/** Signing in at an issuer, which is a real one of the tests' own: who may command then, and who may not. */
import { SignJWT, UnsecuredJWT, exportJWK } from 'jose';
import { request } from 'undici';
import { provenByToken } from '../../activities/approvals/tokens';
import { parseStatement } from '../../contract/approvals';
import { approvals } from '../../settings/approvals/policy';
import type { Settings } from '../../settings/schema';
import { clientSecret, openIssuer, type Issuer } from '../activities/approvals/issuer';
import { waiting, worldOf } from './orders';
import { openBrowser, servePage, settingsWith, type Served, type World } from './world';

let issuer: Issuer;
let served: Served;
let world: World;
let settings: Settings;

beforeEach(async () => {
  issuer = await openIssuer();
  process.env['CUTOVER_TEST_CLIENT_SECRET'] = clientSecret;
  settings = settingsWith({
    url: 'http://127.0.0.1:1',
    people: [{ name: 'Ana', claims: { sub: 'ana-4711' } }],
    oidc: { issuer: issuer.url, clientId: 'cutover', clientSecret: { env: 'CUTOVER_TEST_CLIENT_SECRET' } },
  });
  world = worldOf(waiting());
  served = await servePage(world, settings);
  settings.dashboard.url = new URL(served.url).origin;
});
afterEach(async () => {
  await served.close();
  issuer.close();
});

interface Answer {
  readonly status: number;
  readonly text: string;
  readonly location: string;
  /** What a browser would keep of it, as it sends it back. */
  readonly cookie: string;
}

async function send(url: string, headers: Record<string, string> = {}, body?: unknown): Promise<Answer> {
  const answer = await request(url, {
    method: body === undefined ? 'GET' : 'POST',
    headers: {
      ...(body !== undefined && { 'content-type': 'application/json', origin: new URL(served.url).origin }),
      ...headers,
    },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  });
  const cookies = [answer.headers['set-cookie'] ?? []].flat().map((one) => one.split(';')[0] ?? '');
  return {
    status: answer.statusCode,
    text: await answer.body.text(),
    location: String(answer.headers['location'] ?? ''),
    cookie: cookies.filter((one) => !one.endsWith('=')).join('; '),
  };
}

const command = async (cookie: string, name = 'approve') =>
  await send(
    `${served.url}commands`,
    { cookie },
    { zone: 'production', application: 'Orders', run: waiting().runId, name },
  );

/** As far as the address that the issuer sends the browser back to. */
async function atIssuer(begun: Answer): Promise<{ readonly back: string; readonly trip: string }> {
  const { to } = JSON.parse(begun.text) as { to: string };
  const { location } = await send(to);
  return { back: location, trip: begun.cookie };
}

const begin = async () => await atIssuer(await send(`${served.url}session/issuer`, {}, {}));

async function signIn(): Promise<Answer> {
  const { back, trip } = await begin();
  return await send(back, { cookie: trip, 'sec-fetch-site': 'cross-site' });
}

test.each(['token', 'rsaToken'] as const)(
  'whoever the issuer signs in commands in the name that the settings give him: %s',
  async (kind) => {
    issuer.gives = (nonce) => issuer[kind]({ claims: { nonce } });
    expect(await send(`${served.url}events?zone=nowhere`)).toMatchObject({ status: 404 });
    expect(await send(served.url)).toMatchObject({ status: 200 });
    expect(await command('')).toMatchObject({ status: 401, text: expect.stringContaining('Sign in first.') });
    const answer = await signIn();
    expect(answer).toMatchObject({ status: 302, location: '/dashboard/' });
    expect(await command(answer.cookie)).toMatchObject({ status: 200 });
    expect(world.commands).toEqual([
      [{ zone: 'production', application: 'Orders' }, 'approve', { by: 'Ana' }, waiting().runId],
    ]);
  },
);

const payload = (nonce: string) => ({ sub: 'ana-4711', iss: issuer.url, aud: 'cutover', nonce });
const minutes = (count: number) => count * 60_000;

describe('nobody is signed in, and one sentence says why, by a token', () => {
  test.each<[string, (nonce: string) => Promise<string> | string, RegExp]>([
    [
      'that has expired',
      (nonce) => issuer.token({ claims: { nonce }, issuedAt: Date.now() - minutes(10), lastsMs: minutes(5) }),
      /does not count: "exp" claim/,
    ],
    ['for another audience', (nonce) => issuer.token({ claims: { nonce, aud: 'payroll' } }), /does not count: .*"aud"/],
    ['of another issuer', (nonce) => issuer.token({ claims: { nonce, iss: 'https://evil.example.com' } }), /is not of/],
    [
      'of a key that the issuer has not',
      (nonce) => issuer.token({ claims: { nonce }, header: { kid: 'two' } }),
      /does not count: no applicable key/,
    ],
    [
      'signed by a stranger',
      (nonce) => issuer.token({ claims: { nonce }, key: issuer.stranger }),
      /does not count: signature verification failed/,
    ],
    [
      'without a signature',
      (nonce) => new UnsecuredJWT(payload(nonce)).setIssuedAt().setExpirationTime('5m').encode(),
      /does not count/,
    ],
    [
      'signed with the public key as a shared secret',
      async (nonce) =>
        await new SignJWT(payload(nonce))
          .setProtectedHeader({ alg: 'HS256', kid: 'one' })
          .setIssuedAt()
          .setExpirationTime('5m')
          .sign(Buffer.from(JSON.stringify(await exportJWK(issuer.keys.ES256)))),
      /does not count/,
    ],
    ['that was made for something else', () => issuer.token({ claims: { nonce: 'x' } }), /for something else/],
    [
      'of somebody whom the settings do not know',
      (nonce) => issuer.token({ claims: { nonce, sub: 'mallory' } }),
      /know nobody with these claims/,
    ],
    ['that is none', () => 'ana', /does not count/],
  ])('%s', async (_name, gives, why) => {
    issuer.gives = gives;
    const answer = await signIn();
    expect(answer).toMatchObject({ status: 403, cookie: '' });
    expect(answer.text).toMatch(why);
    expect(answer.text).toMatch(/^You are not signed in\. .*\. Try again at http:\/\/127\.0\.0\.1:\d+\/dashboard\/\n$/);
    expect(await command(answer.cookie)).toMatchObject({ status: 401 });
    expect(world.commands).toEqual([]);
  });
});

describe('nobody is signed in', () => {
  test('in another browser than the one that began, nor twice by one code', async () => {
    const { back, trip } = await begin();
    expect(await send(back)).toMatchObject({
      status: 403,
      text: expect.stringContaining('not begun here'),
      cookie: '',
    });
    const again = await begin();
    expect(await send(again.back, { cookie: trip })).toMatchObject({ status: 403, cookie: '' });
    const third = await begin();
    expect(await send(third.back, { cookie: third.trip })).toMatchObject({ status: 302 });
    expect(await send(third.back, { cookie: third.trip })).toMatchObject({ status: 403, cookie: '' });
  });

  test('whom the issuer sends back without a code, or with one that is not its own', async () => {
    issuer.refuses = 'access_denied';
    expect((await signIn()).text).toMatch(/^You are not signed in\. http:.* did not sign you in: access_denied\./);
    issuer.refuses = '<script>';
    expect((await signIn()).text).toMatch(/did not sign you in: it did not say why\./);
    issuer.refuses = undefined;
    const { back, trip } = await begin();
    const forged = new URL(back);
    forged.searchParams.set('code', 'guessed');
    const answer = await send(forged.href, { cookie: trip });
    expect(answer.text).toMatch(/gave no token for the code: HTTP 400\./);
    expect(answer).toMatchObject({ status: 403, cookie: '' });
  });

  test('while the issuer is away, or is another than the settings say; whoever looks goes on looking', async () => {
    issuer.discovery = { issuer: 'https://evil.example.com' };
    const other = await send(`${served.url}session/issuer`, {}, {});
    expect(other).toMatchObject({ status: 409, cookie: '' });
    expect(JSON.parse(other.text)).toEqual({
      error: `${issuer.url} can not be asked who you are: Discovery answered HTTP 200 and names no keys of this issuer.`,
    });
    issuer.close();
    const away = await send(`${served.url}session/issuer`, {}, {});
    expect(away).toMatchObject({ status: 409, text: expect.stringContaining('can not be asked who you are') });
    expect(await send(`${served.url}session`)).toMatchObject({ status: 200 });
  });
});

/** Approvals of Orders have to be signed by Ana. */
const toBeSigned = () => {
  const { workflowId, runId = '' } = waiting();
  world.status = {
    ...waiting(),
    approvals: {
      workflow: workflowId,
      run: runId,
      plan: 'sha256:plan',
      image: 'sha256:2.0.0',
      moment: 'afterVerify',
      minimum: 1,
      approvers: ['Ana'],
      counted: [],
      closed: null,
      brokenGlass: false,
    },
  };
  const oidc = { issuer: issuer.url, audience: 'cutover', claims: { sub: 'ana-4711' } };
  return approvals.parse({ approvers: [{ name: 'Ana', oidc }] }).approvers;
};

test('an approval that has to be signed is sent with a token that proves this one approval', async () => {
  const approvers = toBeSigned();
  const { cookie } = await signIn();
  const asked = await command(cookie);
  expect(asked).toMatchObject({ status: 200, text: expect.stringContaining('"accepted":false') });
  expect(world.commands).toEqual([]);
  const { back, trip } = await atIssuer(asked);
  expect(await send(back, { cookie: trip })).toMatchObject({
    status: 302,
    location: expect.stringMatching(/\/dashboard\/#\/production\/Orders$/),
  });
  const [[target, name, { signed }]] = world.commands as [
    [object, string, { signed: { statement: string; token: string } }],
  ];
  expect([target, name]).toEqual([{ zone: 'production', application: 'Orders' }, 'approve']);
  expect(parseStatement(signed.statement)).toMatchObject({ approver: 'Ana', run: waiting().runId });
  expect(
    await provenByToken(signed.statement, signed.token, { claimed: 'Ana', at: Date.now() }, approvers),
  ).toMatchObject({ person: 'Ana', bound: true });
  expect(await send(`${served.url}session`, { cookie })).toMatchObject({
    text: expect.stringContaining('Your approval was signed and sent.'),
  });
});

test('an approval is not signed by a token that the issuer made for something else, and the page says so', async () => {
  toBeSigned();
  const { cookie } = await signIn();
  issuer.gives = () => issuer.token({ claims: { nonce: 'x' } });
  const { back, trip } = await atIssuer(await command(cookie));
  await send(back, { cookie: trip });
  expect(world.commands).toEqual([]);
  expect(await send(`${served.url}session`, { cookie })).toMatchObject({
    text: expect.stringContaining('was made for something else'),
  });
});

test('in a browser: whoever looks reads, goes to the issuer and comes back, and commands', async () => {
  const browser = await openBrowser();
  // page.test.ts says that it isn't there.
  if (!browser) return;
  const page = await browser.newPage();
  try {
    await page.goto(`${served.url}#/production/Orders`);
    await page.locator('.lane.green').waitFor();
    expect(await page.getByRole('button', { name: 'Pause' }).count()).toBe(0);
    issuer.discovery = { issuer: 'https://evil.example.com' };
    await page.getByRole('button', { name: 'Sign in' }).click();
    await page.getByRole('button', { name: 'Go to the sign-in page' }).click();
    await page.getByRole('alert').getByText('can not be asked who you are').waitFor();
    issuer.discovery = {};
    await page.getByRole('button', { name: 'Go to the sign-in page' }).click();
    await page.getByText('Sign out').waitFor();
    await page.goto(`${served.url}#/production/Orders`);
    await page.getByRole('button', { name: 'Pause' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Pause' }).click();
    await page.getByText('Pause: accepted.').waitFor();
    expect(world.commands).toMatchObject([[{ application: 'Orders' }, 'pause', { by: 'Ana' }, waiting().runId]]);
  } finally {
    await browser.close();
  }
});
