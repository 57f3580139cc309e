/**
 * The connections to one target. A request gets an idle connection, the one used last, or a new one; a connection serves one
 * request at a time.
 *
 * Invariants: a request is written once, never again on another connection. An idle connection is kept for the load
 * balancer's idle timeout, whatever the target says in `Keep-Alive`: a target that closes idle connections earlier is met by
 * a 502 now and then, as behind the real one.
 * https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-troubleshooting.html
 */
import type { IncomingMessage } from 'node:http';
import { type Socket, connect } from 'node:net';
import { ResponseParser, type ResponseSink } from './response-parser';

/** https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-troubleshooting.html (504) */
const connectTimeoutMs = 10_000;
const sweepMs = 1_000;

export interface OutgoingRequest {
  readonly method: string;
  /** Path and query. */
  readonly url: string;
  /** Names and values in turn, without those that are about the connection or the body's framing; Content-Length is kept. */
  readonly headers: readonly string[];
  /** Undefined without a body. It is sent chunked when it came so. */
  readonly body: IncomingMessage | undefined;
}

/** Without a connection, or on one. */
type UpstreamFailure = 'connectTimeout' | 'notConnected' | 'broken';

/** One of `onEnd` and `onFailure` is called, once, unless the request is aborted. */
export interface UpstreamSink extends ResponseSink {
  /** All that has arrived was told, and there is more to come. */
  onWait(): void;
  onFailure(kind: UpstreamFailure): void;
}

export interface Flow {
  pause(): void;
  resume(): void;
  /** Ends it without a word to the sink; the connection is closed. */
  abort(): void;
}

export interface Upstream {
  send(request: OutgoingRequest, sink: UpstreamSink): Flow;
  /** Closes idle connections now and the others after their answer. */
  close(): void;
}

/** All connections read into this one: what arrives is used, or copied, before anything else is read. */
const readBuffer = Buffer.allocUnsafe(64 * 1024);

interface Connection {
  readonly socket: Socket;
  current: { readonly parser: ResponseParser; readonly sink: UpstreamSink } | undefined;
  /** The current request's body was written to its end. */
  bodySent: boolean;
  idleSince: number;
}

export function createUpstream(host: string, port: number, idleTimeoutMs: number): Upstream {
  const idle: Connection[] = [];
  let closed = false;
  let sweeper: NodeJS.Timeout | undefined;

  const forget = (connection: Connection): void => {
    const index = idle.indexOf(connection);
    if (index !== -1) idle.splice(index, 1);
  };

  const sweep = (): void => {
    const now = performance.now();
    // The least recently used come first.
    while (idle[0] !== undefined && now - idle[0].idleSince >= idleTimeoutMs) idle.shift()?.socket.destroy();
    if (idle.length > 0) return;
    clearInterval(sweeper);
    sweeper = undefined;
  };

  const release = (connection: Connection, reusable: boolean): void => {
    connection.current = undefined;
    if (!reusable || closed || !connection.bodySent || connection.socket.destroyed) {
      connection.socket.destroy();
      return;
    }
    if (connection.socket.isPaused()) connection.socket.resume();
    connection.idleSince = performance.now();
    idle.push(connection);
    sweeper ??= setInterval(sweep, Math.min(sweepMs, idleTimeoutMs)).unref();
  };

  return {
    send(request, sink) {
      const connection = idle.pop() ?? openConnection(host, port, forget);
      const { socket } = connection;
      const parser = new ResponseParser(request.method === 'HEAD', {
        onHead: sink.onHead,
        onBody: sink.onBody,
        onEnd(reusable) {
          // First free, so that the client's next request finds it.
          release(connection, reusable);
          sink.onEnd(reusable);
        },
      });
      connection.current = { parser, sink };
      connection.bodySent = request.body === undefined;
      socket.write(requestHead(request), 'latin1');
      if (request.body !== undefined) sendBody(connection, request.body);
      return {
        pause: () => void socket.pause(),
        resume: () => void socket.resume(),
        abort() {
          connection.current = undefined;
          socket.destroy();
        },
      };
    },
    close() {
      closed = true;
      clearInterval(sweeper);
      for (const { socket } of idle.splice(0)) socket.destroy();
    },
  };
}

/** A connection that hands on what it reads; `forget` is told when it is of no use any more. */
function openConnection(host: string, port: number, forget: (connection: Connection) => void): Connection {
  const onread = { buffer: readBuffer, callback: (length: number) => read(readBuffer.subarray(0, length)) };
  const socket = connect({ host, port, noDelay: true, onread });
  const connection: Connection = { socket, current: undefined, bodySent: false, idleSince: 0 };
  const timer = setTimeout(() => fail('connectTimeout'), connectTimeoutMs);
  const fail = (kind: UpstreamFailure): void => {
    clearTimeout(timer);
    socket.destroy();
    forget(connection);
    const { current } = connection;
    connection.current = undefined;
    current?.sink.onFailure(kind);
  };
  let connected = false;
  socket.on('connect', () => {
    connected = true;
    clearTimeout(timer);
  });
  const read = (data: Buffer): boolean => {
    try {
      const { current } = connection;
      if (current === undefined) fail('broken');
      else current.parser.push(data);
      if (connection.current === current) current?.sink.onWait();
    } catch {
      fail('broken');
    }
    return true;
  };
  socket.on('end', () => {
    if (connection.current?.parser.close() !== true) fail('broken');
  });
  socket.on('error', () => fail(connected ? 'broken' : 'notConnected'));
  socket.on('close', () => fail('broken'));
  return connection;
}

function requestHead({ method, url, headers, body }: OutgoingRequest): string {
  let head = `${method} ${url} HTTP/1.1\r\n`;
  for (let index = 0; index < headers.length; index += 2) head += `${headers[index]}: ${headers[index + 1]}\r\n`;
  if (body !== undefined && isChunked(body)) head += 'Transfer-Encoding: chunked\r\n';
  return `${head}Connection: keep-alive\r\n\r\n`;
}

const isChunked = (body: IncomingMessage): boolean => body.headers['transfer-encoding'] !== undefined;

/** Passes the client's body on as it comes, no faster than the target takes it. */
function sendBody(connection: Connection, body: IncomingMessage): void {
  const { socket } = connection;
  const { current } = connection;
  const chunked = isChunked(body);
  const resume = () => void body.resume();
  const stop = () => {
    body.off('data', pass).off('end', end);
    socket.off('drain', resume).off('close', stop);
    // Whatever is left is of no use to anybody, but the client mustn't get stuck on it.
    body.resume();
  };
  const pass = (data: Buffer) => {
    if (connection.current !== current) return stop();
    if (chunked) socket.write(`${data.length.toString(16)}\r\n`, 'latin1');
    const taken = socket.write(data);
    if ((chunked ? socket.write('\r\n', 'latin1') : taken) === false) body.pause();
  };
  const end = () => {
    if (connection.current === current) {
      if (chunked) socket.write('0\r\n\r\n', 'latin1');
      connection.bodySent = true;
    }
    stop();
  };
  socket.on('drain', resume).on('close', stop);
  body.on('data', pass).on('end', end);
}
