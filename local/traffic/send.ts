/**
 * Sends one request, returns how it went, and never sends it again.
 *
 * Idle connections are closed from this side, long before the load balancer would: a connection that both ends close at the
 * same moment would lose a request that no deployment had lost.
 */
import { Agent, request, type IncomingMessage } from 'node:http';
import { Agent as SecureAgent, request as secureRequest } from 'node:https';
import type { LookupFunction } from 'node:net';

/** The load balancer's own idle timeout is 60 s, in a local one with a time scale too. */
const idleMs = 1_500;

/** @param url of the load balancer */
export function keepAliveAgent(url: string): Agent {
  const options = { keepAlive: true, timeout: idleMs, scheduling: 'lifo' } as const;
  return url.startsWith('https:') ? new SecureAgent(options) : new Agent(options);
}

export interface Sending {
  readonly url: URL;
  readonly host: string | undefined;
  /** Finds the address of the URL's host; undefined for the system's way. */
  readonly lookup: LookupFunction | undefined;
  readonly cookie: string | undefined;
  readonly added: Readonly<Record<string, string>>;
  /** Undefined for a connection of its own, closed after the answer. */
  readonly agent: Agent | undefined;
  readonly timeoutMs: number;
}

/** `whole` is an answer that came to its end, whatever its status. */
export type Outcome =
  | { readonly kind: 'whole'; readonly status: number; readonly body: string }
  | {
      readonly kind: 'refused' | 'reset' | 'cutShort' | 'timedOut';
      readonly status: number | undefined;
      readonly received: string;
    };

/** Resolves with the outcome, and never rejects. */
export function send({ url, host, lookup, cookie, added, agent, timeoutMs }: Sending): Promise<Outcome> {
  const headers = {
    ...added,
    ...(host === undefined ? {} : { Host: host }),
    ...(cookie === undefined ? {} : { Cookie: cookie }),
    ...(agent === undefined ? { Connection: 'close' } : {}),
  };
  return new Promise((resolve) => {
    let response: IncomingMessage | undefined;
    let body = '';
    const options = { agent: agent ?? false, headers, ...(lookup && { lookup }) };
    const isSecure = url.protocol === 'https:';
    // The name that the certificate must have is the one in the Host header.
    const servername = (host ?? url.host).replace(/:\d+$/, '');
    const outgoing = isSecure ? secureRequest(url, { ...options, servername }) : request(url, options);
    const timer = setTimeout(() => lost('timedOut', `nothing more within ${timeoutMs} ms`), timeoutMs);
    const finish = (outcome: Outcome): void => {
      clearTimeout(timer);
      resolve(outcome);
    };
    const lost = (kind: 'refused' | 'reset' | 'cutShort' | 'timedOut', why: string): void => {
      finish({ kind, status: response?.statusCode, received: body === '' ? why : `${why}; after: ${body}` });
      outgoing.destroy();
    };
    const broken = ({ code, message }: NodeJS.ErrnoException): void => {
      if (response !== undefined) lost('cutShort', code ?? message);
      else lost(code === 'ECONNREFUSED' ? 'refused' : 'reset', `${code ?? ''} ${message}`.trim());
    };
    outgoing.on('error', broken);
    outgoing.on('response', (incoming) => {
      response = incoming;
      incoming.setEncoding('utf8');
      incoming.on('data', (chunk: string) => (body += chunk));
      incoming.on('error', broken);
      incoming.on('end', () => finish({ kind: 'whole', status: incoming.statusCode ?? 0, body }));
    });
    outgoing.end();
  });
}
