/** What rules match in a request. What few rules need is only computed when one of them is checked. */
import { type ClientRequest, schemeOf } from './client-exchange';
import { plainAddress } from './addresses';

export interface RequestFacts {
  readonly scheme: 'http' | 'https';
  readonly method: string;
  /** The path as the client sent it, not decoded, and without the query. */
  readonly path: string;
  /** The query without its question mark; empty when there is none. */
  readonly query: string;
  /** The host without a port, in lower case. */
  readonly host: string;
  /** Finds a header by its name in lower case; values of repeated headers are joined by `, `. */
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

  get scheme(): 'http' | 'https' {
    return schemeOf(this.request);
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

/** Turns `http://host/path`, the form of requests to a proxy, into `/path`. */
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
