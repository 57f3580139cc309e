/** The load balancer of the benchmarks, in a process of its own. */
import { type ChildProcess, spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { controlKeyVariable, controlUrl } from '../src/control-key';
import type { DataPlaneConfiguration } from '../src/load-balancer/configuration';
import { proxyNodeArguments } from '../src/load-balancer/process/node-arguments';

/** Of the control port, which nobody else knows. */
const key = randomUUID();

/** Resolves when the load balancer has its configuration. The caller must end the child. */
export async function startProxy(
  folder: string,
  control: number,
  wanted: DataPlaneConfiguration,
): Promise<ChildProcess> {
  const program = join(__dirname, '..', 'src', 'load-balancer', 'process', 'process.js');
  const child = spawn(process.execPath, [...proxyNodeArguments, program, join(folder, 'proxy'), String(control)], {
    stdio: ['ignore', 'ignore', 'inherit'],
    env: { ...process.env, ...controlKeyVariable(key) },
  });
  const url = controlUrl(control, key);
  await eventually(() => fetch(`${url}/targets`));
  await fetch(`${url}/configuration`, { method: 'PUT', body: JSON.stringify(wanted) });
  return child;
}

/**
 * Calls `look` until it doesn't fail any more.
 * @throws the last failure of `look` after 15 s
 */
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

/** Health checks every five seconds, the shortest interval on AWS. */
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
