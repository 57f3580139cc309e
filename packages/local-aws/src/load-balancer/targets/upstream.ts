/**
 * The connections to one target. A request gets the idle connection that was used last, or a new one; a connection serves one
 * request at a time.
 *
 * Invariants: a request is written once, never again on another connection. An idle connection stays open for the load
 * balancer's idle timeout, whatever the target's `Keep-Alive` is: a target that closes idle connections earlier causes a 502
 * now and then, as on AWS.
 * https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-troubleshooting.html
 */
import type { IncomingMessage } from 'node:http';
import { type Socket, connect } from 'node:net';
import { connect as connectSecurely } from 'node:tls';
import { ResponseParser, type ResponseSink } from './response-parser';

/** https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-troubleshooting.html (504) */
const connectTimeoutMs = 10_000;
const sweepMs = 1_000;

export interface OutgoingRequest {
  readonly method: string;
  /** Path and query. */
  readonly url: string;
  /** Names and values in turn, without those that concern the connection or the body's framing, except Content-Length. */
  readonly headers: readonly string[];
  /** Undefined for a request without a body. A body that came in chunks is sent in chunks. */
  readonly body: IncomingMessage | undefined;
}

/** The first two are failures to connect, the last is one on a connection. */
export type UpstreamFailure = 'connectTimeout' | 'notConnected' | 'broken';

/** Either `onEnd` or `onFailure` is called, once, unless the request is aborted. */
export interface UpstreamSink extends ResponseSink {
  /** All that has arrived was passed to the sink, and more is to come. */
  onWait(): void;
  onFailure(kind: UpstreamFailure): void;
}

export interface Flow {
  pause(): void;
  resume(): void;
  /** Ends the request without calling the sink; the connection is closed. */
  abort(): void;
}

export interface Upstream {
  send(request: OutgoingRequest, sink: UpstreamSink): Flow;
  /** Closes idle connections now and the others after their answer. */
  close(): void;
}

/** The buffer of all connections: what arrives is used or copied before anything else is read. */
const readBuffer = Buffer.allocUnsafe(64 * 1024);

interface Connection {
  readonly socket: Socket;
  current: { readonly parser: ResponseParser; readonly sink: UpstreamSink } | undefined;
  /** Whether the current request's body was written to its end. */
  bodySent: boolean;
  idleSince: number;
}

/** Where a target listens. */
interface Address {
  readonly host: string;
  readonly port: number;
  /** Whether it speaks TLS, with whatever certificate. */
  readonly secure: boolean;
}

export function createUpstream(address: Address, idleTimeoutMs: number): Upstream {
  const idle: Connection[] = [];
  let closed = false;
  let sweeper: NodeJS.Timeout | undefined;

  const forget = (connection: Connection): void => {
    const index = idle.indexOf(connection);
    if (index !== -1) idle.splice(index, 1);
  };

  const sweep = (): void => {
    const now = performance.now();
    // The least recently used ones come first.
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
      const connection = idle.pop() ?? openConnection(address, forget);
      const { socket } = connection;
      const parser = new ResponseParser(request.method === 'HEAD', {
        onHead: (status, headers) => sink.onHead(status, headers),
        onBody: (piece) => sink.onBody(piece),
        onEnd(reusable) {
          // The connection is freed before the answer ends, so that the client's next request finds it.
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

/** Opens a connection that passes on what it reads; `forget` is called when it can't be used any more. */
function openConnection({ host, port, secure }: Address, forget: (connection: Connection) => void): Connection {
  const onread = { buffer: readBuffer, callback: (length: number) => read(readBuffer.subarray(0, length)) };
  const socket = secure
    ? connectSecurely({ host, port, rejectUnauthorized: false }).on('data', (data: Buffer) => read(data))
    : connect({ host, port, noDelay: true, onread });
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
  socket.on(secure ? 'secureConnect' : 'connect', () => {
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
    // The rest isn't needed, but it is read so that the client doesn't get stuck on it.
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
