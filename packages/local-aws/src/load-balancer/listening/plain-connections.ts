/**
 * Serves clients' connections as long as their requests are plain. Node's HTTP server can do all of this and more, but takes
 * twice the time.
 *
 * Invariants: a connection serves one request after the other. With the first bytes that aren't a plain request, Node's server
 * gets the connection and keeps it, but not before the answer in flight has ended.
 */
import type { Socket } from 'node:net';
import type { ClientAnswer, ClientRequest } from './client-exchange';
import { PlainAnswer } from './plain-answer';
import { plainRequest } from './plain-requests';

/** How much of what a client sends before its answer has ended is read. */
const aheadBytes = 64 * 1024;

export interface PlainService {
  idleTimeoutMs(): number;
  serve(request: ClientRequest, answer: ClientAnswer): void;
  /** Gives the connection to Node's server, which can read again what was read of it. */
  handOver(socket: Socket): void;
}

export interface PlainConnections {
  accept(socket: Socket, service: PlainService): void;
  /** Closes idle connections now and the others after their answer. */
  close(): void;
  /** Ends everything at once. */
  destroy(): void;
}

interface PlainConnection {
  readonly socket: Socket;
  close(): void;
}

export function createPlainConnections(): PlainConnections {
  const connections = new Set<PlainConnection>();
  return {
    accept(socket, service) {
      const connection = servePlain(socket, service, () => connections.delete(connection));
      connections.add(connection);
    },
    close() {
      for (const connection of connections) connection.close();
    },
    destroy() {
      for (const { socket } of connections) socket.destroy();
    },
  };
}

function servePlain(socket: Socket, service: PlainService, onGone: () => void): PlainConnection {
  let answer: PlainAnswer | undefined;
  let ahead: Buffer | undefined;
  let closing = false;

  const read = (bytes: Buffer): void => {
    if (answer !== undefined) {
      ahead = ahead === undefined ? bytes : Buffer.concat([ahead, bytes]);
      if (ahead.length > aheadBytes) socket.pause();
      return;
    }
    const request = plainRequest(bytes, socket);
    if (request === undefined) return handOver(bytes);
    keepTime();
    answer = new PlainAnswer(socket, request, answered);
    service.serve(request, answer);
  };
  const answered = (keepAlive: boolean): void => {
    answer = undefined;
    if (!keepAlive || closing) socket.destroySoon();
    else if (ahead !== undefined) handOver(ahead);
  };
  const handOver = (bytes: Buffer): void => {
    for (const [event, listener] of listeners) socket.off(event, listener);
    onGone();
    socket.pause();
    socket.unshift(bytes);
    service.handOver(socket);
    socket.resume();
  };
  /** The idle timeout may change while the connection is open. */
  const keepTime = (): void => {
    const idleTimeoutMs = service.idleTimeoutMs();
    if (socket.timeout !== idleTimeoutMs) socket.setTimeout(idleTimeoutMs);
  };
  const gone = (): void => {
    onGone();
    answer?.close();
  };
  const listeners: readonly (readonly [string, (bytes: Buffer) => void])[] = [
    ['data', read],
    ['drain', () => answer?.drained()],
    ['timeout', () => (answer === undefined ? void socket.destroy() : answer.timeOut())],
    ['end', () => socket.destroySoon()],
    // It needs no handling: `close` follows.
    ['error', () => undefined],
    ['close', gone],
  ];

  keepTime();
  for (const [event, listener] of listeners) socket.on(event, listener);
  return {
    socket,
    close() {
      closing = true;
      if (answer === undefined) socket.destroy();
    },
  };
}
