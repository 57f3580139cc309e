/**
 * Reads one HTTP/1.1 response as its bytes come (RFC 9112). It accepts what a target may send and nothing else: what is
 * ambiguous, such as two lengths, is malformed, because guessing is how requests get smuggled. Trailers are dropped.
 *
 * Invariant: however the bytes are cut into pieces, the sink gets the same.
 */

/** A larger head is refused: https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-troubleshooting.html */
const headBytes = 32 * 1024;
/** The limit of the line with a chunk's size and extensions, and of a trailer line. */
const lineBytes = 4 * 1024;

export interface ResponseSink {
  /** Called with the headers, names and values in turn; not called for interim (1xx) responses. */
  onHead(status: number, headers: string[]): void;
  /** The piece's bytes are only valid until this returns. */
  onBody(piece: Buffer): void;
  /** @param reusable whether another request may follow on the connection */
  onEnd(reusable: boolean): void;
}

/** The target sent what isn't a clear HTTP/1.1 response. */
export class MalformedResponse extends Error {}

type Mode = 'head' | 'length' | 'chunkSize' | 'chunk' | 'chunkEnd' | 'trailers' | 'untilClose' | 'done';

export class ResponseParser {
  private mode: Mode = 'head';
  /** The beginning of a line or head whose end hasn't come yet. */
  private unread: Buffer | undefined;
  /** How much of the body or chunk hasn't come yet, in bytes. */
  private remaining = 0;
  private keepAlive = false;

  constructor(
    private readonly bodyless: boolean,
    private readonly sink: ResponseSink,
  ) {}

  /**
   * Reads on. Nothing refers to `data` when it returns.
   * @throws {MalformedResponse} for what a target may not send
   */
  push(data: Buffer): void {
    const bytes = this.unread === undefined ? data : Buffer.concat([this.unread, data]);
    this.unread = undefined;
    let at = 0;
    while (at < bytes.length) {
      const next = this.step(bytes, at);
      if (next === undefined) {
        this.unread = Buffer.from(bytes.subarray(at));
        return;
      }
      at = next;
    }
  }

  /** To be called when the target has closed the connection; true when that is a proper end of the response. */
  close(): boolean {
    if (this.mode !== 'untilClose') return false;
    this.finish(false);
    return true;
  }

  /** The position up to which the bytes are used; undefined when more are needed. */
  private step(bytes: Buffer, at: number): number | undefined {
    switch (this.mode) {
      case 'head':
        return this.readHead(bytes, at);
      case 'length':
      case 'chunk':
        return this.readCounted(bytes, at);
      case 'chunkSize':
        return this.readLine(bytes, at, (line) => this.beginChunk(line));
      case 'chunkEnd':
        return this.readLine(bytes, at, (line) => {
          if (line !== '') throw new MalformedResponse('a chunk is longer than announced');
          this.mode = 'chunkSize';
        });
      case 'trailers':
        return this.readLine(bytes, at, (line) => {
          if (line === '') this.finish(bytes.length === at + 2);
        });
      case 'untilClose':
        this.sink.onBody(at === 0 ? bytes : bytes.subarray(at));
        return bytes.length;
      case 'done':
        throw new MalformedResponse('bytes after the end of the response');
    }
  }

  private readHead(bytes: Buffer, at: number): number | undefined {
    const end = bytes.indexOf('\r\n\r\n', at, 'latin1');
    if ((end === -1 ? bytes.length : end) - at > headBytes) throw new MalformedResponse('headers are too large');
    if (end === -1) return undefined;
    const after = end + 4;
    this.beginBody(bytes.toString('latin1', at, end + 2), bytes.length === after);
    return after;
  }

  private beginBody(head: string, nothingFollows: boolean): void {
    const { status, minorVersion, headers, framing } = parseHead(head);
    if (status === 101) throw new MalformedResponse('the protocol was changed unasked');
    if (status < 200) return;
    const { connection } = framing;
    this.keepAlive = minorVersion === '1' ? !/\bclose\b/i.test(connection) : /\bkeep-alive\b/i.test(connection);
    const length = bodyLength(framing);
    this.sink.onHead(status, headers);
    if (this.bodyless || status === 204 || status === 304 || length === 0) {
      this.finish(nothingFollows);
      return;
    }
    if (length === 'chunked') this.mode = 'chunkSize';
    else if (length === undefined) this.mode = 'untilClose';
    else {
      this.mode = 'length';
      this.remaining = length;
    }
  }

