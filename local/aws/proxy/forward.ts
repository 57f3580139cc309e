/**
 * Sends one request on to a target and its answer back, streaming both ways with backpressure.
 *
 * Invariants: a request is sent once, never again. Until the target's status has arrived a failure is a status of the load
 * balancer's own (502, or 504 when nothing came in time); after that the client's connection is aborted, so that a body that
 * was cut can't be taken for a whole one. A client that goes away ends the request to the target.
 */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { answerError, connectionOf } from './answers';
import type { Tally } from './counts';
import { withoutHopByHop } from './forwarded-headers';
import type { Exchange, Target } from './target';

const onePieceBytes = 32 * 1024;

export interface Forwarding {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly target: Target;
  /** Path and query, as the target is to see them. */
  readonly url: string;
  readonly headers: readonly string[];
  /** Further response headers, names and values in turn, given the target's own. */
  readonly stickiness: ((targetHeaders: readonly string[]) => readonly string[]) | undefined;
  readonly tally: Tally;
}

export function forward({ request, response, target, url, headers, stickiness, tally }: Forwarding): void {
  let ended = false;
  let body: 'none' | 'held' | 'sent' = 'none';
  /** Lent until the bytes that have just arrived are dealt with, microtasks included. */
  let held: Buffer | undefined;
  const exchange: Exchange = { cut: () => end(502) };
  target.exchanges.add(exchange);

  /** Ends a request that isn't complete, once; with a status where the client is still there to see it. */
  function end(status?: 502 | 504): void {
    if (ended) return;
    ended = true;
    target.exchanges.delete(exchange);
    flow.abort();
    if (status === undefined) return;
    if (!response.headersSent) tally.refused(status);
    fail(response, request, status);
  }
  /** A copy, for the piece is only lent. */
  const write = (piece: Buffer) => {
    if (response.write(Buffer.from(piece))) return;
    flow.pause();
    response.once('drain', flow.resume);
  };
  const sendHeld = () => {
    if (ended || body === 'sent') return;
    if (held === undefined) response.flushHeaders();
    else write(held);
    body = 'sent';
  };

  const flow = target.upstream.send(
    { method: request.method ?? 'GET', url, headers, body: hasBody(request) ? request : undefined },
    {
      onHead(status, received) {
        tally.answered(status);
        const kept = withoutHopByHop(received);
        if (stickiness !== undefined) kept.push(...stickiness(kept));
        kept.push('Connection', connectionOf(response));
        response.writeHead(status, kept);
        // A short answer comes whole with its headers and is sent with them; a stream's headers mustn't wait for its body.
        queueMicrotask(sendHeld);
      },
      onBody(piece) {
        if (body === 'none') {
          [body, held] = ['held', piece];
          return;
        }
        sendHeld();
        write(piece);
      },
      onEnd() {
        ended = true;
        target.exchanges.delete(exchange);
        if (body === 'held' && held !== undefined) endWith(response, held);
        else response.end();
      },
      onFailure(kind) {
        if (kind !== 'broken') tally.notConnected();
        end(kind === 'connectTimeout' ? 504 : 502);
      },
    },
  );
  // One that is complete but that its client doesn't take is given up.
  response.on('timeout', () => (ended ? response.destroy() : end(504)));
  response.on('close', () => end());
}

/** Ends a response whose body came with its headers: both leave in one piece, which takes half the time of two. */
function endWith(response: ServerResponse, body: Buffer): void {
  if (body.length > onePieceBytes) {
    response.end(Buffer.from(body));
    return;
  }
  // The same bytes as text, for headers are text; uncorked, for the end of a response is a piece of its own.
  response.write(body.toString('latin1'), 'latin1');
  response.socket?.uncork();
  response.end();
}

/** The client's connection can't be used again while the rest of an upload is on it. */
function fail(response: ServerResponse, request: IncomingMessage, status: 502 | 504): void {
  if (response.headersSent) {
    response.destroy();
    return;
  }
  if (!request.complete) {
    response.shouldKeepAlive = false;
    request.resume();
  }
  answerError(response, status);
}

function hasBody({ headers }: IncomingMessage): boolean {
  const { 'content-length': length, 'transfer-encoding': encoding } = headers;
  return encoding !== undefined || (length !== undefined && length !== '0');
}
