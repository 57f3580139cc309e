/**
 * Sends one request on to a target and its answer back, streaming both ways with backpressure.
 *
 * Invariants: a request is sent once, never again. Until the target's status has arrived a failure is a status of the load
 * balancer's own (502, or 504 when nothing came in time); after that the client's connection is aborted, so that a body that
 * was cut can't be taken for a whole one. A client that goes away ends the request to the target.
 */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { PassThrough, type Readable } from 'node:stream';
import type { Dispatcher } from 'undici';
import { answerError, connectionOf } from './answers';
import { responseHeaders } from './forwarded-headers';
import type { Exchange, Target } from './target';

export interface Forwarding {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly target: Target;
  /** Path and query, as the target is to see them. */
  readonly url: string;
  readonly headers: string[];
  /** Further response headers, names and values in turn, given the target's own. */
  readonly stickiness: ((targetHeaders: readonly string[]) => readonly string[]) | undefined;
}

export function forward({ request, response, target, url, headers, stickiness }: Forwarding): void {
  let abort: ((error?: Error) => void) | undefined;
  let ended: 'target' | 'idle' | 'cut' | 'clientGone' | undefined;
  let body: 'none' | 'held' | 'sent' = 'none';
  let held: Buffer | undefined;
  const exchange: Exchange = { cut: () => end('cut') };
  target.exchanges.add(exchange);

  /** Ends a request that isn't complete, once. */
  function end(why: NonNullable<typeof ended>): void {
    if (ended !== undefined) return;
    ended = why;
    target.exchanges.delete(exchange);
    if (why !== 'clientGone') fail(response, request, why === 'idle' ? 504 : 502);
    abort?.(new Error(why));
  }
  const sendHeld = () => {
    if (ended !== undefined || body === 'sent') return;
    if (held === undefined) response.flushHeaders();
    else response.write(held);
    body = 'sent';
  };

  response.on('timeout', () => end('idle'));
  response.on('close', () => {
    if (!response.writableFinished) end('clientGone');
    target.exchanges.delete(exchange);
  });
  const handler: Dispatcher.DispatchHandler = {
    onConnect(abortRequest) {
      if (ended === undefined) abort = abortRequest;
      else abortRequest(new Error(ended));
    },
    onHeaders(status, raw, resume) {
      if (status < 200) return true;
      const kept = responseHeaders(raw);
      if (stickiness !== undefined) kept.push(...stickiness(kept));
      kept.push('Connection', connectionOf(response));
      response.writeHead(status, kept);
      response.on('drain', resume);
      // A short answer comes whole with its headers and is sent with them; a stream's headers mustn't wait for its body.
      queueMicrotask(sendHeld);
      return true;
    },
    onData(chunk) {
      if (body === 'none') {
        [body, held] = ['held', chunk];
        return true;
      }
      sendHeld();
      return response.write(chunk);
    },
    onComplete() {
      if (ended !== undefined) return;
      ended = 'target';
      target.exchanges.delete(exchange);
      response.end(body === 'held' ? held : undefined);
    },
    onError(error) {
      end(isConnectTimeout(error) ? 'idle' : 'cut');
    },
  };
  try {
    const method = request.method ?? 'GET';
    target.pool.dispatch({ method, path: url, headers, body: requestBody(request) }, handler);
  } catch {
    // Something in the request that HTTP doesn't allow, such as a malformed path.
    ended = 'cut';
    target.exchanges.delete(exchange);
    fail(response, request, 400);
  }
}

function isConnectTimeout(error: Error): boolean {
  return 'code' in error && (error.code === 'UND_ERR_CONNECT_TIMEOUT' || error.code === 'ETIMEDOUT');
}

/** The client's connection can't be used again while the rest of an upload is on it. */
function fail(response: ServerResponse, request: IncomingMessage, status: 400 | 502 | 504): void {
  if (response.headersSent) {
    response.destroy();
    return;
  }
  if (!request.complete) {
    response.shouldKeepAlive = false;
    request.unpipe();
    request.resume();
  }
  answerError(response, status);
}

/** A stream of its own: the forwarding client destroys the body when the target fails, and the client is still to be answered. */
function requestBody(request: IncomingMessage): Readable | null {
  const { 'content-length': length, 'transfer-encoding': encoding } = request.headers;
  if (encoding === undefined && (length === undefined || length === '0')) return null;
  const body = new PassThrough();
  body.on('error', () => request.resume());
  return request.pipe(body);
}
