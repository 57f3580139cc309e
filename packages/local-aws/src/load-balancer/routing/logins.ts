/**
 * What a rule asks of its clients before it routes: a session, made by logging in at an identity provider, or a valid token.
 * https://docs.aws.amazon.com/elasticloadbalancing/latest/application/listener-authenticate-users.html
 * https://docs.aws.amazon.com/elasticloadbalancing/latest/application/listener-verify-jwt.html
 *
 * Who has none is sent to the provider's authorization endpoint (302), or refused (401). There is no provider on one machine,
 * so nobody comes back from there: sessions and tokens are made on the control port (elbv2/logins.ts).
 */
import { randomBytes } from 'node:crypto';
import type {
  Action,
  AuthenticateCognitoActionConfig,
  JwtValidationActionAdditionalClaim,
  JwtValidationActionConfig,
} from '@aws-sdk/client-elastic-load-balancing-v2';
import type { ClientRequest } from '../listening/client-exchange';
import { readCookie } from './cookies';
import { readClaims } from './tokens';

/** The answer to a client that isn't known; headers are names and values in turn. */
export interface LoginDemand {
  readonly status: 302 | 401;
  readonly headers: readonly string[];
}

/** Gives what a client has to do first; undefined when the rule may route its request. */
export type Login = (request: Pick<ClientRequest, 'headers' | 'url'>, key: string) => LoginDemand | undefined;

export const sessionCookie = 'AWSELBAuthSessionCookie';

const unauthorized: LoginDemand = { status: 401, headers: [] };

/** Undefined when the actions ask for no login. */
export function loginOf(actions: readonly Action[]): Login | undefined {
  for (const { Type, AuthenticateOidcConfig: oidc, AuthenticateCognitoConfig: cognito, ...more } of actions) {
    if (Type === 'authenticate-oidc' && oidc !== undefined)
      return sessionLogin({ ...oidc, endpoint: oidc.AuthorizationEndpoint, clientId: oidc.ClientId });
    if (Type === 'authenticate-cognito' && cognito !== undefined)
      return sessionLogin({ ...cognito, endpoint: hostedLogin(cognito), clientId: cognito.UserPoolClientId });
    if (Type === 'jwt-validation' && more.JwtValidationConfig !== undefined)
      return tokenLogin(more.JwtValidationConfig);
  }
  return undefined;
}

/** https://docs.aws.amazon.com/cognito/latest/developerguide/authorization-endpoint.html */
function hostedLogin({ UserPoolArn: arn, UserPoolDomain: domain = '' }: AuthenticateCognitoActionConfig): string {
  const host = domain.includes('.') ? domain : `${domain}.auth.${arn?.split(':')[3]}.amazoncognito.com`;
  return `https://${host}/oauth2/authorize`;
}

/** What logins by OpenID Connect and by Cognito have in common. */
interface SessionLogin {
  readonly endpoint: string | undefined;
  readonly clientId: string | undefined;
  readonly SessionCookieName?: string | undefined;
  readonly Scope?: string | undefined;
  readonly OnUnauthenticatedRequest?: string | undefined;
  readonly AuthenticationRequestExtraParams?: Readonly<Record<string, string>> | undefined;
}

function sessionLogin(config: SessionLogin): Login {
  const cookie = `${config.SessionCookieName ?? sessionCookie}-0`;
  return ({ headers }, key) => {
    const session = readCookie(headers.cookie, cookie);
    if (session !== undefined && readClaims(session, key) !== undefined) return undefined;
    if (config.OnUnauthenticatedRequest === 'allow') return undefined;
    return config.OnUnauthenticatedRequest === 'deny' ? unauthorized : toProvider(config, headers.host ?? '');
  };
}

function toProvider(config: SessionLogin, host: string): LoginDemand {
  const location = new URL(config.endpoint ?? 'https://no-endpoint.invalid/');
  const query = {
    client_id: config.clientId ?? '',
    redirect_uri: `https://${host}/oauth2/idpresponse`,
    response_type: 'code',
    scope: config.Scope ?? 'openid',
    state: randomBytes(48).toString('base64url'),
    ...config.AuthenticationRequestExtraParams,
  };
  for (const [name, value] of Object.entries(query)) location.searchParams.set(name, value);
  const nonce = `AWSALBAuthNonce=${randomBytes(12).toString('base64url')}; Path=/; HttpOnly; Secure`;
  return { status: 302, headers: ['Location', location.href, 'Set-Cookie', nonce] };
}

function tokenLogin({ Issuer: issuer, AdditionalClaims: wanted = [] }: JwtValidationActionConfig): Login {
  return ({ headers }, key) => {
    const token = /^bearer ([\w.-]+)$/i.exec(headers.authorization ?? '')?.[1];
    const claims = token === undefined ? undefined : readClaims(token, key);
    const isGood = claims?.['iss'] === issuer && wanted.every((claim) => holds(claim, claims?.[claim.Name ?? '']));
    return claims !== undefined && isGood ? undefined : unauthorized;
  };
}

/** Whether a claim has one of the values that the rule wants. */
function holds({ Values: wanted = [], Format: format }: JwtValidationActionAdditionalClaim, value: unknown): boolean {
  const values = format === 'space-separated-values' && typeof value === 'string' ? value.split(' ') : [value].flat();
  return values.some((each) => typeof each === 'string' && wanted.includes(each));
}
