/**
 * The control port, for what a test or an operator wants of the local AWS and AWS has no operation for. Loopback only.
 *
 * - `GET /health`: 200 once the API answers.
 * - `POST /logins`: elbv2/logins.ts; `/certificates`: acm/certificates.ts; `GET /load-balancers`: elbv2/dns-health.ts.
 * - `GET /calls`: how many calls were answered since the start, by `service:Operation`.
 */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { refuseStranger } from './local-callers';
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
 * @throws {Error} when the port is in use
 */
export async function serveControl(
  port: number,
  routes: readonly ControlRoute[],
): Promise<{ url: string; close(): Promise<void> }> {
  const server = createServer(keepIdle, (request, response) => {
    void respond(routes, request, response).catch(() => response.destroy());
  });
  const actual = await listen(server, port);
  return { url: `http://127.0.0.1:${actual}`, close: () => closeServer(server) };
}

async function respond(
  routes: readonly ControlRoute[],
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  if (refuseStranger(request, response)) return;
  const url = new URL(request.url ?? '/', 'http://127.0.0.1');
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
