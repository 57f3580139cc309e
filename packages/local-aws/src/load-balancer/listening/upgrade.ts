/**
 * WebSockets: an upgrade is routed like any request; from then on bytes pass both ways until either side ends it, the
 * connection is idle for too long, or the target's deregistration delay is over.
 * https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-listeners.html
 *
 * An offer to change to any other protocol is ignored: the request goes on without it.
 */
import { type ClientRequest, type IncomingMessage, request as httpRequest } from 'node:http';
import { request as httpsRequest } from 'node:https';
import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import type { Tally } from '../counts';
import type { Exchange, Target } from '../targets/target';
import { type OwnStatus, answerOnSocket, headerLines } from './answers';
import { requestHeaders, withoutHopByHop } from './forwarded-headers';
import { refusal } from './request-limits';
import { requestFacts } from './request-facts';
import { type Entrance, findDestination, findRule, rewritten } from './serve';

/** Serves a request for an upgrade. `head` is what the client sent right after it. */
export function serveUpgrade(request: IncomingMessage, client: Socket, head: Buffer, entrance: Entrance): void {
  client.on('error', () => client.destroy());
  const { settings } = entrance;
  const refuse = (status: OwnStatus, headers?: readonly string[]) => {
    settings.tally().refused(status);
    answerOnSocket(client, status, headers);
  };
  const refused = refusal(request);
  if (refused !== undefined) return refuse(refused);
  const facts = requestFacts(request);
  const rule = findRule(facts, entrance);
  const demand = rule?.login?.(request, entrance.balancer.loginKey);
  if (demand !== undefined) return refuse(demand.status, demand.headers);
  if (rule?.action.kind !== 'forward') return refuse(503);
  const destination = findDestination(rule.action, request, entrance);
  if (destination === undefined) return refuse(503);
  const outgoing = rewritten(rule, request, facts);
  if (outgoing === undefined) return refuse(500);
  const headers = requestHeaders(request, settings.headers, outgoing.host);
  if (isWebSocket(request)) headers.push('Connection', 'Upgrade', 'Upgrade', 'websocket');
  else headers.push('Connection', 'close');
  const { group, target } = destination;
  const tally = settings.tally(group.configuration.arn);
  tally.chosen();
  const { address: host, port } = target;
  const asked = { host, port, method: request.method, path: outgoing.url, headers, agent: false };
  const upstream = target.secure ? httpsRequest({ ...asked, rejectUnauthorized: false }) : httpRequest(asked);
  upstream.setTimeout(settings.idleTimeoutMs, () => upstream.destroy(new Error('idle')));
  join({ client, upstream, head, target, tally, idleTimeoutMs: settings.idleTimeoutMs });
  upstream.end();
}

function isWebSocket({ headers }: IncomingMessage): boolean {
  return headers.upgrade?.toLowerCase() === 'websocket';
}

interface Joint {
  readonly client: Socket;
  readonly upstream: ClientRequest;
  /** The bytes that the client sent right after its request. */
  readonly head: Buffer;
  readonly target: Target;
  readonly tally: Tally;
  readonly idleTimeoutMs: number;
}

function join({ client, upstream, head, target, tally, idleTimeoutMs }: Joint): void {
  let begun = false;
  const sentAt = performance.now();
  const exchange: Exchange = {
    cut: () => (begun ? client.destroy() : upstream.destroy(new Error('deregistration delay is over'))),
  };
  target.exchanges.add(exchange);
  client.on('close', () => {
    target.exchanges.delete(exchange);
    upstream.destroy();
  });
  upstream.on('error', (error) => {
    if (begun) {
      client.destroy();
      return;
    }
    const status = error.message === 'idle' ? 504 : 502;
    tally.refused(status);
    answerOnSocket(client, status);
  });
  upstream.on('response', (response) => {
    begun = true;
    tally.answered(response.statusCode ?? 0, performance.now() - sentAt);
    client.write(responseHead(response, ['Connection', 'close']));
    response.pipe(client);
    response.on('error', () => client.destroy());
  });
  upstream.on('upgrade', (response, server, firstBytes) => {
    begun = true;
    client.write(responseHead(response, ['Connection', 'Upgrade', 'Upgrade', response.headers.upgrade ?? 'websocket']));
    if (firstBytes.length > 0) client.write(firstBytes);
    if (head.length > 0) server.write(head);
    pipeBothWays(client, server, idleTimeoutMs);
  });
}

function responseHead({ statusCode, statusMessage, rawHeaders }: IncomingMessage, more: readonly string[]): string {
  const lines = headerLines([...withoutHopByHop(rawHeaders), ...more]);
  return `HTTP/1.1 ${statusCode} ${statusMessage}\r\n${lines}\r\n`;
}

function pipeBothWays(client: Socket, server: Duplex, idleTimeoutMs: number): void {
  const end = () => {
    client.destroy();
    server.destroy();
  };
  client.setTimeout(idleTimeoutMs, end);
  for (const side of [client, server]) side.on('error', end).on('close', end);
  client.pipe(server).pipe(client);
}