  private readCounted(bytes: Buffer, at: number): number {
    const end = Math.min(bytes.length, at + this.remaining);
    this.remaining -= end - at;
    this.sink.onBody(at === 0 && end === bytes.length ? bytes : bytes.subarray(at, end));
    if (this.remaining > 0) return end;
    if (this.mode === 'chunk') this.mode = 'chunkEnd';
    else this.finish(end === bytes.length);
    return end;
  }

  private readLine(bytes: Buffer, at: number, use: (line: string) => void): number | undefined {
    const end = bytes.indexOf('\r\n', at, 'latin1');
    if ((end === -1 ? bytes.length : end) - at > lineBytes) throw new MalformedResponse('a line is too long');
    if (end === -1) return undefined;
    use(bytes.toString('latin1', at, end));
    return end + 2;
  }

  private beginChunk(line: string): void {
    const size = /^([0-9A-Fa-f]{1,12})[ \t]*(?:;.*)?$/.exec(line)?.[1];
    if (size === undefined) throw new MalformedResponse('a chunk without a size');
    this.remaining = parseInt(size, 16);
    this.mode = this.remaining === 0 ? 'trailers' : 'chunk';
  }

  private finish(nothingFollows: boolean): void {
    this.mode = 'done';
    this.sink.onEnd(this.keepAlive && nothingFollows);
  }
}

interface Framing {
  connection: string;
  contentLength: string | undefined;
  transferEncoding: string | undefined;
}

interface Head {
  readonly status: number;
  readonly minorVersion: string;
  readonly headers: string[];
  readonly framing: Framing;
}

/** A status line and headers, each to the end of its line: valid names, nothing folded, no control characters. */
const properHead =
  /^HTTP\/1\.([01]) ([1-5]\d\d)(?: [^\r\n]*)?\r\n((?:[-!#$%&'*+.^_`|~0-9A-Za-z]+:[\t -~\x80-\xff]*\r\n)*)$/;

function parseHead(head: string): Head {
  const [, minorVersion, status, lines] = properHead.exec(head) ?? [];
  if (minorVersion === undefined || lines === undefined) throw new MalformedResponse('no proper HTTP/1.1 head');
  const headers: string[] = [];
  const framing: Framing = { connection: '', contentLength: undefined, transferEncoding: undefined };
  for (let at = 0; at < lines.length;) {
    const colon = lines.indexOf(':', at);
    const end = lines.indexOf('\r\n', colon);
    const name = lines.slice(at, colon);
    const value = lines.slice(colon + 1, end).trim();
    headers.push(name, value);
    noteFraming(framing, name, value);
    at = end + 2;
  }
  return { status: Number(status), minorVersion, headers, framing };
}

function noteFraming(framing: Framing, name: string, value: string): void {
  // These are the lengths of the three names that matter.
  if (name.length !== 10 && name.length !== 14 && name.length !== 17) return;
  const lowered = name.toLowerCase();
  if (lowered === 'connection') framing.connection += `,${value}`;
  if (lowered === 'content-length') {
    if ((framing.contentLength ?? value) !== value) throw new MalformedResponse('two lengths');
    framing.contentLength = value;
  }
  if (lowered === 'transfer-encoding') {
    framing.transferEncoding = framing.transferEncoding === undefined ? value : `${framing.transferEncoding},${value}`;
  }
}

/** Undefined when the end of the connection ends the body. */
function bodyLength({ contentLength, transferEncoding }: Framing): number | 'chunked' | undefined {
  if (transferEncoding !== undefined) {
    if (contentLength !== undefined) throw new MalformedResponse('both a length and a transfer encoding');
    if (transferEncoding.toLowerCase() !== 'chunked') throw new MalformedResponse('an unknown transfer encoding');
    return 'chunked';
  }
  if (contentLength === undefined) return undefined;
  if (!/^\d{1,15}$/.test(contentLength)) throw new MalformedResponse('a length that is no number');
  return Number(contentLength);
}
