/**
 * Whether the local load balancer checks a thousand targets on time: 100 target groups of 10 targets, every 5 s, while it
 * serves. `node lib/bench/health-checks.js [--seconds N] [--rate N]`; prints JSON, and fails when a target missed a check.
 */
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import type { DataPlaneConfiguration, TargetGroupConfiguration } from '../src/load-balancer/configuration';
import { eventually, freePort, healthCheckOf, startProxy } from './data-plane';

const [groups, targets] = [100, 10];

/** The number of checks by target. */
const checks = new Map<string, number>();

async function main(): Promise<void> {
  const options = { seconds: { type: 'string', default: '30' }, rate: { type: 'string', default: '200' } } as const;
  const { values } = parseArgs({ options });
  const folder = await mkdtemp(join(tmpdir(), 'bench-health-'));
  const servers = await Promise.all(Array.from({ length: targets }, startTarget));
  const [port, control] = [await freePort(), await freePort()];
  const proxy = await startProxy(folder, control, configuration(port, servers.map(portOf)));
  try {
    await eventually(async () => {
      if (checks.size < groups * targets) throw new Error(`Only ${checks.size} targets have been checked.`);
    });
    const before = new Map(checks);
    const served = await serveFor(Number(values.seconds), Number(values.rate), `http://127.0.0.1:${port}/`);
    report(
      [...checks].map(([target, count]) => count - (before.get(target) ?? 0)),
      Number(values.seconds),
      served,
    );
  } finally {
    proxy.kill('SIGTERM');
    for (const server of servers) server.close();
    await rm(folder, { recursive: true, force: true });
  }
}

function report(counts: readonly number[], seconds: number, served: number): void {
  const wanted = Math.floor(seconds / healthCheckOf('').intervalSeconds);
  const missed = counts.filter((count) => count < wanted).length;
  const [least, most] = [Math.min(...counts), Math.max(...counts)];
  const figures = { targets: counts.length, seconds, wanted, least, most, missed, requestsMeanwhile: served };
  process.stdout.write(`${JSON.stringify(figures)}\n`);
  if (missed > 0) process.exitCode = 1;
}

async function serveFor(seconds: number, rate: number, url: string): Promise<number> {
  let served = 0;
  const asking = new Set<Promise<void>>();
  const pace = setInterval(() => {
    const asked = fetch(url).then(async (response) => {
      await response.text();
      served += 1;
    });
    asking.add(asked);
    void asked.finally(() => asking.delete(asked));
  }, 1000 / rate);
  await sleep(seconds * 1000);
  clearInterval(pace);
  await Promise.all(asking);
  return served;
}

async function startTarget(): Promise<Server> {
  const server = createServer((request, response) => {
    const target = `${request.headers.host} ${request.url}`;
    if (request.url?.startsWith('/health/') === true) checks.set(target, (checks.get(target) ?? 0) + 1);
    response.end('x');
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  return server;
}

function portOf(server: Server): number {
  const address = server.address();
  return typeof address === 'object' ? (address?.port ?? 0) : 0;
}

function configuration(port: number, ports: readonly number[]): DataPlaneConfiguration {
  const group = (index: number): TargetGroupConfiguration => ({
    arn: `g${index}`,
    name: `g${index}`,
    inUse: true,
    attributes: {},
    healthCheck: healthCheckOf(`/health/${index}`),
    targets: ports.map((own) => ({ id: '127.0.0.1', port: own, address: '127.0.0.1', registeredAt: 1 })),
  });
  const last = { arn: 'last', priority: 'default' as const, conditions: [], transforms: [] };
  const rules = [{ ...last, actions: [{ Type: 'forward' as const, TargetGroupArn: 'g7' }] }];
  return {
    version: 1,
    timeScale: 1,
    loginKey: '',
    propagation: { batchSeconds: 0, jitterSeconds: 0 },
    loadBalancers: [
      {
        arn: 'lb',
        name: 'lb',
        dnsName: 'lb.localhost',
        nodes: [{ address: '127.0.0.1', zone: 'local-a' }],
        attributes: {},
      },
    ],
    listeners: [{ arn: 'l', loadBalancerArn: 'lb', protocol: 'HTTP', port, rules }],
    targetGroups: Array.from({ length: groups }, (_, index) => group(index)),
  };
}

main().catch((error: unknown) => {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
});
