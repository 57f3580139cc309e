/**
 * The listeners' ports, on every node of their load balancer.
 *
 * Invariants: a port is open while its listener is configured. One that can't be opened is reported, and tried again until it
 * can be or is no longer wanted. A listener that is removed stops accepting; its requests in flight finish. A node that leaves
 * its load balancer does the same, but only a while later: DNS is remembered by clients.
 */
import { createServer } from 'node:http';
import { createServer as createHttpsServer } from 'node:https';
import { isDeepStrictEqual } from 'node:util';
import type { Balancer } from '../balancer';
import type { DataPlaneConfiguration, ListenerConfiguration, NodeConfiguration } from '../configuration';
import { scaledAnswerMs } from '../time';
import { type Accepting, acceptRequests, setTimeouts } from './accepting';
import { type ListenerTls, tlsOf } from './certificates';
import { createPlainConnections } from './plain-connections';
import { headerBytes } from './request-limits';

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
interface OpenListener extends Accepting {
  /** Why it doesn't listen; undefined when it does. */
  error: string | undefined;
  retry: NodeJS.Timeout | undefined;
  /** Ends it when its node has left; undefined while that hasn't. */
  leaving: NodeJS.Timeout | undefined;
}

export function createListeners(balancer: Balancer): Listeners {
  const open = new Map<string, OpenListener>();

  async function start(configuration: ListenerConfiguration, { address, zone }: NodeConfiguration): Promise<void> {
    const listener: OpenListener = {
      configuration,
      address,
      zone,
      server: createServerOf(configuration, () => listener.tls),
      tls: tlsOf(configuration),
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

  async function openOrUpdate(configuration: ListenerConfiguration, node: NodeConfiguration): Promise<void> {
    const listener = open.get(keyOf(configuration, node.address));
    if (listener === undefined) return await start(configuration, node);
    listener.zone = node.zone;
    clearTimeout(listener.leaving);
    listener.leaving = undefined;
    followTls(listener, configuration);
    listener.configuration = configuration;
    setTimeouts(listener, balancer);
  }

  return {
    async follow(next) {
      const places = next.listeners.flatMap((listener) => nodesOf(listener, next).map((node) => ({ listener, node })));
      closeOthers(new Map(places.map(({ listener, node }) => [keyOf(listener, node.address), listener])), next);
      await Promise.all(places.map(({ listener, node }) => openOrUpdate(listener, node)));
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

/** @param tls the listener's TLS at the time of a connection; an ALB speaks HTTP/2 too, this one doesn't */
function createServerOf({ protocol }: ListenerConfiguration, tls: () => ListenerTls | undefined) {
  const options = { maxHeaderSize: headerBytes, connectionsCheckingInterval: 1_000 };
  if (protocol === 'HTTP') return createServer(options);
  return createHttpsServer({
    ...options,
    ALPNProtocols: ['http/1.1'],
    SNICallback: (name, done) => done(null, tls()?.contextFor(name)),
  });
}

/** New connections are shown the certificates that the listener has now. */
function followTls(listener: OpenListener, next: ListenerConfiguration): void {
  const { configuration: before, server } = listener;
  if (!('setSecureContext' in server)) return;
  const isSame = isDeepStrictEqual([before.certificates, before.sslPolicy], [next.certificates, next.sslPolicy]);
  if (isSame && listener.tls !== undefined) return;
  listener.tls = tlsOf(next);
  if (listener.tls !== undefined) server.setSecureContext(listener.tls.options);
}

/** Resolves whether or not the port could be opened, and sets the listener's `error`. */
function tryPort(listener: OpenListener): Promise<void> {
  const { server, configuration, address } = listener;
  if (configuration.protocol === 'HTTPS' && listener.tls === undefined) {
    listener.error = `Listener ${configuration.arn} (port ${configuration.port}) has no certificate that is known here.`;
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
