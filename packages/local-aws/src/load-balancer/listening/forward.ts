/**
 * Sends one request on to a target and its answer back, streaming both ways with backpressure.
 *
 * Invariants: a request is sent once, never again. Until the target's status has arrived a failure is a status of the load
 * balancer's own (502, or 504 when nothing came in time); after that the client's connection is aborted, so that a body that
 * was cut can't be taken for a whole one. A client that goes away ends the request to the target.
 */
import type { IncomingMessage } from 'node:http';
import type { Tally } from '../counts';
import type { Exchange, Target } from '../targets/target';
import { answerError } from './answers';
import { type ClientAnswer, connectionOf } from './client-exchange';
import { withoutHopByHop } from './forwarded-headers';

export interface Forwarding {
  readonly method: string;
  /** Path and query, as the target is to see them. */
  readonly url: string;
  readonly headers: readonly string[];
  readonly body: IncomingMessage | undefined;
  readonly answer: ClientAnswer;
  readonly target: Target;
  /** Further response headers, names and values in turn, given the target's own. */
  readonly stickiness: ((targetHeaders: readonly string[]) => readonly string[]) | undefined;
  readonly tally: Tally;
}

export function forward({ method, url, headers, body, answer, target, stickiness, tally }: Forwarding): void {
  let ended = false;
  let paused = false;
  let sent: 'nothing' | 'held' | 'begun' = 'nothing';
  /** Lent until all that has arrived was told. */
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
    if (!answer.begun) tally.refused(status);
    fail(answer, body, status);
  }
  const write = (piece: Buffer) => {
    if (answer.write(piece)) return;
    paused = true;
    flow.pause();
  };
  const sendHeld = () => {
    if (sent === 'begun') return;
    sent = 'begun';
    if (held === undefined) answer.flush();
    else write(held);
  };

  const flow = target.upstream.send(
    { method, url, headers, body },
    {
      onHead(status, received) {
        tally.answered(status);
        const kept = withoutHopByHop(received);
        if (stickiness !== undefined) kept.push(...stickiness(kept));
        kept.push('Connection', connectionOf(answer));
        answer.begin(status, kept);
      },
      onBody(piece) {
        if (sent === 'nothing') {
          [sent, held] = ['held', piece];
          return;
        }
        sendHeld();
        write(piece);
      },
      onWait() {
        // A short answer comes whole with its headers and is sent with them; a stream's headers mustn't wait for its body.
        if (answer.begun) sendHeld();
      },
      onEnd() {
        ended = true;
        target.exchanges.delete(exchange);
        answer.end(sent === 'held' ? held : undefined);
      },
      onFailure(kind) {
        if (kind !== 'broken') tally.notConnected();
        end(kind === 'connectTimeout' ? 504 : 502);
      },
    },
  );
  answer.watch({
    onDrain() {
      if (!paused || ended) return;
      paused = false;
      flow.resume();
    },
    // One that is complete but that its client doesn't take is given up.
    onTimeout: () => (ended ? answer.abort() : end(504)),
    onClose: () => end(),
  });
}

/** The client's connection can't be used again while the rest of an upload is on it. */
function fail(answer: ClientAnswer, body: IncomingMessage | undefined, status: 502 | 504): void {
  if (answer.begun) {
    answer.abort();
    return;
  }
  if (body?.complete === false) {
    answer.keepAlive = false;
    body.resume();
  }
  answerError(answer, status);
}
