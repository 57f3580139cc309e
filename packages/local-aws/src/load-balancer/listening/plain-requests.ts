/**
 * Recognizes the most common requests: a GET or HEAD without a body that came in one piece, with nothing in it that could be
 * read in two ways.
 *
 * Invariant: what is plain here means the same to Node's parser. Anything else, however harmless, isn't plain.
 */
import type { IncomingHttpHeaders } from 'node:http';
import type { Socket } from 'node:net';
import type { ClientRequest } from './client-exchange';
import { lineBytes } from './request-limits';

export interface PlainRequest extends ClientRequest {
  readonly method: string;
  readonly keepAlive: boolean;
}

/** A request line and headers to their very end: valid names, values of printable ASCII, nothing folded, nothing after them. */
const plainHead = /^(GET|HEAD) (\/[!"$-~]*) HTTP\/1\.1\r\n((?:[-!#$%&'*+.^_`|~0-9A-Za-z]+:[\t -~]*\r\n)+)\r\n$/;
/** These headers change how the bytes after them must be read. */
const notPlain = new Set(['content-length', 'transfer-encoding', 'upgrade', 'expect']);

/** Reads a plain request; undefined for one, or a part of one, that Node's parser has to read. */
export function plainRequest(bytes: Buffer, socket: Socket): PlainRequest | undefined {
  if (bytes.length > lineBytes) return undefined;
  const [, method, url, lines] = plainHead.exec(bytes.toString('latin1')) ?? [];
  if (method === undefined || url === undefined || lines === undefined) return undefined;
  const rawHeaders: string[] = [];
  const headers: IncomingHttpHeaders = {};
  for (let at = 0; at < lines.length;) {
    const colon = lines.indexOf(':', at);
    const end = lines.indexOf('\r\n', colon);
    const name = lines.slice(at, colon);
    const value = lines.slice(colon + 1, end).trim();
    at = end + 2;
    const lowered = name.toLowerCase();
    // A name that every object has, such as `constructor`, looks as if it came twice, so that request isn't plain.
    if (headers[lowered] !== undefined || notPlain.has(lowered)) return undefined;
    headers[lowered] = value;
    rawHeaders.push(name, value);
  }
  const connection = headers.connection?.toLowerCase() ?? 'keep-alive';
  if (headers.host === undefined || (connection !== 'keep-alive' && connection !== 'close')) return undefined;
  return { method, url, rawHeaders, headers, socket, keepAlive: connection === 'keep-alive' };
}
