/** `cutover dashboard`: the page on a port, until a signal stops it; and the page for a listener that has a port already. */
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { getRequestListener } from '@hono/node-server';
import pino from 'pino';
import { closeInOrder, createHookServer } from '../hooks/server';
import { lastGood } from '../settings/files/reread';
import { settingsReader } from '../settings/load';
import type { Settings } from '../settings/schema';
import { logDestination } from '../terminal/log';
import { endThoughConnecting } from '../temporal/connection';
import { openConnection } from './connect';
import type { PageOptions } from './options';
import { createPage } from './page';

export interface ServeOptions {
  /** The settings file. */
  readonly settings: string;
  readonly host?: string;
  readonly port?: number;
  /** Hears where it is once it can be opened. */
  readonly say: (address: string) => void;
}

/** Runs until SIGTERM or SIGINT. @throws {Error} of one sentence when it can't start */
export async function serveDashboard({ settings: file, say, ...options }: ServeOptions): Promise<void> {
  const log = pino({ base: null, timestamp: pino.stdTimeFunctions.isoTime }, logDestination(2));
  const settings = lastGood(settingsReader(file), ({ message: why }) =>
    log.warn({ why }, 'the settings can not be read: those from before hold'),
  );
  const { dashboard } = settings();
  const page = pageFor({ settings, log, tls: dashboard.tls !== undefined });
  const answer = getRequestListener(async (request, env) =>
    new URL(request.url).pathname === '/'
      ? new Response(null, { status: 302, headers: { location: '/dashboard/' } })
      : await page.app.fetch(request, env),
  );
  const server = createHookServer(
    dashboard,
    (request, reply) => void answer(request, reply),
    (why) => log.warn({ why }, 'the certificate can not be read: that from before holds'),
  );
  server.listen(options.port ?? dashboard.port, options.host ?? dashboard.host);
  await once(server, 'listening');
  const { address, port } = server.address() as AddressInfo;
  if (!/^(?:127\.|::1$)/.test(address) && dashboard.tls === undefined)
    log.warn(
      { host: address },
      'EVERYBODY WHO REACHES THIS PORT MAY READ, AND TOKENS TRAVEL IN CLEAR TEXT: set dashboard.tls, or let it listen on 127.0.0.1 behind something that ends TLS.',
    );
  say(`${dashboard.tls ? 'https' : 'http'}://${address.includes(':') ? `[${address}]` : address}:${port}/dashboard/`);
  await Promise.race([once(process, 'SIGTERM'), once(process, 'SIGINT')]);
  page.endStreams();
  await closeInOrder(server);
  await page.close();
  endThoughConnecting();
}

/** With a connection to Temporal of its own. */
export function pageFor(options: Omit<PageOptions, 'deployments'> & { readonly settings: () => Settings }) {
  const connection = openConnection(options.settings);
  const { app, close } = createPage({ ...options, deployments: connection.deployments });
  return { app, endStreams: close, close: connection.close };
}
