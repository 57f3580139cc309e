/**
 * The headers that a target gets of a request, and a client of a response: everything end to end, nothing hop by hop.
 * https://docs.aws.amazon.com/elasticloadbalancing/latest/application/x-forwarded-headers.html
 */
import { randomBytes } from 'node:crypto';
import { type ClientRequest, schemeOf } from './client-exchange';
import { plainAddress } from './addresses';

const hopByHop = new Set([
  'connection',
  'keep-alive',
  'proxy-connection',
  'proxy-authenticate',
  'proxy-authorization',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
  'expect',
  'http2-settings',
]);

/** The settings of headers among the load balancer's attributes. */
export interface HeaderSettings {
  /** `routing.http.xff_header_processing.mode` */
  readonly forwardedFor: 'append' | 'preserve' | 'remove';
  /** `routing.http.xff_client_port.enabled` */
  readonly clientPort: boolean;
  /** `routing.http.drop_invalid_header_fields.enabled` */
  readonly dropInvalid: boolean;
}

export function headerSettings(attributes: Readonly<Record<string, string>>): HeaderSettings {
  const mode = attributes['routing.http.xff_header_processing.mode'];
  return {
    forwardedFor: mode === 'preserve' || mode === 'remove' ? mode : 'append',
    clientPort: attributes['routing.http.xff_client_port.enabled'] === 'true',
    dropInvalid: attributes['routing.http.drop_invalid_header_fields.enabled'] === 'true',
  };
}

/** The headers for the target, names and values in turn. `host` replaces the client's Host header if a rule rewrote it. */
export function requestHeaders(request: ClientRequest, settings: HeaderSettings, host?: string): string[] {
  const { rawHeaders, socket } = request;
  const dropped = connectionOptions(request.headers.connection);
  const headers: string[] = [];
  for (let index = 0; index < rawHeaders.length; index += 2) {
    const name = rawHeaders[index] ?? '';
    const value = rawHeaders[index + 1] ?? '';
    const lowered = name.toLowerCase();
    if (hopByHop.has(lowered) || isOurs(lowered, settings) || dropped?.has(lowered) === true) continue;
    if (settings.dropInvalid && !/^[-A-Za-z0-9]+$/.test(name)) continue;
    headers.push(name, lowered === 'host' && host !== undefined ? host : value);
  }
  if (settings.forwardedFor === 'append') headers.push('X-Forwarded-For', forwardedFor(request, settings));
  headers.push('X-Forwarded-Proto', schemeOf(request), 'X-Forwarded-Port', String(socket.localPort));
  headers.push('X-Amzn-Trace-Id', traceId(request.headers['x-amzn-trace-id']));
  return headers;
}

/** The names that the `Connection` header declares to be hop by hop; undefined when there are none. */
function connectionOptions(connection: string | undefined): ReadonlySet<string> | undefined {
  if (connection === undefined || /^(keep-alive|close)$/i.test(connection)) return undefined;
  return new Set(connection.split(',').map((option) => option.trim().toLowerCase()));
}

function isOurs(name: string, { forwardedFor: mode }: HeaderSettings): boolean {
  if (name === 'x-forwarded-for') return mode !== 'preserve';
  return name === 'x-forwarded-proto' || name === 'x-forwarded-port' || name === 'x-amzn-trace-id';
}

function forwardedFor({ headers, socket }: ClientRequest, { clientPort }: HeaderSettings): string {
  const address = plainAddress(socket.remoteAddress);
  const client = clientPort ? `${address}:${socket.remotePort}` : address;
  const before = headers['x-forwarded-for'];
  return before === undefined || before.length === 0 ? client : `${String(before)}, ${client}`;
}

/** An ID is 96 bits in hexadecimal: a prefix of the process and a count, as unique as random bits and without their cost. */
const idPrefix = randomBytes(8).toString('hex');
let lastId = 0;

function nextId(): string {
  lastId = (lastId + 1) & 0xfff_ffff;
  const count = (0x1000_0000 + lastId).toString(16);
  return `1-${Math.floor(Date.now() / 1000).toString(16)}-${idPrefix}${count}`;
}

/** https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-request-tracing.html */
function traceId(received: string | string[] | undefined): string {
  const id = nextId();
  if (received === undefined || received.length === 0) return `Root=${id}`;
  const others = String(received)
    .split(';')
    .filter((field) => !field.startsWith('Self='));
  return others.some((field) => field.startsWith('Root='))
    ? [`Self=${id}`, ...others].join(';')
    : [`Root=${id}`, ...others].join(';');
}

/** A response's headers, names and values in turn, without those that concern the target's connection. */
export function withoutHopByHop(received: readonly string[]): string[] {
  const headers: string[] = [];
  for (let index = 0; index < received.length; index += 2) {
    const name = received[index] ?? '';
    if (!hopByHop.has(name.toLowerCase())) headers.push(name, received[index + 1] ?? '');
  }
  return headers;
}
