/**
 * How fast the local load balancer is compared with nginx: the median of requests a second over keep-alive connections, with
 * answers of 1 KiB, in turns on the same machine and with the same target.
 * `node lib/bench/proxy.js [--rounds N] [--seconds N] [--connections N]`; prints JSON, and fails where nginx is more than twice as fast,
 * or, with a sentence, when `nginx` or `wrk` isn't on PATH.
 */
import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs, promisify } from 'node:util';
import type { DataPlaneConfiguration } from '../src/load-balancer/configuration';
import { eventually, freePort, healthCheckOf, startProxy } from './data-plane';

const run = promisify(execFile);
const mostTimes = 2;

interface Contender {
  readonly name: string;
  readonly url: string;
  readonly rates: number[];
}

async function main(): Promise<void> {
  const options = { rounds: { type: 'string', default: '5' }, seconds: { type: 'string', default: '4' } } as const;
  const { values } = parseArgs({ options: { ...options, connections: { type: 'string', default: '32' } } });
  await needs('nginx', ['-v']);
  await needs('wrk', ['-v']);
  const folder = await mkdtemp(join(tmpdir(), 'bench-proxy-'));
  const children: ChildProcess[] = [];
  try {
    const [target, nginx, proxy, control] = [await freePort(), await freePort(), await freePort(), await freePort()];
    children.push(await startNginx(folder, 'target', targetServer(target)));
    children.push(await startNginx(folder, 'nginx', proxyServer(nginx, target)));
    children.push(await startProxy(folder, control, configuration(proxy, target)));
    const contenders: Contender[] = [
      { name: 'target itself', url: `http://127.0.0.1:${target}/`, rates: [] },
      { name: 'nginx', url: `http://127.0.0.1:${nginx}/`, rates: [] },
      { name: 'local-aws', url: `http://127.0.0.1:${proxy}/`, rates: [] },
    ];
    for (const { url } of contenders) {
      await untilServed(url);
      // The first run isn't counted, because code is still being compiled.
      await requestsPerSecond(url, values.connections, values.seconds);
    }
    for (let round = 0; round < Number(values.rounds); round += 1) {
      for (const { url, rates } of contenders)
        rates.push(await requestsPerSecond(url, values.connections, values.seconds));
    }
    report(contenders);
  } finally {
    for (const child of children) child.kill('SIGTERM');
    await rm(folder, { recursive: true, force: true });
  }
}

function report(contenders: readonly Contender[]): void {
  const [target, nginx, localAws] = contenders.map(({ rates }) => median(rates));
  const timesNginx = Math.round(((nginx ?? 0) / (localAws ?? 1)) * 100) / 100;
  const rates = contenders.map(({ name }, at) => [name, Math.round([target, nginx, localAws][at] ?? 0)]);
  process.stdout.write(
    `${JSON.stringify({ requestsPerSecond: Object.fromEntries(rates), timesNginx, limit: mostTimes })}\n`,
  );
  if (timesNginx > mostTimes) process.exitCode = 1;
}

const median = (values: readonly number[]): number =>
  values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0;

async function needs(program: string, args: readonly string[]): Promise<void> {
  await run(program, [...args]).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') throw new Error(`The comparison needs ${program}, which isn't on PATH: install it.`);
  });
}

/** It has one worker process, as the load balancer has, and the target is never in the same one. */
async function startNginx(folder: string, name: string, servers: string): Promise<ChildProcess> {
  const file = join(folder, `${name}.conf`);
  await writeFile(
    file,
    `daemon off; worker_processes 1; pid ${folder}/${name}.pid; error_log stderr crit;
events { worker_connections 1024; }
http {
  access_log off; keepalive_requests 1000000000;
  client_body_temp_path ${folder}; proxy_temp_path ${folder};
  fastcgi_temp_path ${folder}; uwsgi_temp_path ${folder}; scgi_temp_path ${folder};
  ${servers}
}
`,
  );
  return spawn('nginx', ['-e', 'stderr', '-c', file, '-p', folder], { stdio: ['ignore', 'ignore', 'inherit'] });
}

const targetServer = (port: number): string =>
  `server { listen 127.0.0.1:${port}; location / { default_type text/plain; return 200 ${'x'.repeat(1024)}; } }`;

const proxyServer = (port: number, target: number): string =>
  `upstream targets { server 127.0.0.1:${target}; keepalive 128; keepalive_requests 1000000000; }
  server { listen 127.0.0.1:${port}; location / {
    proxy_pass http://targets; proxy_http_version 1.1; proxy_set_header Connection "";
    proxy_set_header Host $host; proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for; } }`;

function configuration(port: number, target: number): DataPlaneConfiguration {
  const rules = Array.from({ length: 10 }, (_, index) => ({
    arn: `rule-${index}`,
    priority: index + 1,
    conditions: [
      { Field: 'path-pattern', PathPatternConfig: { RegexValues: [`^/(Module${index}|API${index})(/.*)?$`] } },
    ],
    actions: [{ Type: 'forward' as const, TargetGroupArn: 'g' }],
    transforms: [],
  }));
  const last = { arn: 'last', priority: 'default' as const, conditions: [], transforms: [] };
  const healthCheck = healthCheckOf('/');
  const registration = { id: '127.0.0.1', port: target, address: '127.0.0.1', registeredAt: 1 };
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
    listeners: [
      {
        arn: 'l',
        loadBalancerArn: 'lb',
        protocol: 'HTTP',
        port,
        rules: [...rules, { ...last, actions: [{ Type: 'forward', TargetGroupArn: 'g' }] }],
      },
    ],
    targetGroups: [{ arn: 'g', name: 'g', inUse: true, healthCheck, attributes: {}, targets: [registration] }],
  };
}

async function requestsPerSecond(url: string, connections: string, seconds: string): Promise<number> {
  const { stdout } = await run('wrk', ['-t1', `-c${connections}`, `-d${seconds}s`, url]);
  const wrong = /Non-2xx.*|Socket errors.*/.exec(stdout)?.[0];
  if (wrong !== undefined) throw new Error(`${url} lost requests: ${wrong}`);
  return Number(/Requests\/sec:\s+([\d.]+)/.exec(stdout)?.[1]);
}

async function untilServed(url: string): Promise<void> {
  await eventually(async () => {
    const { status } = await fetch(url);
    if (status !== 200) throw new Error(`${url} answers ${status}`);
  });
}

main().catch((error: unknown) => {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
});
