import type { Action } from '@aws-sdk/client-elastic-load-balancing-v2';
import { signClaims } from '../../src/load-balancer/routing/tokens';
import { get, type Received } from './client';
import {
  cleanUpAfterEach,
  forwardTo,
  group,
  loginKey,
  named,
  rule,
  startBackend,
  startDataPlane,
  target,
  unchecked,
} from './data-plane';

const cleanUp = cleanUpAfterEach();

const oidc = {
  Issuer: 'https://login.example.com',
  AuthorizationEndpoint: 'https://login.example.com/authorize',
  TokenEndpoint: 'https://login.example.com/token',
  UserInfoEndpoint: 'https://login.example.com/userinfo',
  ClientId: 'orders',
};
const cognito = { UserPoolArn: 'arn:aws:cognito-idp:eu-west-1:0:userpool/x', UserPoolClientId: 'orders' };
const inAnHour = () => Math.floor(Date.now() / 1000) + 3600;

/** A load balancer whose only rule asks for a login first; gives how it answers. */
async function behind(login: Action) {
  const backend = cleanUp(await startBackend(named('orders')));
  const [one, forward] = [rule('default', [], forwardTo('g')), forwardTo('g')];
  const rules = [{ ...one, actions: [login, forward] }];
  const plane = cleanUp(await startDataPlane({ groups: [group('g', [target(backend.port)], unchecked)], rules }));
  const ask = (headers = {}): Promise<Received> =>
    get(`${plane.url}/Orders?a=1`, { headers: { Host: 'www.example.com', ...headers } });
  return { ask, requests: backend.requests };
}

const session = (claims: object = {}, key = loginKey) => signClaims({ exp: inAnHour(), ...claims }, key);

test('nobody without a session gets past a login: they are sent to the provider, with the way back', async () => {
  const { ask, requests } = await behind({ Type: 'authenticate-oidc', AuthenticateOidcConfig: oidc });
  const forged = session({}, 'a key of somebody else');
  const ended = session({ exp: inAnHour() - 7200 });
  for (const value of [undefined, '', 'x', 'x.y', forged, ended]) {
    const cookies = value === undefined ? {} : { Cookie: `AWSELBAuthSessionCookie-0=${value}` };
    const { status, headers } = await ask(cookies);
    expect([value, status]).toEqual([value, 302]);
    const { origin, pathname, searchParams } = new URL(headers['location'] as string);
    expect(`${origin}${pathname}`).toBe('https://login.example.com/authorize');
    expect(Object.fromEntries(searchParams)).toMatchObject({
      client_id: 'orders',
      redirect_uri: 'https://www.example.com/oauth2/idpresponse',
      response_type: 'code',
      scope: 'openid',
      state: expect.stringMatching(/./),
    });
    expect(headers['set-cookie']).toEqual([expect.stringMatching(/^AWSALBAuthNonce=/)]);
  }
  expect(requests()).toBe(0);
  expect((await ask({ Cookie: `a=b; AWSELBAuthSessionCookie-0=${session()}` })).body).toBe('orders');
});

test('what happens without a session is as the rule has it, and so is the name of the cookie', async () => {
  const with_ = (more: object) => behind({ Type: 'authenticate-oidc', AuthenticateOidcConfig: { ...oidc, ...more } });
  const denying = await with_({ OnUnauthenticatedRequest: 'deny', SessionCookieName: 'Mine' });
  expect((await denying.ask({ Cookie: `AWSELBAuthSessionCookie-0=${session()}` })).status).toBe(401);
  expect((await denying.ask({ Cookie: `Mine-0=${session()}` })).status).toBe(200);
  const allowing = await with_({ OnUnauthenticatedRequest: 'allow' });
  expect((await allowing.ask()).body).toBe('orders');
});

test.each([
  ['a prefix', 'orders', 'https://orders.auth.eu-west-1.amazoncognito.com/oauth2/authorize?'],
  ['a whole name', 'login.example.com', 'https://login.example.com/oauth2/authorize?'],
])('a login by Cognito leads to its domain, given as %s', async (_, UserPoolDomain, expected) => {
  const { ask } = await behind({
    Type: 'authenticate-cognito',
    AuthenticateCognitoConfig: { ...cognito, UserPoolDomain },
  });
  expect((await ask()).headers['location']).toMatch(expected);
});

test('a token is refused unless it is signed, of the issuer, in its time, and has the claims that the rule wants', async () => {
  const { ask, requests } = await behind({
    Type: 'jwt-validation',
    JwtValidationConfig: {
      JwksEndpoint: 'https://login.example.com/keys',
      Issuer: 'https://login.example.com',
      AdditionalClaims: [{ Name: 'scope', Format: 'space-separated-values', Values: ['orders'] }],
    },
  });
  const good = { iss: 'https://login.example.com', scope: 'users orders' };
  const bad = [
    { ...good, iss: 'https://other.example.com' },
    { ...good, nbf: inAnHour() },
    { ...good, exp: undefined },
    { ...good, scope: 'users' },
    { iss: good.iss },
  ].map((claims) => session(claims));
  for (const token of [...bad, session(good, 'another key'), 'x', '']) {
    expect([token, (await ask({ Authorization: `Bearer ${token}` })).status]).toEqual([token, 401]);
  }
  expect((await ask()).status).toBe(401);
  expect(requests()).toBe(0);
  expect((await ask({ Authorization: `Bearer ${session(good)}` })).body).toBe('orders');
});

test('a WebSocket needs the session too', async () => {
  const { ask, requests } = await behind({ Type: 'authenticate-oidc', AuthenticateOidcConfig: oidc });
  const { status, headers } = await ask({ Connection: 'Upgrade', Upgrade: 'websocket' });
  expect([status, requests()]).toEqual([302, 0]);
  expect(headers['location']).toMatch(/^https:\/\/login\.example\.com\/authorize\?/);
});
