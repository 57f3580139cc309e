/**
 * The listeners' ports, on every node of their load balancer.
 *
 * Invariants: a port is open while its listener is configured. One that can't be opened is reported, and tried again until it
 * can be or is no longer wanted. A listener that is removed stops accepting; its requests in flight finish. A node that leaves
 * its load balancer does the same, but only a while later: DNS is remembered by clients.
 */
import { type IncomingMessage, type Server, type ServerResponse, createServer } from 'node:http';
import { Socket } from 'node:net';
import type { Balancer } from '../balancer';
import type { DataPlaneConfiguration, ListenerConfiguration } from '../configuration';
import { scaledAnswerMs } from '../time';
import { answerOnSocket } from './answers';
import { NodeAnswer } from './client-exchange';
import { type PlainConnections, type PlainService, createPlainConnections } from './plain-connections';
import { headerBytes } from './request-limits';
import { type Entrance, serve } from './serve';
import { serveUpgrade } from './upgrade';

const retryMs = 500;
/** How long a node serves that has left its load balancer: twice the time that its address may be remembered. */
const leavingSeconds = 120;
const leastLeavingMs = 5_000;

/** A listener whose port couldn't be opened. */
export interface ListenerError {
  readonly listenerArn: string;
  readonly message: string;
}

export interface Listeners {
  /** Opens and closes ports; resolves to the errors of those that couldn't be opened now. */
  follow(configuration: DataPlaneConfiguration): Promise<readonly ListenerError[]>;
  close(): Promise<void>;
}

/** A listener on one node. */
interface OpenListener {
  configuration: ListenerConfiguration;
  /** The node's address. */
  readonly address: string;
  readonly server: Server;
  /** The connections that Node's server doesn't have yet. */
  readonly plain: PlainConnections;
  /** Why it doesn't listen; undefined when it does. */
  error: string | undefined;
  retry: NodeJS.Timeout | undefined;
  /** Ends it when its node has left; undefined while that hasn't. */
  leaving: NodeJS.Timeout | undefined;
}

export function createListeners(balancer: Balancer): Listeners {
  const open = new Map<string, OpenListener>();

  async function start(configuration: ListenerConfiguration, address: string): Promise<void> {
    const listener: OpenListener = {
      configuration,
      address,
      server: createServer({ maxHeaderSize: headerBytes, connectionsCheckingInterval: 1_000 }),
      plain: createPlainConnections(),
      error: undefined,
      retry: undefined,
      leaving: undefined,
    };
    open.set(keyOf(configuration, address), listener);
    acceptRequests(listener, balancer);
    await tryPort(listener);
  }

  function stop({ configuration, address, server, plain, retry, leaving }: OpenListener): void {
    open.delete(keyOf(configuration, address));
    clearTimeout(retry);
    clearTimeout(leaving);
    server.close();
    server.closeIdleConnections();
    plain.close();
  }

  /** Closes what isn't wanted any more; a node that has left stays open for a while. */
  function closeOthers(
    wanted: ReadonlyMap<string, ListenerConfiguration>,
    { listeners, timeScale }: DataPlaneConfiguration,
  ) {
    const configured = new Map(listeners.map((listener) => [listener.arn, listener]));
    for (const [key, listener] of open) {
      const next = configured.get(listener.configuration.arn);
      if (next?.port !== listener.configuration.port || next.protocol !== listener.configuration.protocol)
        stop(listener);
      else if (!wanted.has(key)) {
        listener.leaving ??= setTimeout(
          () => stop(listener),
          scaledAnswerMs(leavingSeconds, timeScale, leastLeavingMs),
        );
        listener.leaving.unref();
      }
    }
  }

  async function openOrUpdate(configuration: ListenerConfiguration, address: string): Promise<void> {
    const listener = open.get(keyOf(configuration, address));
    if (listener === undefined) return await start(configuration, address);
    clearTimeout(listener.leaving);
    listener.leaving = undefined;
    listener.configuration = configuration;
    setTimeouts(listener, balancer);
  }

  return {
    async follow(next) {
      const places = next.listeners.flatMap((listener) =>
        nodesOf(listener, next).map(({ address }) => ({ listener, address })),
      );
      closeOthers(new Map(places.map(({ listener, address }) => [keyOf(listener, address), listener])), next);
      await Promise.all(places.map(({ listener, address }) => openOrUpdate(listener, address)));
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

const keyOf = ({ arn }: ListenerConfiguration, address: string): string => `${arn}|${address}`;

const nodesOf = ({ loadBalancerArn }: ListenerConfiguration, { loadBalancers }: DataPlaneConfiguration) =>
  loadBalancers.find(({ arn }) => arn === loadBalancerArn)?.nodes ?? [];

/** Resolves whether or not the port could be opened, and sets the listener's `error`. */
function tryPort(listener: OpenListener): Promise<void> {
  const { server, configuration, address } = listener;
  if (configuration.protocol !== 'HTTP') {
    listener.error = `This load balancer has no TLS: listener ${configuration.arn} (port ${configuration.port}) must be HTTP.`;
    return Promise.resolve();
  }
  return new Promise((resolve) => {
    const failed = (error: NodeJS.ErrnoException) => {
      const why = error.code === 'EADDRINUSE' ? 'is in use by another process' : `can't be opened (${error.message})`;
      listener.error = `Port ${configuration.port} on ${address} ${why}: stop what uses it, or give the listener another port.`;
      listener.retry = setTimeout(() => void tryPort(listener), retryMs);
      resolve();
    };
    server.once('error', failed);
    server.listen(configuration.port, address, 1024, () => {
      server.off('error', failed);
      server.on('error', () => undefined);
      listener.error = undefined;
      resolve();
    });
  });
}

function acceptRequests(listener: OpenListener, balancer: Balancer): void {
  const { server, plain } = listener;
  const settings = () => balancer.settings(listener.configuration);
  const entrance = (): Entrance => ({
    balancer,
    listenerArn: listener.configuration.arn,
    node: listener.address,
    settings: settings(),
  });
  setTimeouts(listener, balancer);
  const toServer = server.listeners('connection');
  server.removeAllListeners('connection');
  const service: PlainService = {
    idleTimeoutMs: () => settings().idleTimeoutMs,
    serve: (request, answer) => serve(request, answer, entrance()),
    handOver(socket) {
      for (const listen of toServer) listen.call(server, socket);
    },
  };
  server.on('connection', (socket: Socket) => plain.accept(socket, service));
  server.on('request', (request: IncomingMessage, response: ServerResponse) =>
    serve(request, new NodeAnswer(response), entrance(), hasBody(request) ? request : undefined),
  );
  server.on('upgrade', (request: IncomingMessage, socket, head: Buffer) => {
    if (socket instanceof Socket) serveUpgrade(request, socket, head, entrance());
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
