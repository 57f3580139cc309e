/** Health checks over HTTP, for container platforms: whether this process lives, and whether it takes work. */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { parseAddress } from './addresses';

export interface Health {
  readonly port: number;
  close(): Promise<void>;
}

/**
 * `GET /healthz` answers 200 while the process lives; `GET /readyz` answers 200 while all of its workers take work, else 503.
 * @param address such as `0.0.0.0:9465`; port 0 takes a free one
 */
export async function serveHealth(address: string, isReady: () => boolean): Promise<Health> {
  const server = createServer(({ url }, response) => {
    const status = url === '/healthz' ? 200 : url === '/readyz' ? (isReady() ? 200 : 503) : 404;
    response.writeHead(status, { 'content-type': 'text/plain' });
    response.end(`${status === 200 ? 'ok' : status === 503 ? 'not ready' : 'not found'}\n`);
  });
  const { host, port } = parseAddress(address);
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, resolve);
  });
  return {
    port: (server.address() as AddressInfo).port,
    close: async () => {
      server.closeAllConnections();
      await new Promise<void>((resolve) => void server.close(() => resolve()));
    },
  };
}
