/** What rules look at in a request. Read once a request; the query only when a rule asks for it. */
import type { IncomingMessage } from 'node:http';
import { plainAddress } from './addresses';

export interface RequestFacts {
  readonly method: string;
  /** As the client sent it: not decoded, without the query. */
  readonly path: string;
  /** Without the question mark; empty when there is none. */
  readonly query: string;
  /** Without a port, in lower case. */
  readonly host: string;
  /** By name in lower case; values of repeated headers are joined by `, `. */
  header(name: string): string | undefined;
  /** The peer's address, never X-Forwarded-For. */
  readonly sourceAddress: string;
}

export function requestFacts(request: IncomingMessage): RequestFacts {
  const target = originForm(request.url ?? '/');
  const question = target.indexOf('?');
  return {
    method: request.method ?? 'GET',
    path: question === -1 ? target : target.slice(0, question),
    query: question === -1 ? '' : target.slice(question + 1),
    host: hostName(request.headers.host ?? ''),
    header: (name) => headerValue(request.headers[name]),
    sourceAddress: plainAddress(request.socket.remoteAddress),
  };
}

/** `http://host/path` (a proxy's request) becomes `/path`. */
export function originForm(target: string): string {
  if (target.startsWith('/')) return target;
  const origin = /^https?:\/\/[^/?]*/i.exec(target)?.[0];
  if (origin === undefined) return target;
  const rest = target.slice(origin.length);
  return rest.startsWith('/') ? rest : `/${rest}`;
}

function hostName(header: string): string {
  const lowered = header.toLowerCase();
  const port = /:\d+$/.exec(lowered);
  return port === null ? lowered : lowered.slice(0, port.index);
}

function headerValue(value: string | string[] | undefined): string | undefined {
  return Array.isArray(value) ? value.join(', ') : value;
}
