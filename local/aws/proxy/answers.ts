/**
 * What the load balancer says itself. Each status and what leads to it:
 * https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-troubleshooting.html
 */
import { STATUS_CODES, type ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';

export type OwnStatus = 400 | 405 | 408 | 463 | 500 | 502 | 503 | 504;

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
export function answerError(response: ServerResponse, status: OwnStatus): void {
  answer(response, status, 'text/html', page(status));
}

export function answer(response: ServerResponse, status: number, contentType: string, body: string): void {
  const headers = [
    'Server',
    serverName,
    'Content-Type',
    contentType,
    'Content-Length',
    String(Buffer.byteLength(body)),
  ];
  response.writeHead(status, reasonOf(status), [...headers, 'Connection', connectionOf(response)]);
  response.end(body);
}

export function answerRedirect(response: ServerResponse, status: number, location: string): void {
  const headers = ['Server', serverName, 'Location', location, 'Content-Type', 'text/html', 'Content-Length', '0'];
  response.writeHead(status, [...headers, 'Connection', connectionOf(response)]);
  response.end();
}

/** Said outright, for Node would add a `Keep-Alive` that the load balancer doesn't send. */
export function connectionOf(response: ServerResponse): 'keep-alive' | 'close' {
  return response.shouldKeepAlive ? 'keep-alive' : 'close';
}

/** For a connection on which no request could be read, or that was to be upgraded. */
export function answerOnSocket(socket: Duplex, status: OwnStatus): void {
  if (!socket.writable) {
    socket.destroy();
    return;
  }
  const body = page(status);
  const head = `HTTP/1.1 ${status} ${reasonOf(status)}\r\nServer: ${serverName}\r\nContent-Type: text/html\r\n`;
  socket.end(`${head}Content-Length: ${Buffer.byteLength(body)}\r\nConnection: close\r\n\r\n${body}`);
}
