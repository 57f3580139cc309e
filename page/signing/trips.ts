/** Ways to the issuer and back: each belongs to one browser, is gone once, and knows what it was begun for. */
import { randomBytes } from 'node:crypto';
import type { Context } from 'hono';
import { deleteCookie, getCookie, setCookie } from 'hono/cookie';
import { Refused } from '../../client/errors';
import type { DashboardSettings } from '../../settings/dashboard/schema';
import type { ToBeSigned } from '../commands';
import { addressToSignIn, tokenFor } from './issuer';
import { personByToken } from './people';
import type { Session } from './sessions';

/** What is done once the issuer has said who somebody is. */
export type Purpose =
  { readonly kind: 'signIn' } | { readonly kind: 'approve'; readonly session: Session; readonly signed: ToBeSigned };

export interface Returned {
  readonly purpose: Purpose;
  readonly token: string;
  readonly person: { readonly name: string } | { readonly why: string };
}

export interface Trips {
  /** @param nonce what the token is to bear; default any. @returns where to send the browser. @throws {Refused} where there is no issuer */
  readonly begin: (context: Context, purpose: Purpose, nonce?: string) => Promise<string>;
  /** @returns `undefined` for what was not begun in this browser */
  readonly end: (context: Context) => Promise<Returned | undefined>;
}

const lastsMs = 10 * 60_000;
const mostTrips = 1_000;
const cookie = 'cutover-trip';
const path = '/dashboard';

const random = () => randomBytes(32).toString('base64url');

export function openTrips(settings: () => DashboardSettings, isSecure: () => boolean): Trips {
  const known = new Map<
    string,
    { readonly verifier: string; readonly nonce: string; readonly purpose: Purpose; readonly until: number }
  >();
  return {
    begin: async (context, purpose, nonce = random()) => {
      const { oidc, url } = settings();
      if (!oidc || url === undefined)
        throw new Refused(
          'It has to be signed, which the page can do with "dashboard.oidc" only: use "cutover approve --sign".',
        );
      const [state, verifier] = [random(), random()];
      const to = await addressToSignIn(oidc, url, { state, nonce, verifier });
      const [oldest] = known.keys();
      if (known.size >= mostTrips && oldest !== undefined) known.delete(oldest);
      known.set(state, { verifier, nonce, purpose, until: Date.now() + lastsMs });
      // The way back begins at the issuer, and so it has to come along from another site.
      setCookie(context, cookie, state, {
        httpOnly: true,
        sameSite: 'Lax',
        secure: isSecure(),
        path,
        maxAge: lastsMs / 1_000,
      });
      return to;
    },
    end: async (context) => {
      const { state = '', code = '', error } = context.req.query();
      const trip = getCookie(context, cookie) === state ? known.get(state) : undefined;
      known.delete(state);
      deleteCookie(context, cookie, { path, secure: isSecure() });
      const { oidc, url } = settings();
      if (!trip || trip.until < Date.now() || !oidc || url === undefined) return undefined;
      const { purpose, nonce, verifier } = trip;
      const nobody = (why: string): Returned => ({ purpose, token: '', person: { why } });
      if (error !== undefined) return nobody(`${oidc.issuer} did not sign you in: ${errorCode(error)}.`);
      try {
        const token = await tokenFor(oidc, url, { code, verifier });
        return { purpose, token, person: await personByToken(token, nonce, settings()) };
      } catch (failure) {
        if (failure instanceof Refused) return nobody(failure.message);
        throw failure;
      }
    },
  };
}

/** Codes are words such as `access_denied`: https://www.rfc-editor.org/rfc/rfc6749#section-4.1.2.1 */
const errorCode = (error: string) => (/^[\w.-]{1,50}$/.test(error) ? error : 'it did not say why');
