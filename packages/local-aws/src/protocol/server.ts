/** The HTTP port that all services share. Loopback only. */
import { randomUUID } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { refuseStranger } from '../local-callers';
import { answer, NoAnswer, type Dispatch } from './dispatch';
import type { Reply } from './reply';

export interface ApiServerOptions extends Dispatch {
  readonly port: number;
  /** Answers plain GETs besides the API, e.g. for an image's layers; undefined for any other path. */
  readonly download: (path: string) => Promise<Reply | undefined>;
}

/**
 * Idle connections stay open until the caller closes them. Node's own limit of 5 s would now and then close one that is just
 * being used again, and that call would get no answer although no fault is set.
 */
export const keepIdle = { keepAliveTimeout: 0 };

/**
 * Starts to listen.
 * @throws {Error} when the port is in use
 */
export async function serveApi(options: ApiServerOptions): Promise<{ url: string; close(): Promise<void> }> {
  const server = createServer(keepIdle, (request, response) => {
    void respond(options, request, response).catch(options.report);
  });
  const port = await listen(server, options.port);
  return { url: `http://127.0.0.1:${port}`, close: () => closeServer(server) };
}

/**
 * Listens on a port of loopback, and returns it; 0 takes a free one.
 * @throws {Error} when the port is in use
 */
export async function listen(server: Server, port: number): Promise<number> {
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', resolve);
  });
  return (server.address() as AddressInfo).port;
}

/** Stops listening and cuts all connections. */
export async function closeServer(server: Server): Promise<void> {
  await new Promise<void>((resolve) => {
    server.close(() => resolve());
    server.closeAllConnections();
  });
}

async function respond(options: ApiServerOptions, request: IncomingMessage, response: ServerResponse): Promise<void> {
  if (refuseStranger(request, response)) return;
  const url = new URL(request.url ?? '/', 'http://127.0.0.1');
  const body = await readBytes(request);
  const download = request.method === 'GET' ? await options.download(url.pathname) : undefined;
  const requestId = randomUUID();
  const { method = 'GET', url: target = '/', headers } = request;
  const call = { method, target, headers, path: url.pathname, query: url.searchParams, body };
  const reply = download ?? (await answer(options, call, requestId));
  if (reply instanceof NoAnswer) {
    if (reply.how === 'reset') request.socket.destroy();
    return;
  }
  response.writeHead(reply.status, {
    'content-type': reply.contentType,
    'content-length': Buffer.byteLength(reply.body),
    'x-amzn-requestid': requestId,
    ...reply.headers,
  });
  response.end(reply.body);
}

export async function readBody(request: IncomingMessage): Promise<string> {
  return (await readBytes(request)).toString('utf8');
}

async function readBytes(request: IncomingMessage): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of request) chunks.push(chunk as Uint8Array);
  return Buffer.concat(chunks);
}
