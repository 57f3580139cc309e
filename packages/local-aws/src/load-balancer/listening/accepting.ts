/** How a listener on one node takes connections, and the requests on them. */
import type { IncomingMessage, Server as HttpServer, ServerResponse } from 'node:http';
import type { Server as HttpsServer } from 'node:https';
import { Socket } from 'node:net';
import type { Balancer } from '../balancer';
import type { ListenerConfiguration } from '../configuration';
import { answerOnSocket } from './answers';
import type { ListenerTls } from './certificates';
import { NodeAnswer } from './client-exchange';
import type { PlainConnections, PlainService } from './plain-connections';
import { type Entrance, serve } from './serve';
import { serveUpgrade } from './upgrade';

export interface Accepting {
  configuration: ListenerConfiguration;
  /** The node's address. */
  readonly address: string;
  /** The availability zone that the node is in. */
  zone: string;
  readonly server: HttpServer | HttpsServer;
  /** What clients of an HTTPS listener are shown; undefined for HTTP. */
  tls: ListenerTls | undefined;
  /** The connections that Node's server doesn't have yet. */
  readonly plain: PlainConnections;
}

export function acceptRequests(listener: Accepting, balancer: Balancer): void {
  const { server, plain } = listener;
  const settings = () => balancer.settings(listener.configuration);
  const entrance = (): Entrance => ({
    balancer,
    listenerArn: listener.configuration.arn,
    node: listener.address,
    zone: listener.zone,
    settings: settings(),
  });
  setTimeouts(listener, balancer);
  if ('setSecureContext' in server && listener.tls !== undefined) server.setSecureContext(listener.tls.options);
  const connected = listener.configuration.protocol === 'HTTP' ? 'connection' : 'secureConnection';
  const toServer = server.listeners(connected);
  server.removeAllListeners(connected);
  const service: PlainService = {
    idleTimeoutMs: () => settings().idleTimeoutMs,
    serve: (request, answer) => serve(request, answer, entrance()),
    handOver(socket) {
      for (const listen of toServer) listen.call(server, socket);
    },
  };
  server.on(connected, (socket: Socket) => plain.accept(socket, service));
  server.on('request', (request: IncomingMessage, response: ServerResponse) =>
    serve(request, new NodeAnswer(response), entrance(), hasBody(request) ? request : undefined),
  );
  server.on('upgrade', (request: IncomingMessage, socket, head: Buffer) => {
    if (socket instanceof Socket) serveUpgrade(request, socket, head, entrance());
  });
  server.on('clientError', (error: NodeJS.ErrnoException, socket) => {
    if (/^(ECONNRESET|ERR_SSL|ERR_TLS)/.test(error.code ?? '')) socket.destroy();
    else {
      settings().tally().refused(400);
      answerOnSocket(socket, error.code === 'ERR_HTTP_REQUEST_TIMEOUT' ? 408 : 400);
    }
  });
}

/** https://docs.aws.amazon.com/elasticloadbalancing/latest/application/edit-load-balancer-attributes.html#connection-idle-timeout */
export function setTimeouts({ server, configuration }: Accepting, balancer: Balancer): void {
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
