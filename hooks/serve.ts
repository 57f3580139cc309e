/** `cutover hooks`: the listener on a port, until a signal stops it. */
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { getRequestListener } from '@hono/node-server';
import type { Hono } from 'hono';
import pino from 'pino';
import { settingsReader } from '../settings/load';
import { lastGood } from '../settings/files/reread';
import type { Settings } from '../settings/schema';
import { exposure } from '../settings/hooks';
import { temporalConfiguration } from '../temporal/configuration';
import { startTracing } from '../temporal/tracing';
import { logDestination } from '../terminal/log';
import { endThoughConnecting } from '../temporal/connection';
import { hookListener } from './listener';
import { temporalHookCalls } from './hook-calls';
import type { Log } from './quiet-log';
import { loadSecret } from './secret';
import { closeInOrder, createHookServer } from './server';

export interface ServeOptions {
  /** The settings file. */
  readonly settings: string;
  readonly host?: string;
  readonly port?: number;
  readonly openPage?: OpenPage;
}

/** Makes the page that is shown at the same port, below `/dashboard/`, where the settings say so. */
export type OpenPage = (options: {
  readonly settings: () => Settings;
  readonly log: Log;
  readonly tls: boolean;
}) => Promise<{
  readonly app: Pick<Hono, 'fetch'>;
  readonly endStreams: () => void;
  /** Once nothing is asked of it any more. */
  readonly close: () => Promise<void>;
}>;

/**
 * Runs until SIGTERM or SIGINT.
 * @throws {Error} of one sentence when the listener can't start
 */
export async function serveHooks({ settings: file, openPage, ...options }: ServeOptions): Promise<void> {
  const log: Log = pino({ base: null, timestamp: pino.stdTimeFunctions.isoTime }, logDestination(1));
  const settings = usableSettings(file, log);
  const { hooks, temporal, dashboard } = settings();
  const isSecret = loadSecret(hooks, process.env);
  const tracing = await startTracing('hooks');
  const hookCalls = temporalHookCalls({ ...(await temporalConfiguration(temporal)), interceptors: tracing.client });
  const page = dashboard.atHooks ? await openPage?.({ settings, log, tls: hooks.tls !== undefined }) : undefined;
  const app = hookListener({ settings, isSecret, hookCalls, log, ...(page && { page: page.app }) });
  const answer = getRequestListener(app.fetch);
  const server = createHookServer(
    hooks,
    (request, reply) => void answer(request, reply),
    (why) => log.warn({ why }, 'the certificate can not be read: that from before holds'),
  );
  const told = stopped();
  server.listen(options.port ?? hooks.port, options.host ?? hooks.host);
  await once(server, 'listening');
  const { address, port } = server.address() as AddressInfo;
  const open = exposure(hooks, address);
  if (open !== undefined) log.warn({ host: address }, open);
  if (hooks.withoutSecret)
    log.warn({ host: address }, 'ANYBODY WHO REACHES THIS PORT MAY DEPLOY: hooks.withoutSecret asks for no secret.');
  log.info(
    { host: address, port, tls: hooks.tls !== undefined, clients: hooks.tls?.clientCaFile !== undefined },
    'listening',
  );
  // A Temporal that is away takes its seconds to say so: nobody waits for that.
  void hookCalls.check().catch((error: Error) => log.warn({ why: error.message }, 'Temporal does not answer yet'));
  await told;
  log.info({}, 'stopping');
  page?.endStreams();
  await closeInOrder(server);
  await page?.close();
  await hookCalls.close();
  await tracing.close();
  endThoughConnecting();
}

/** The settings as they are now; a file that can't be used any more leaves those from before, and that is told once. */
const usableSettings = (file: string, log: Log): (() => Settings) =>
  lastGood(settingsReader(file), ({ message: why }) =>
    log.warn({ why }, 'the settings can not be read: those from before hold'),
  );

const stopped = async (): Promise<void> => {
  await Promise.race([once(process, 'SIGTERM'), once(process, 'SIGINT')]);
};
