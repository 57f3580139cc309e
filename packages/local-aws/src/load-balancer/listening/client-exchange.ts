/**
 * A request and its answer as the rest of the load balancer sees them, whoever reads and writes the client's connection:
 * Node's HTTP server, or the load balancer itself for requests that are plain (plain-connections.ts).
 */
import type { IncomingMessage, ServerResponse } from 'node:http';

/** Up to here copying text is quicker than sending head and body apart. */
export const onePieceBytes = 32 * 1024;

export type ClientRequest = Pick<IncomingMessage, 'method' | 'url' | 'rawHeaders' | 'headers' | 'socket'>;

/** What may happen to a client's connection while its request is answered. */
export interface ClientEvents {
  /** The client takes more again, after `write` was false. */
  onDrain(): void;
  /** Nothing came or went for the idle timeout. */
  onTimeout(): void;
  onClose(): void;
}

export interface ClientAnswer {
  /** Its head was given: no other status can be. */
  readonly begun: boolean;
  /** Whether the connection is there for another request afterwards; has to be settled before the answer begins. */
  keepAlive: boolean;
  watch(events: ClientEvents): void;
  /** Gives the head, names and values in turn; it is sent with the first of the body, or by `flush`. */
  begin(status: number, headers: string[], reason?: string): void;
  flush(): void;
  /** False when the client takes no more for now. The piece's bytes are only needed until this returns. */
  write(piece: Buffer): boolean;
  /** A `last` piece that comes right after the head leaves with it. Only needed until this returns. */
  end(last?: Buffer): void;
  /** Ends the connection, so that a body that was cut can't be taken for a whole one. */
  abort(): void;
}

/** Said outright, for Node would add a `Keep-Alive` that the load balancer doesn't send. */
export const connectionOf = ({ keepAlive }: ClientAnswer): string => (keepAlive ? 'keep-alive' : 'close');

/** An answer that Node's server writes. */
export class NodeAnswer implements ClientAnswer {
  constructor(private readonly response: ServerResponse) {}

  get begun(): boolean {
    return this.response.headersSent;
  }

  get keepAlive(): boolean {
    return this.response.shouldKeepAlive;
  }

  set keepAlive(wanted: boolean) {
    this.response.shouldKeepAlive = wanted;
  }

  watch({ onDrain, onTimeout, onClose }: ClientEvents): void {
    this.response.on('drain', onDrain).on('timeout', onTimeout).on('close', onClose);
  }

  begin(status: number, headers: string[], reason?: string): void {
    if (reason === undefined) this.response.writeHead(status, headers);
    else this.response.writeHead(status, reason, headers);
  }

  flush(): void {
    this.response.flushHeaders();
  }

  write(piece: Buffer): boolean {
    return this.response.write(Buffer.from(piece));
  }

  end(last?: Buffer): void {
    endThroughNode(this.response, last);
  }

  abort(): void {
    this.response.destroy();
  }
}

/** Ends a response whose body came with its headers: both leave in one piece, which takes half the time of two. */
function endThroughNode(response: ServerResponse, last: Buffer | undefined): void {
  if (last === undefined || last.length > onePieceBytes) {
    response.end(last === undefined ? undefined : Buffer.from(last));
    return;
  }
  // The same bytes as text, for headers are text; uncorked, for the end of a response is a piece of its own.
  response.write(last.toString('latin1'), 'latin1');
  response.socket?.uncork();
  response.end();
}
