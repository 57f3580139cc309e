/**
 * The control port, for what a test or an operator wants of the local AWS and AWS has no operation for. Loopback only.
 *
 * - `GET /health`: 200 once the API answers. Everything else is asked below a key (control-key.ts), `GET /<key>/calls`.
 * - `POST /logins`: elbv2/logins.ts; `/certificates`: acm/certificates.ts; `GET /load-balancers`: elbv2/dns-health.ts.
 * - `GET /calls`: how many calls were answered since the start, by `service:Operation`. `GET /writes?after=N`: the last writes
 *   after the Nth, in their order: what each asked for, what became of it, and the faults that struck it.
 */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { afterKey, controlUrl } from './control-key';
import { refuseKey, refuseStranger } from './local-callers';
import { closeServer, keepIdle, listen, readBody } from './protocol/server';

export interface ControlRequest {
  readonly method: string;
  readonly url: URL;
  readonly body: string;
}

/**
 * Returns the JSON to answer with, or undefined for a path of another route.
 * @throws {Error} whose message is answered with status 400
 */
export type ControlRoute = (request: ControlRequest) => unknown;

/**
 * Serves the control port; a request goes to the first route that answers it.
 * @returns the URL with the key, and the port
 * @throws {Error} when the port is in use
 */
export async function serveControl(
  { port, key }: { readonly port: number; readonly key: string },
  routes: readonly ControlRoute[],
): Promise<{ url: string; port: number; close(): Promise<void> }> {
  const server = createServer(keepIdle, (request, response) => {
    void respond({ routes, key }, request, response).catch(() => response.destroy());
  });
  const actual = await listen(server, port);
  return { url: controlUrl(actual, key), port: actual, close: () => closeServer(server) };
}

interface Served {
  readonly routes: readonly ControlRoute[];
  readonly key: string;
}

async function respond({ routes, key }: Served, request: IncomingMessage, response: ServerResponse): Promise<void> {
  if (refuseStranger(request, response)) return;
  const target = request.url === '/health' ? request.url : afterKey(request.url, key);
  if (target === undefined) return refuseKey(response);
  const url = new URL(`http://127.0.0.1${target}`);
  const asked = { method: request.method ?? 'GET', url, body: await readBody(request) };
  const [status, body] = await answer(routes, asked);
  response.writeHead(status, { 'content-type': 'application/json' });
  response.end(JSON.stringify(body));
}

async function answer(routes: readonly ControlRoute[], request: ControlRequest): Promise<[number, unknown]> {
  try {
    for (const route of routes) {
      const body = await route(request);
      if (body !== undefined) return [200, body];
    }
    return [404, { error: `There is nothing at ${request.method} ${request.url.pathname}.` }];
  } catch (error) {
    return [400, { error: error instanceof Error ? error.message : String(error) }];
  }
}
