/** Who has signed in: a cookie that no script reads and no other site sends leads to a name that was proven. */
import { randomBytes } from 'node:crypto';
import type { Context } from 'hono';
import { deleteCookie, getCookie, setCookie } from 'hono/cookie';

export interface Session {
  /** The name in the settings. */
  readonly name: string;
  readonly until: number;
  /** What came of what was begun at the issuer. */
  notice: string | null;
}

export interface Sessions {
  readonly of: (context: Context) => Session | undefined;
  readonly begin: (context: Context, name: string) => Session;
  readonly end: (context: Context) => void;
}

const lastsMs = 12 * 60 * 60_000;
const mostSessions = 1_000;

/** @param isSecure whether the page is reached by https. They are kept in this process, and end with it. */
export function openSessions(isSecure: () => boolean, isKnown: (name: string) => boolean): Sessions {
  const known = new Map<string, Session>();
  return {
    of: (context) => {
      const found = known.get(getCookie(context, cookieName(isSecure())) ?? '');
      return found && found.until > Date.now() && isKnown(found.name) ? found : undefined;
    },
    begin: (context, name) => {
      const id = randomBytes(32).toString('base64url');
      const session = { name, until: Date.now() + lastsMs, notice: null };
      const [oldest] = known.keys();
      if (known.size >= mostSessions && oldest !== undefined) known.delete(oldest);
      known.set(id, session);
      const attributes = {
        httpOnly: true,
        sameSite: 'Strict',
        secure: isSecure(),
        path: '/',
        maxAge: lastsMs / 1_000,
      } as const;
      setCookie(context, cookieName(isSecure()), id, attributes);
      return session;
    },
    end: (context) => {
      known.delete(getCookie(context, cookieName(isSecure())) ?? '');
      deleteCookie(context, cookieName(isSecure()), { path: '/', secure: isSecure() });
    },
  };
}

/** The prefix binds it to this host: https://developer.mozilla.org/en-US/docs/Web/HTTP/Reference/Headers/Set-Cookie#cookie_prefixes */
const cookieName = (isSecure: boolean) => (isSecure ? '__Host-cutover' : 'cutover');
