/**
 * The listeners' ports. Every accepted connection belongs to one of the load balancer's nodes until it ends.
 *
 * Invariants: a port is open while its listener is configured. One that can't be opened is reported, and tried again until it
 * can be or is no longer wanted. A listener that is removed stops accepting; its requests in flight finish.
 */
import { type IncomingMessage, type Server, type ServerResponse, createServer } from 'node:http';
import { Socket } from 'node:net';
import type { Balancer } from '../balancer';
import type { ListenerConfiguration } from '../configuration';
import { answerOnSocket } from './answers';
import { type ClientRequest, NodeAnswer } from './client-exchange';
import { type PlainConnections, type PlainService, createPlainConnections } from './plain-connections';
import { headerBytes } from './request-limits';
import { type Entrance, serve } from './serve';
import { serveUpgrade } from './upgrade';

const retryMs = 500;
const loopback = '127.0.0.1';

/** A listener whose port couldn't be opened. */
export interface ListenerError {
  readonly listenerArn: string;
  readonly message: string;
}

export interface Listeners {
  /** Opens and closes ports; resolves to the errors of those that couldn't be opened now. */
  follow(listeners: readonly ListenerConfiguration[]): Promise<readonly ListenerError[]>;
  close(): Promise<void>;
}

interface OpenListener {
  configuration: ListenerConfiguration;
  readonly server: Server;
  /** The connections that Node's server doesn't have yet. */
  readonly plain: PlainConnections;
  /** Why it doesn't listen; undefined when it does. */
  error: string | undefined;
  retry: NodeJS.Timeout | undefined;
}

export function createListeners(balancer: Balancer): Listeners {
  const open = new Map<string, OpenListener>();

  async function start(configuration: ListenerConfiguration): Promise<void> {
    const listener: OpenListener = {
      configuration,
      server: createServer({ maxHeaderSize: headerBytes, connectionsCheckingInterval: 1_000 }),
      plain: createPlainConnections(),
      error: undefined,
      retry: undefined,
    };
    open.set(configuration.arn, listener);
    acceptRequests(listener, balancer);
    await tryPort(listener);
  }

  function stop({ configuration, server, plain, retry }: OpenListener): void {
    open.delete(configuration.arn);
    clearTimeout(retry);
    server.close();
    server.closeIdleConnections();
    plain.close();
  }

  return {
    async follow(listeners) {
      const wanted = new Map(listeners.map((listener) => [listener.arn, listener]));
      for (const listener of open.values()) {
        const next = wanted.get(listener.configuration.arn);
        if (next?.port !== listener.configuration.port || next.protocol !== listener.configuration.protocol)
          stop(listener);
      }
      for (const configuration of listeners) {
        const listener = open.get(configuration.arn);
        if (listener === undefined) await start(configuration);
        else {
          listener.configuration = configuration;
          setTimeouts(listener, balancer);
        }
      }
      return [...open.values()].flatMap(({ configuration: { arn }, error }) =>
        error === undefined ? [] : [{ listenerArn: arn, message: error }],
      );
    },
    async close() {
      const closing = [...open.values()].map(async (listener) => {
        stop(listener);
        listener.server.closeAllConnections();
        listener.plain.destroy();
      });
      await Promise.all(closing);
    },
  };
}

/** Resolves whether or not the port could be opened, and sets the listener's `error`. */
function tryPort(listener: OpenListener): Promise<void> {
  const { server, configuration } = listener;
  if (configuration.protocol !== 'HTTP') {
    listener.error = `This load balancer has no TLS: listener ${configuration.arn} (port ${configuration.port}) must be HTTP.`;
    return Promise.resolve();
  }
  return new Promise((resolve) => {
    const failed = (error: NodeJS.ErrnoException) => {
      const why = error.code === 'EADDRINUSE' ? 'is in use by another process' : `can't be opened (${error.message})`;
      listener.error = `Port ${configuration.port} on ${loopback} ${why}: stop what uses it, or give the listener another port.`;
      listener.retry = setTimeout(() => void tryPort(listener), retryMs);
      resolve();
    };
    server.once('error', failed);
    server.listen(configuration.port, loopback, 1024, () => {
      server.off('error', failed);
      server.on('error', () => undefined);
      listener.error = undefined;
      resolve();
    });
  });
}

function acceptRequests(listener: OpenListener, balancer: Balancer): void {
  const { server, plain } = listener;
  const nodes = new WeakMap<object, number>();
  let nextNode = 0;
  const settings = () => balancer.settings(listener.configuration);
  const entrance = ({ socket }: ClientRequest): Entrance => ({
    balancer,
    listenerArn: listener.configuration.arn,
    node: nodes.get(socket) ?? 0,
    settings: settings(),
  });
  setTimeouts(listener, balancer);
  const toServer = server.listeners('connection');
  server.removeAllListeners('connection');
  const service: PlainService = {
    idleTimeoutMs: () => settings().idleTimeoutMs,
    serve: (request, answer) => serve(request, answer, entrance(request)),
    handOver(socket) {
      for (const listen of toServer) listen.call(server, socket);
    },
  };
  server.on('connection', (socket: Socket) => {
    nodes.set(socket, nextNode);
    nextNode = (nextNode + 1) % balancer.nodeCount;
    plain.accept(socket, service);
  });
  server.on('request', (request: IncomingMessage, response: ServerResponse) =>
    serve(request, new NodeAnswer(response), entrance(request), hasBody(request) ? request : undefined),
  );
  server.on('upgrade', (request: IncomingMessage, socket, head: Buffer) => {
    if (socket instanceof Socket) serveUpgrade(request, socket, head, entrance(request));
  });
  server.on('clientError', (error: NodeJS.ErrnoException, socket) => {
    if (error.code === 'ECONNRESET') socket.destroy();
    else {
      settings().tally().refused(400);
      answerOnSocket(socket, error.code === 'ERR_HTTP_REQUEST_TIMEOUT' ? 408 : 400);
    }
  });
}

/** https://docs.aws.amazon.com/elasticloadbalancing/latest/application/edit-load-balancer-attributes.html#connection-idle-timeout */
function setTimeouts({ server, configuration }: OpenListener, balancer: Balancer): void {
  const { idleTimeoutMs } = balancer.settings(configuration);
  server.timeout = idleTimeoutMs;
  server.keepAliveTimeout = idleTimeoutMs;
  server.headersTimeout = idleTimeoutMs;
  server.requestTimeout = 0;
}

function hasBody({ headers }: IncomingMessage): boolean {
  const { 'content-length': length, 'transfer-encoding': encoding } = headers;
  return encoding !== undefined || (length !== undefined && length !== '0');
}
