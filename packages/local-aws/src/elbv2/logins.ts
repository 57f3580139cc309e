/**
 * Logging in without an identity provider, on the control port:
 * - `POST /logins` answers with the `cookie` of a session, for rules that let users log in, and a `token`, for rules that
 *   validate tokens. Its body is empty, or JSON with any of `cookieName` (default AWSELBAuthSessionCookie), `claims` of the
 *   token (`iss` has to be the rule's issuer) and `seconds` for which both hold (default a week).
 */
import { randomBytes } from 'node:crypto';
import { z } from 'zod';
import type { ControlRoute } from '../control';
import { sessionCookie } from '../load-balancer/routing/logins';
import { signClaims } from '../load-balancer/routing/tokens';
import type { Elbv2State } from './state';

const weekSeconds = 604_800;

const loginSchema = z.strictObject({
  cookieName: z
    .string()
    .regex(/^[\w-]+$/)
    .default(sessionCookie),
  claims: z.record(z.string(), z.unknown()).default({}),
  seconds: z.int().min(1).default(weekSeconds),
});

/** The key that sessions and tokens are signed with; made when there is none yet. */
export function loginKey(state: Elbv2State): string {
  state.loginKey ??= randomBytes(32).toString('base64url');
  return state.loginKey;
}

export function loginRoutes(state: Elbv2State, now: () => number): ControlRoute {
  return ({ method, url, body }) => {
    if (method !== 'POST' || url.pathname !== '/logins') return undefined;
    const asked = loginSchema.safeParse(body === '' ? {} : JSON.parse(body));
    if (!asked.success) throw new Error(`The login isn't valid: ${asked.error.issues[0]?.message}.`);
    const { cookieName, claims, seconds } = asked.data;
    const token = signClaims({ exp: Math.floor(now() / 1000) + seconds, ...claims }, loginKey(state));
    return { cookie: `${cookieName}-0=${token}`, token };
  };
}
