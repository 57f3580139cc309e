/**
 * Writes one answer on a client's connection (RFC 9112).
 *
 * Invariants: a head and a short body are sent in one piece. A body without an announced length is sent in chunks; an answer
 * that can't have a body gets none. The connection isn't free for another request before the client has accepted what was
 * written.
 */
import { STATUS_CODES } from 'node:http';
import type { Socket } from 'node:net';
import { type ClientAnswer, type ClientEvents, onePieceBytes } from './client-exchange';
import type { PlainRequest } from './plain-requests';

export class PlainAnswer implements ClientAnswer {
  begun = false;
  keepAlive: boolean;
  private events: ClientEvents | undefined;
  /** The head that was given and isn't sent yet. */
  private head = '';
  private bodyless: boolean;
  private chunked = false;
  private ended = false;

  constructor(
    private readonly socket: Socket,
    { method, keepAlive }: PlainRequest,
    /** Called when everything is written and the client has accepted it. */
    private readonly onAnswered: (keepAlive: boolean) => void,
  ) {
    this.bodyless = method === 'HEAD';
    this.keepAlive = keepAlive;
  }

  watch(events: ClientEvents): void {
    this.events = events;
  }

  begin(status: number, headers: readonly string[], reason = STATUS_CODES[status] ?? 'unknown'): void {
    let head = `HTTP/1.1 ${status} ${reason}\r\n`;
    let hasLength = false;
    let hasDate = false;
    for (let index = 0; index < headers.length; index += 2) {
      const name = headers[index] ?? '';
      head += `${name}: ${headers[index + 1]}\r\n`;
      if (name.length === 14) hasLength ||= name.toLowerCase() === 'content-length';
      if (name.length === 4) hasDate ||= name.toLowerCase() === 'date';
    }
    if (!hasDate) head += `Date: ${new Date().toUTCString()}\r\n`;
    this.bodyless ||= status === 204 || status === 304;
    this.chunked = !hasLength && !this.bodyless;
    if (this.chunked) head += 'Transfer-Encoding: chunked\r\n';
    this.head = `${head}\r\n`;
    this.begun = true;
  }

  flush(): void {
    this.send('');
  }

  write(piece: Buffer): boolean {
    return this.send('', piece);
  }

  end(last?: Buffer): void {
    this.ended = true;
    if (this.send(this.chunked ? '0\r\n\r\n' : '', last)) this.onAnswered(this.keepAlive);
  }

  abort(): void {
    this.socket.destroy();
  }

  /** To be called when what was written has been sent. */
  drained(): void {
    if (this.ended) this.onAnswered(this.keepAlive);
    else this.events?.onDrain();
  }

  timeOut(): void {
    if (this.events === undefined) this.abort();
    else this.events.onTimeout();
  }

  close(): void {
    this.events?.onClose();
  }

  /** Sends a head that waits, the piece in its chunk, and `after`. Returns false when the client accepts no more for now. */
  private send(after: string, piece?: Buffer): boolean {
    const { socket } = this;
    const body = this.bodyless || piece?.length === 0 ? undefined : piece;
    const framed = this.chunked && body !== undefined;
    const before = `${this.head}${framed ? `${body.length.toString(16)}\r\n` : ''}`;
    const rest = `${framed ? '\r\n' : ''}${after}`;
    this.head = '';
    if (body === undefined || body.length <= onePieceBytes) {
      const text = `${before}${body?.toString('latin1') ?? ''}${rest}`;
      return text === '' || socket.write(text, 'latin1');
    }
    socket.cork();
    socket.write(before, 'latin1');
    // It is copied, because the piece's bytes are only valid until this returns.
    socket.write(Buffer.from(body));
    const taken = socket.write(rest, 'latin1');
    socket.uncork();
    return taken;
  }
}
