/**
 * The WebSocket of a sample application, at `/<Module>/socket`: it says who serves it, and then sends back every message that it gets.
 * It becomes part of the sample bundles: nothing but Node's own modules and `modules.ts` may be imported here.
 * https://www.rfc-editor.org/rfc/rfc6455
 */
import { createHash } from 'node:crypto';
import type { IncomingMessage, Server } from 'node:http';
import type { Duplex } from 'node:stream';
import { describe, findModule, type ServedApplication } from './modules';

/** What every server adds to a client's key, to show that it speaks the protocol. */
const protocolId = '258EAFA5-E914-47DA-95CA-C5AB0DC85B11';
const opcodes = { text: 1, close: 8, ping: 9, pong: 10 } as const;
/** A client that sends a longer message is closed with 1009. */
const longestMessage = 65_535;
const tooLong = 1009;

/** Serves WebSockets on a server; any other change of protocol is refused with 404. */
export function serveSockets(server: Server, find: (module: string) => ServedApplication | undefined): void {
  server.on('upgrade', (request: IncomingMessage, socket: Duplex, head: Buffer) => {
    socket.on('error', () => socket.destroy());
    const found = findModule(find, request.url);
    const key = request.headers['sec-websocket-key'];
    if (found?.page !== 'socket' || key === undefined || found.served.broken?.kind === 'module')
      return void socket.end('HTTP/1.1 404 Not Found\r\nConnection: close\r\nContent-Length: 0\r\n\r\n');
    const accept = createHash('sha1').update(`${key}${protocolId}`).digest('base64');
    socket.write(
      `HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: ${accept}\r\n\r\n`,
    );
    socket.write(frame(opcodes.text, Buffer.from(describe(found.served, found.module))));
    echo(socket, head);
  });
}

function echo(socket: Duplex, head: Buffer): void {
  let unread = head;
  const read = (more: Buffer): void => {
    unread = Buffer.concat([unread, more]);
    for (let next = readFrame(unread); next !== undefined; next = readFrame(unread)) {
      unread = unread.subarray(next.length);
      if (next.payload === undefined) return void socket.end(frame(opcodes.close, closing(tooLong)));
      if (next.opcode === opcodes.close) return void socket.end(frame(opcodes.close, next.payload));
      if (next.opcode !== opcodes.pong) {
        socket.write(frame(next.opcode === opcodes.ping ? opcodes.pong : next.opcode, next.payload));
      }
    }
  };
  socket.on('data', read);
  read(Buffer.alloc(0));
}

const closing = (code: number): Buffer => Buffer.from([code >> 8, code & 0xff]);

interface Frame {
  readonly opcode: number;
  /** Of the whole frame, in bytes. */
  readonly length: number;
  /** Undefined where it is too long. */
  readonly payload: Buffer | undefined;
}

/** The first frame of what a client sent, whose bytes are always masked; undefined while it isn't whole. */
function readFrame(bytes: Buffer): Frame | undefined {
  const [first = 0, second = 0] = bytes;
  const short = second & 0x7f;
  const headerLength = short === 126 ? 4 : 2;
  if (bytes.length < headerLength + 4) return undefined;
  if (short === 127) return { opcode: first & 0x0f, length: bytes.length, payload: undefined };
  const size = short === 126 ? bytes.readUInt16BE(2) : short;
  const start = headerLength + 4;
  if (bytes.length < start + size) return undefined;
  const mask = bytes.subarray(headerLength, start);
  const payload = bytes.subarray(start, start + size).map((byte, at) => byte ^ (mask[at % 4] ?? 0));
  return { opcode: first & 0x0f, length: start + size, payload: Buffer.from(payload) };
}

/** One frame of a server, whose bytes are never masked. */
function frame(opcode: number, payload: Buffer): Buffer {
  const { length } = payload;
  const header = [0x80 | opcode, ...(length < 126 ? [length] : [126, length >> 8, length & 0xff])];
  return Buffer.concat([Buffer.from(header), payload.subarray(0, longestMessage)]);
}
