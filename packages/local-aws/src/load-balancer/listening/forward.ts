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
import type { Flow, OutgoingRequest, UpstreamFailure, UpstreamSink } from '../targets/upstream';
import { answerError } from './answers';
import { type ClientAnswer, type ClientEvents, connectionOf } from './client-exchange';
import { withoutHopByHop } from './forwarded-headers';

/** A request as the target gets it, the client's answer, and the target. */
export interface Forwarding extends OutgoingRequest {
  readonly answer: ClientAnswer;
  readonly target: Target;
  /** Further response headers, names and values in turn, given the target's own. */
  readonly stickiness: ((targetHeaders: readonly string[]) => readonly string[]) | undefined;
  readonly tally: Tally;
}

/** Forwards a request. Everything that happens afterwards happens in an object of its own. */
export function forward(forwarding: Forwarding): void {
  const waitMs = forwarding.target.warmUp?.admit(forwarding.url) ?? 0;
  if (waitMs === 'unavailable') refuseUntilWarm(forwarding);
  else if (waitMs > 0) setTimeout(() => new ForwardedExchange(forwarding), waitMs);
  else new ForwardedExchange(forwarding);
}

/** The answer of a target that is beginning. */
function refuseUntilWarm({ answer, tally }: Forwarding): void {
  tally.answered(503, 0);
  answer.begin(503, ['Content-Length', '0', 'Connection', connectionOf(answer)]);
  answer.end(undefined);
}

/** One object is the target's exchange, the sink of its answer and the watcher of the client: a request costs no closures. */
class ForwardedExchange implements Exchange, UpstreamSink, ClientEvents {
  private readonly flow: Flow;
  private readonly sentAt = performance.now();
  private ended = false;
  private paused = false;
  private sent: 'nothing' | 'held' | 'begun' = 'nothing';
  /** The first piece of the body. Its bytes are only valid until `onWait` or `onEnd`. */
  private held: Buffer | undefined;

  constructor(private readonly forwarding: Forwarding) {
    const { target, answer } = forwarding;
    target.exchanges.add(this);
    this.flow = target.upstream.send(forwarding, this);
    answer.watch(this);
  }

  cut(): void {
    this.end(502);
  }

  onHead(status: number, received: readonly string[]): void {
    const { answer, stickiness, tally } = this.forwarding;
    tally.answered(status, performance.now() - this.sentAt);
    const headers = withoutHopByHop(received);
    if (stickiness !== undefined) headers.push(...stickiness(headers));
    headers.push('Connection', connectionOf(answer));
    answer.begin(status, headers);
  }

  onBody(piece: Buffer): void {
    if (this.sent === 'nothing') {
      this.sent = 'held';
      this.held = piece;
      return;
    }
    this.sendHeld();
    this.write(piece);
  }

  onWait(): void {
    // A short answer comes whole with its headers and is sent with them; a stream's headers mustn't wait for its body.
    if (this.forwarding.answer.begun) this.sendHeld();
  }

  onEnd(): void {
    this.ended = true;
    this.forwarding.target.exchanges.delete(this);
    this.forwarding.answer.end(this.sent === 'held' ? this.held : undefined);
  }

  onFailure(kind: UpstreamFailure): void {
    if (kind !== 'broken') this.forwarding.tally.notConnected();
    this.end(kind === 'connectTimeout' ? 504 : 502);
  }

  onDrain(): void {
    if (!this.paused || this.ended) return;
    this.paused = false;
    this.flow.resume();
  }

  onTimeout(): void {
    // An answer that is complete but that its client doesn't accept is given up.
    if (this.ended) this.forwarding.answer.abort();
    else this.end(504);
  }

  onClose(): void {
    this.end();
  }

  /** Ends a request that isn't complete, once; with a status if the client is still there to see it. */
  private end(status?: 502 | 504): void {
    if (this.ended) return;
    this.ended = true;
    const { answer, body, target, tally } = this.forwarding;
    target.exchanges.delete(this);
    this.flow.abort();
    if (status === undefined) return;
    if (!answer.begun) tally.refused(status);
    fail(answer, body, status);
  }

  private sendHeld(): void {
    if (this.sent === 'begun') return;
    this.sent = 'begun';
    if (this.held === undefined) this.forwarding.answer.flush();
    else this.write(this.held);
  }

  private write(piece: Buffer): void {
    if (this.forwarding.answer.write(piece)) return;
    this.paused = true;
    this.flow.pause();
  }
}

/** Answers a failure. The client's connection can't be used again while the rest of an upload is on it. */
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
