/**
 * Who may talk to the page at all: a browser that opened it under one of its own names, and no page of anybody else's. What it
 * gets may run no script, show no frame and ask nobody but the page itself.
 */
import type { Context, MiddlewareHandler } from 'hono';
import type { DashboardSettings } from '../settings/dashboard/schema';

type Named = Pick<DashboardSettings, 'url' | 'host'>;

const policy = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self'",
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ');

const headers: Readonly<Record<string, string>> = {
  'content-security-policy': policy,
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
  'referrer-policy': 'no-referrer',
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
  'cache-control': 'no-store',
};

/** @param settings as they are now */
export const guard =
  (settings: () => Named): MiddlewareHandler =>
  async (context, next) => {
    const refused = refusal(context, settings());
    if (refused === undefined) await next();
    else context.res = context.json({ error: refused }, 403);
    for (const [name, value] of Object.entries(headers)) context.res.headers.set(name, value);
  };

/** Why a request isn't answered, a sentence. */
function refusal({ req }: Context, named: Named): string | undefined {
  const host = req.header('host') ?? '';
  // A name that leads here today may have led elsewhere a minute ago: DNS rebinding.
  if (!isOwn(host, named)) return 'The page is not shown under this name: put it into "dashboard.url" of the settings.';
  const origin = req.header('origin');
  const site = req.header('sec-fetch-site');
  if (origin !== undefined ? !isOf(origin, host, named) : site === 'cross-site' && req.method !== 'GET') return foreign;
  if (req.method === 'GET' || req.method === 'HEAD') return undefined;
  // Every browser says where a command comes from, and asks before it sends JSON to another origin.
  if (origin === undefined && site !== 'same-origin') return foreign;
  return /^application\/json\b/.test(req.header('content-type') ?? '') ? undefined : 'Commands are JSON.';
}

const foreign = 'Another page may not ask.';
const thisMachine = /^(?:localhost|127\.0\.0\.1|\[::1\])(?::\d+)?$/i;

const isOwn = (host: string, { url, host: listensAt }: Named): boolean =>
  thisMachine.test(host) ||
  host.toLowerCase() === (url && new URL(url).host) ||
  // An address is nobody's name.
  (/^[\d.]+$/.test(listensAt) && listensAt !== '0.0.0.0' && host.replace(/:\d+$/, '') === listensAt);

function isOf(origin: string, host: string, { url }: Named): boolean {
  if (url !== undefined && new URL(url).host === host.toLowerCase()) return origin === url;
  return origin === `http://${host}` || origin === `https://${host}`;
}
