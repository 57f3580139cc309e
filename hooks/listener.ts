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
import { callRate } from './rate';
import { zoneSecrets, type IsSecret } from './secret';
import { checkFolders, zoneOf } from './zones';

export interface Log {
  readonly info: (facts: object, sentence: string) => void;
  readonly warn: (facts: object, sentence: string) => void;
}

export interface ListenerOptions {
  /** The settings as they are now: an edit of the file holds from the next call on. */
  readonly settings: () => Settings;
  readonly isSecret: IsSecret;
  readonly hookCalls: HookCalls;
  readonly log: Log;
}

/** The app that answers the requests; ports and certificates are the concern of the server that it runs in. */
export function hookListener(options: ListenerOptions): Hono {
  const { hooks } = options.settings();
  const [allowed, mayPass] = [allowedBy(hooks.allowedAddresses), callRate(hooks.requestsPerMinute)];
  const isOfZone = zoneSecrets((why) => options.log.warn({ why }, 'a zone takes no calls'));
  const app = new Hono();
  app.get('/healthz', (context) => text(context, 200, 'The listener runs.'));
  app.get('/readyz', async (context) => await ready(context, options));
  app.all('*', async (context) => {
    const address = getConnInfo(context).remote.address ?? '';
    const refusal = !allowed(address)
      ? ([403, 'This address may not call.'] as const)
      : !mayPass(address)
        ? ([429, 'Too many calls from this address.'] as const)
        : undefined;
    if (!refusal) return await answer(context, address, { ...options, isOfZone });
    options.log.warn({ address, status: refusal[0] }, 'call refused');
    return text(context, refusal[0], refusal[1]);
  });
  app.onError((error, context) => {
    options.log.warn({ error: error.name, status: 500 }, 'call failed');
    return text(context, 500, 'The listener could not take the call: its log says more.');
  });
  return app;
}

async function ready(context: Context, { hookCalls, settings }: ListenerOptions): Promise<Response> {
  try {
    settings();
    await hookCalls.check();
    return text(context, 200, 'Temporal answers.');
  } catch (error) {
    return text(context, 503, `Not ready: ${(error as Error).message}`);
  }
}

async function answer(
  context: Context,
  address: string,
  options: ListenerOptions & { readonly isOfZone: ReturnType<typeof zoneSecrets> },
): Promise<Response> {
  const { log, isSecret, settings, hookCalls } = options;
  const { pathname, searchParams: query } = new URL(context.req.url);
  const method = methodOf(pathname);
  const reply = (status: Status, sentence: string, facts: object = {}) => {
    log[status < 300 ? 'info' : 'warn']({ method, address, status, ...facts }, sentence);
    return text(context, status, sentence);
  };
  if (!method) return reply(404, `There is no such hook: the URL ends in ${Object.keys(hookMethods).join(', ')}.`);
  if (context.req.raw.method !== 'GET') return reply(405, 'A hook is called with GET.');
  try {
    const current = settings();
    const { secretParameter } = current.hooks;
    const given = single(query, secretParameter);
    const wrong = `The secret is missing or wrong: it belongs into the URL as &${secretParameter}=….`;
    const isOwn = Object.values(current.zones).some((zone) => options.isOfZone(zone, method)?.(given));
    // Nobody without any secret learns more than this; whose it must be is asked once the zone is known.
    if (!isOwn && !isSecret(given)) return reply(403, wrong);
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
