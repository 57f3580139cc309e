/**
 * A request and its answer as the rest of the load balancer sees them. The client's connection may be read and written by
 * Node's HTTP server, or by the load balancer itself for requests that are plain (plain-connections.ts).
 */
import type { IncomingMessage, ServerResponse } from 'node:http';

/** Up to this size, copying a body is quicker than sending it separately from its head. */
export const onePieceBytes = 32 * 1024;

export type ClientRequest = Pick<IncomingMessage, 'method' | 'url' | 'rawHeaders' | 'headers' | 'socket'>;

/** How the client came: over TLS, or not. */
export const schemeOf = ({ socket }: Pick<ClientRequest, 'socket'>): 'http' | 'https' =>
  'encrypted' in socket ? 'https' : 'http';

/** What may happen to a client's connection while its request is answered. */
export interface ClientEvents {
  /** The client accepts more again, after `write` returned false. */
  onDrain(): void;
  /** No byte was received or sent during the idle timeout. */
  onTimeout(): void;
  onClose(): void;
}

/** The answer to a client. `begin` comes first, then any number of `write`, then `end`; `abort` may come at any time. */
export interface ClientAnswer {
  /** Whether its head was given: then it can't get another status. */
  readonly begun: boolean;
  /** Whether the connection can be used for another request afterwards; must be decided before the answer begins. */
  keepAlive: boolean;
  watch(events: ClientEvents): void;
  /** Gives the head; `headers` are names and values in turn. It is sent with the first piece of the body, or by `flush`. */
  begin(status: number, headers: string[], reason?: string): void;
  flush(): void;
  /** Returns false when the client accepts no more for now. The piece's bytes are only needed until this returns. */
  write(piece: Buffer): boolean;
  /** Ends the answer. A `last` piece right after the head is sent with it; its bytes are only needed until this returns. */
  end(last?: Buffer): void;
  /** Ends the connection, so that a body that was cut can't be taken for a whole one. */
  abort(): void;
}

/** The header `Connection`. It is set explicitly, because Node would add a `Keep-Alive` that the load balancer doesn't send. */
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

  watch(events: ClientEvents): void {
    this.response
      .on('drain', () => events.onDrain())
      .on('timeout', () => events.onTimeout())
      .on('close', () => events.onClose());
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

/** Ends a response whose body came with its headers: both are sent in one piece, which takes half the time of two. */
function endThroughNode(response: ServerResponse, last: Buffer | undefined): void {
  if (last === undefined || last.length > onePieceBytes) {
    response.end(last === undefined ? undefined : Buffer.from(last));
    return;
  }
  // The bytes are written as text, because headers are text; uncorked, because the end of a response is a piece of its own.
  response.write(last.toString('latin1'), 'latin1');
  response.socket?.uncork();
  response.end();
}
