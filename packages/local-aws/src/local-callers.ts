/**
 * Who may ask the ports of a local AWS at all: programs on this machine that name it by a loopback address. A web page in a
 * developer's browser isn't among them, whether it asks across origins or by a name that it had resolved to 127.0.0.1.
 */
import type { IncomingMessage, ServerResponse } from 'node:http';

const loopbackHost = /^(?:127\.0\.0\.1|localhost|\[::1\])(?::\d{1,5})?$/i;

/**
 * Answers 403 to a stranger's request.
 * @returns whether it was refused
 */
export function refuseStranger({ headers }: Pick<IncomingMessage, 'headers'>, response: ServerResponse): boolean {
  const why = strangeness(headers);
  if (why === undefined) return false;
  response.writeHead(403, { 'content-type': 'application/json', connection: 'close' });
  response.end(JSON.stringify({ error: why }));
  return true;
}

/** Answers 403 to a request of the control port that doesn't begin with its key. */
export function refuseKey(response: ServerResponse): void {
  response.writeHead(403, { 'content-type': 'application/json', connection: 'close' });
  response.end(JSON.stringify({ error: 'Paths of this port begin with its key: see "control" of the stack.' }));
}

/** What makes a request a stranger's, as a sentence; undefined for one of this machine's programs. */
export function strangeness(headers: IncomingMessage['headers']): string | undefined {
  const { host = '', origin } = headers;
  if (!loopbackHost.test(host)) return 'Only 127.0.0.1, localhost and [::1] are answered as a Host here.';
  if (origin !== undefined && origin !== `http://${host}`) return 'Web pages of other origins are not answered here.';
  const site = headers['sec-fetch-site'];
  if (site === undefined || site === 'same-origin' || site === 'none') return undefined;
  return 'Web pages of other sites are not answered here.';
}
