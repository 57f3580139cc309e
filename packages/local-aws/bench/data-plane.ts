/** What the benchmarks share: a load balancer in a process of its own. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { join } from 'node:path';
import type { DataPlaneConfiguration } from '../src/load-balancer/configuration';
import { proxyNodeArguments } from '../src/load-balancer/process/node-arguments';

/** Resolves once it has its configuration. The child is the caller's to end. */
export async function startProxy(
  folder: string,
  control: number,
  wanted: DataPlaneConfiguration,
): Promise<ChildProcess> {
  const program = join(__dirname, '..', 'src', 'load-balancer', 'process', 'process.js');
  const child = spawn(process.execPath, [...proxyNodeArguments, program, join(folder, 'proxy'), String(control)], {
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  const url = `http://127.0.0.1:${control}`;
  await eventually(() => fetch(`${url}/targets`));
  await fetch(`${url}/configuration`, { method: 'PUT', body: JSON.stringify(wanted) });
  return child;
}

/** Looks until it doesn't fail any more; after 15 s it fails as the last look did. */
export async function eventually(look: () => Promise<unknown>): Promise<void> {
  for (const until = Date.now() + 15_000; ;) {
    try {
      await look();
      return;
    } catch (error) {
      if (Date.now() > until) throw error;
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }
}

/** Every five seconds, as the quickest that AWS has. */
export const healthCheckOf = (path: string) => ({
  enabled: true,
  path,
  port: 'traffic-port',
  intervalSeconds: 5,
  timeoutSeconds: 2,
  matcher: '200',
  healthyThresholdCount: 2,
  unhealthyThresholdCount: 2,
});

export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  return typeof address === 'object' ? (address?.port ?? 0) : 0;
}
