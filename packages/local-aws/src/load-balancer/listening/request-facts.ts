/** What rules look at in a request; what few rules ask for is only worked out when one does. */
import type { ClientRequest } from './client-exchange';
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

export function requestFacts(request: ClientRequest): RequestFacts {
  return new Facts(request);
}

class Facts implements RequestFacts {
  readonly method: string;
  readonly path: string;
  readonly query: string;

  constructor(private readonly request: ClientRequest) {
    const target = originForm(request.url ?? '/');
    const question = target.indexOf('?');
    this.method = request.method ?? 'GET';
    this.path = question === -1 ? target : target.slice(0, question);
    this.query = question === -1 ? '' : target.slice(question + 1);
  }

  get host(): string {
    return hostName(this.request.headers.host ?? '');
  }

  get sourceAddress(): string {
    return plainAddress(this.request.socket.remoteAddress);
  }

  header(name: string): string | undefined {
    return headerValue(this.request.headers[name]);
  }
}

/** `http://host/path` (a proxy's request) becomes `/path`. */
function originForm(target: string): string {
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
