/** Health checks over HTTP, for container platforms: whether this process can work at all, and whether it takes work now. */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { parseAddress } from './addresses';

export interface Health {
  readonly port: number;
  close(): Promise<void>;
}

/** What the two checks ask. */
export interface HealthChecks {
  /** Whether all of its workers take work. */
  readonly isReady: () => boolean;
  /** Whether it reached Temporal lately. */
  readonly isConnected: () => boolean;
}

/**
 * `GET /healthz` answers 200 while Temporal was reached lately, `GET /readyz` while all of the process's workers take work too;
 * else both answer 503, with why.
 * @param address such as `0.0.0.0:9465`; port 0 takes a free one
 */
export async function serveHealth(address: string, { isReady, isConnected }: HealthChecks): Promise<Health> {
  const lost = () => (isConnected() ? undefined : 'Temporal was not reached lately');
  const problems: Readonly<Record<string, () => string | undefined>> = {
    '/healthz': lost,
    '/readyz': () => lost() ?? (isReady() ? undefined : 'its workers do not all take work'),
  };
  const server = createServer(({ url = '' }, response) => {
    const check = problems[url];
    const problem = check?.();
    response.writeHead(check ? (problem === undefined ? 200 : 503) : 404, { 'content-type': 'text/plain' });
    response.end(`${check ? (problem ?? 'ok') : 'not found'}\n`);
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
