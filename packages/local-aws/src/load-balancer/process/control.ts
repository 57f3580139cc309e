/**
 * The control port: takes configurations, and reports targets' health and counts. configuration.ts has the contract. Every path
 * begins with the key (control-key.ts).
 */
import { once } from 'node:events';
import { type IncomingMessage, type Server, type ServerResponse, createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { afterKey, controlUrl } from '../../control-key';
import { refuseKey, refuseStranger } from '../../local-callers';
import type { CountReport, DataPlaneConfiguration, TargetReport } from '../configuration';
import type { ListenerError } from '../listening/listeners';

const longestWaitMs = 10_000;

export interface ControlHandlers {
  /** Resolves when the configuration is saved and its ports are open, to the errors of those that couldn't be opened. */
  configure(configuration: DataPlaneConfiguration): Promise<readonly ListenerError[]>;
  report(): TargetReport;
  /** The minutes from `since` on (milliseconds since the epoch). */
  counts(since: number): CountReport;
  /** Ends this process, gracefully or as a crash would; its supervisor starts it again. */
  end(how: ProxyEnd): void;
}

/** `crash` ends the process as `kill -9` would, `end` as SIGTERM would. */
export type ProxyEnd = 'crash' | 'end';

export interface Control {
  /** With the key. */
  readonly url: string;
  readonly port: number;
  /** To be called when the report has changed. */
  changed(): void;
  close(): Promise<void>;
}

/** @throws {Error} when the port can't be opened */
export async function startControl(
  { port, key }: { readonly port: number; readonly key: string },
  handlers: ControlHandlers,
): Promise<Control> {
  const waiting = new Set<() => void>();
  // The caller closes idle connections: one that was closed here just as it is used again would lose a configuration.
  const server = createServer({ keepAliveTimeout: 0 }, (request, response) => {
    respond(key, request, response, { handlers, waiting }).catch((error: unknown) => {
      if (!response.headersSent) sendJson(response, 400, { message: String(error) });
    });
  });
  server.listen(port, '127.0.0.1');
  await once(server, 'listening');
  const { port: actualPort } = server.address() as AddressInfo;
  return {
    url: controlUrl(actualPort, key),
    port: actualPort,
    changed() {
      for (const answer of waiting) answer();
    },
    close: () => closeServer(server),
  };
}

interface Serving {
  readonly handlers: ControlHandlers;
  readonly waiting: Set<() => void>;
}

async function respond(
  key: string,
  request: IncomingMessage,
  response: ServerResponse,
  serving: Serving,
): Promise<void> {
  if (refuseStranger(request, response)) return;
  const target = afterKey(request.url, key);
  if (target === undefined) return refuseKey(response);
  await answerControl(new URL(`http://localhost${target}`), request, response, serving);
}

async function answerControl(
  { pathname, searchParams }: URL,
  request: IncomingMessage,
  response: ServerResponse,
  { handlers, waiting }: Serving,
): Promise<void> {
  if (request.method === 'PUT' && pathname === '/configuration') {
    const configuration = JSON.parse(await text(request)) as DataPlaneConfiguration;
    sendJson(response, 200, { errors: await handlers.configure(configuration) });
  } else if (request.method === 'GET' && pathname === '/targets') {
    if (Number(searchParams.get('after')) === handlers.report().revision) await nextChange(response, waiting);
    sendJson(response, 200, handlers.report());
  } else if (request.method === 'GET' && pathname === '/counts') {
    sendJson(response, 200, handlers.counts(Number(searchParams.get('since'))));
  } else if (request.method === 'POST' && pathname === '/end') {
    response.once('finish', () => handlers.end(searchParams.get('how') === 'end' ? 'end' : 'crash'));
    sendJson(response, 200, {});
  } else {
    sendJson(response, 404, { message: `${request.method} ${pathname} is unknown here.` });
  }
}

/** Resolves at the next change, when the wait is over, or when the reader has gone away. */
function nextChange(response: ServerResponse, waiting: Set<() => void>): Promise<void> {
  return new Promise((resolve) => {
    const done = () => {
      waiting.delete(done);
      clearTimeout(timer);
      resolve();
    };
    const timer = setTimeout(done, longestWaitMs);
    waiting.add(done);
    response.once('close', done);
  });
}

function sendJson(response: ServerResponse, status: number, content: unknown): void {
  response.writeHead(status, { 'Content-Type': 'application/json' }).end(JSON.stringify(content));
}

async function closeServer(server: Server): Promise<void> {
  server.close();
  server.closeAllConnections();
  await once(server, 'close');
}
