/**
 * The answers that are the load balancer's own. Each status and what leads to it:
 * https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-troubleshooting.html
 */
import { STATUS_CODES } from 'node:http';
import type { Duplex } from 'node:stream';
import type { LoginDemand } from '../routing/logins';
import { type ClientAnswer, connectionOf } from './client-exchange';

/** The statuses with which the load balancer answers by itself. */
export type OwnStatus = 302 | 400 | 401 | 405 | 408 | 463 | 500 | 502 | 503 | 504;

const serverName = 'awselb/2.0';

function reasonOf(status: number): string {
  if (status === 503) return 'Service Temporarily Unavailable';
  return status === 504 ? 'Gateway Time-out' : (STATUS_CODES[status] ?? '');
}

function page(status: number): string {
  const title = `${status} ${reasonOf(status)}`.trim();
  return `<html>\r\n<head><title>${title}</title></head>\r\n<body>\r\n<center><h1>${title}</h1></center>\r\n</body>\r\n</html>\r\n`;
}

/** Answers a request for which nothing was sent yet. */
export function answerError(client: ClientAnswer, status: OwnStatus): void {
  answer(client, status, 'text/html', page(status));
}

/** Sends a client to where it can log in, or away. */
export function answerLogin(client: ClientAnswer, { status, headers }: LoginDemand): void {
  answer(client, status, 'text/html', page(status), headers);
}

/** @param more further headers, names and values in turn */
export function answer(
  client: ClientAnswer,
  status: number,
  contentType: string,
  text: string,
  more: readonly string[] = [],
): void {
  const body = Buffer.from(text);
  const own = ['Server', serverName, 'Content-Type', contentType, 'Content-Length', String(body.length)];
  const headers = [...own, ...more];
  client.begin(status, [...headers, 'Connection', connectionOf(client)], reasonOf(status));
  client.end(body);
}

export function answerRedirect(client: ClientAnswer, status: number, location: string): void {
  const headers = ['Server', serverName, 'Location', location, 'Content-Type', 'text/html', 'Content-Length', '0'];
  client.begin(status, [...headers, 'Connection', connectionOf(client)]);
  client.end();
}

/** Answers on a connection from which no request could be read, or that was to be upgraded. */
export function answerOnSocket(socket: Duplex, status: OwnStatus, more: readonly string[] = []): void {
  if (!socket.writable) {
    socket.destroy();
    return;
  }
  const body = page(status);
  const head = `HTTP/1.1 ${status} ${reasonOf(status)}\r\nServer: ${serverName}\r\nContent-Type: text/html\r\n${headerLines(more)}`;
  socket.end(`${head}Content-Length: ${Buffer.byteLength(body)}\r\nConnection: close\r\n\r\n${body}`);
}

/** @param headers names and values in turn */
export function headerLines(headers: readonly string[]): string {
  return headers.flatMap((name, index) => (index % 2 === 0 ? [`${name}: ${headers[index + 1]}\r\n`] : [])).join('');
}
