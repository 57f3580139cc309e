/**
 * The platform's four hooks over HTTP: `GET /<anything>/<MethodName>?…`. A call is checked as a whole before its workflow is
 * started. 2xx means that the call is safe in Temporal; any other answer means that nothing was started.
 *
 * No URL and no unchecked parameter gets into a log or an answer, because the secret is in the URL.
 */
import { getConnInfo } from '@hono/node-server/conninfo';
import { Hono, type Context } from 'hono';
import { allowedBy } from '../settings/hooks';
import type { Settings } from '../settings/schema';
import { hookMethods, type HookMethod } from '../contract/hook-calls';
import { NotStarted, type HookCalls } from './hook-calls';
import { BadCall, parseCall, single } from './parameters';
import { quietly, type Log, type QuietLog } from './quiet-log';
import { callRate } from './rate';
import { readiness } from './readiness';
import { zoneSecrets, type IsSecret } from './secret';
import { checkFolders, zoneOf } from './zones';

export interface ListenerOptions {
  /** The settings as they are now: an edit of the file holds from the next call on. */
  readonly settings: () => Settings;
  readonly isSecret: IsSecret;
  readonly hookCalls: HookCalls;
  readonly log: Log;
  /** What answers below `/dashboard`, and asks for no secret of the platform's. Default: nothing. */
  readonly page?: Pick<Hono, 'fetch'>;
}

/** The app that answers the requests; ports and certificates are the concern of the server that it runs in. */
export function hookListener(options: ListenerOptions): Hono {
  const isAllowed = allowList(options);
  const mayPass = { right: callRate(), wrong: callRate() };
  const isOfZone = zoneSecrets((why) => options.log.warn({ why }, 'a zone takes no calls'));
  const log = quietly(options.log);
  const ready = readiness(options);
  const app = new Hono();
  app.get('/healthz', (context) => text(context, 200, 'The listener runs.'));
  app.get('/readyz', async (context) => {
    const isReady = await ready();
    return text(context, isReady ? 200 : 503, isReady ? 'Temporal answers.' : 'Not ready: the log says why.');
  });
  const { page } = options;
  if (page)
    for (const path of ['/dashboard', '/dashboard/*'])
      app.all(path, async (context) =>
        isAllowed(getConnInfo(context).remote.address ?? '')
          ? await page.fetch(context.req.raw, context.env)
          : text(context, 403, 'This address may not call.'),
      );
  app.all('*', async (context) => {
    const address = getConnInfo(context).remote.address ?? '';
    const refuse = (status: 403 | 429, sentence: string) => {
      log.refused(address, { status }, 'call refused');
      return text(context, status, sentence);
    };
    if (!isAllowed(address)) return refuse(403, 'This address may not call.');
    const { requestsPerMinute } = options.settings().hooks;
    // Whoever has a secret isn't kept out by those who haven't, although a proxy gives them all one address.
    const kind = knows(context, { ...options, isOfZone }) ? 'right' : 'wrong';
    if (!mayPass[kind](address, requestsPerMinute)) return refuse(429, 'Too many calls from this address.');
    return await answer(context, address, { ...options, isOfZone, log });
  });
  app.onError((error, context) => {
    options.log.warn({ error: error.name, why: error.message, stack: error.stack, status: 500 }, 'call failed');
    return text(context, 500, 'The listener could not take the call: its log says more.');
  });
  return app;
}

/** The allow-list as the settings have it now. */
function allowList({ settings }: ListenerOptions): (address: string) => boolean {
  let known: { readonly ranges: readonly string[]; readonly allows: (address: string) => boolean } | undefined;
  return (address) => {
    const ranges = settings().hooks.allowedAddresses;
    if (known?.ranges !== ranges) known = { ranges, allows: allowedBy(ranges) };
    return known.allows(address);
  };
}

type Knowing = Pick<ListenerOptions, 'settings' | 'isSecret'> & { readonly isOfZone: ReturnType<typeof zoneSecrets> };

/** Whether a call has a secret of anybody's; whose it must be is asked once its zone is known. */
function knows(context: Context, { settings, isSecret, isOfZone }: Knowing): boolean {
  const { pathname, searchParams: query } = new URL(context.req.url);
  const method = methodOf(pathname);
  if (!method) return false;
  const { hooks, zones } = settings();
  const [given, ...more] = query.getAll(hooks.secretParameter);
  if (more.length > 0) return false;
  const isOwn = Object.values(zones).some((zone) => isOfZone(zone, method)?.(given));
  return isOwn || isSecret(given);
}

async function answer(
  context: Context,
  address: string,
  options: Omit<ListenerOptions, 'log'> & Knowing & { readonly log: QuietLog },
): Promise<Response> {
  const { log, isSecret, settings, hookCalls } = options;
  const { pathname, searchParams: query } = new URL(context.req.url);
  const method = methodOf(pathname);
  const reply = (status: Status, sentence: string, facts: object = {}) => {
    if (status < 300) log.info({ method, address, status, ...facts }, sentence);
    else log.refused(address, { method, status, ...facts }, sentence);
    return text(context, status, sentence);
  };
  if (!method) return reply(404, `There is no such hook: the URL ends in ${Object.keys(hookMethods).join(', ')}.`);
  if (context.req.raw.method !== 'GET') return reply(405, 'A hook is called with GET.');
  try {
    const current = settings();
    const { secretParameter } = current.hooks;
    const given = single(query, secretParameter);
    const wrong = `The secret is missing or wrong: it belongs into the URL as &${secretParameter}=….`;
    // Nobody without any secret learns more than this; whose it must be is asked once the zone is known.
    if (!knows(context, options)) return reply(403, wrong);
    const call = parseCall(query);
    if (!call) return reply(200, 'The listener answers. No Address was given: this was a test, nothing was started.');
    const { applicationName, applicationKey, operationId, modules } = call;
    const facts = { application: applicationName, key: applicationKey, operation: operationId };
    const zone = zoneOf(current, call, single(query, 'zone'));
    const settingsOfZone = current.zones[zone];
    const holds = (settingsOfZone && options.isOfZone(settingsOfZone, method)) ?? isSecret;
    if (!holds(given)) return reply(403, wrong, facts);
    const folders = settingsOfZone?.folders;
    if (!folders) return reply(503, `The zone ${zone} has no "folders" in the settings: add them.`, facts);
    checkFolders(method, call, zone, folders);
    const request = { zone, applicationName, applicationKey, operationId, calledAt: new Date().toISOString() };
    const { workflowId } = await hookCalls.start(method, { ...request, ...(modules && { modules: [...modules] }) });
    return reply(202, `${hookMethods[method].step} of this application has started.`, { zone, workflowId, ...facts });
  } catch (error) {
    if (error instanceof BadCall) return reply(400, error.message);
    if (error instanceof NotStarted)
      return reply(503, `Nothing was started, for Temporal can't be reached: ${error.message}. Call again.`);
    throw error;
  }
}

/** The platform's URLs end in the method's name, after one other segment or more. */
function methodOf(pathname: string): HookMethod | undefined {
  const [, last = ''] = /^\/[^/]+(?:\/[^/]+)*?\/([A-Za-z]+)\/?$/.exec(pathname) ?? [];
  return (Object.keys(hookMethods) as HookMethod[]).find((name) => name.toLowerCase() === last.toLowerCase());
}

type Status = 200 | 202 | 400 | 403 | 404 | 405 | 429 | 500 | 503;

const text = (context: Context, status: Status, sentence: string) =>
  context.text(`${sentence}\n`, status, { 'cache-control': 'no-store', 'x-content-type-options': 'nosniff' });
