/**
 * The topology of docker-compose.yml, without containers: a real Temporal server on a real PostgreSQL, two workers, the hook
 * listener. Each process in turn is restarted in the middle of a deployment; no request may be lost, and every deployment must
 * complete. AWS is the local one.
 */
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Phase } from '../../../contract/status';
import { startOwnStack, type OwnStack } from '../chaos/own-stack';
import type { LiveApplication } from '../e2e/live-application';
import { awsEnvironment } from '../e2e/stack-environment';
import { freePorts } from './ports';
import { startPostgresql, type Postgresql } from './postgresql';
import { namespace, startTemporalServer, type TemporalServer } from './temporal-server';

const programs = {
  temporal: process.env['CLUSTER_TEMPORAL'] ?? '',
  postgresql: process.env['CLUSTER_POSTGRESQL'] ?? '',
};
const say = (line: string) => void process.stdout.write(`${line}\n`);

let folder: string;
let postgresql: Postgresql | undefined;
let temporal: TemporalServer | undefined;
let own: OwnStack | undefined;
let second: ChildProcess | undefined;
let application: LiveApplication;
let live = '2.0';

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'cutover-cluster-'));
  // PostgreSQL's user must reach what is in it.
  await chmod(folder, 0o755);
  const [postgresqlPort = 0, ...ports] = await freePorts(10);
  postgresql = await startPostgresql(programs.postgresql, join(folder, 'postgresql'), postgresqlPort);
  temporal = await startTemporalServer({ programs: programs.temporal, folder, postgresqlPort, ports });
  process.env['TEMPORAL_ADDRESS'] = temporal.address;
  process.env['TEMPORAL_NAMESPACE'] = namespace;
  own = await startOwnStack({ timeScale: 10 });
  second = await startSecondWorker(own);
  application = await own.living.inContainers('Cluster', ['Cluster', 'ClusterAPI']);
}, 300_000);

afterAll(async () => {
  const ended = second && second.exitCode === null ? once(second, 'exit') : undefined;
  second?.kill('SIGKILL');
  await ended;
  await own?.close();
  await temporal?.close();
  await postgresql?.close();
  await rm(folder, { recursive: true, force: true });
}, 120_000);

/** Resolves when it takes work. */
async function startSecondWorker({ living }: OwnStack): Promise<ChildProcess> {
  const report = living.stack();
  const { settings } = report;
  const environment = { ...process.env, ...awsEnvironment(report) };
  const words = [join(__dirname, '..', '..', '..', 'bin', 'cutover.js'), 'worker', '--settings', settings];
  const child = spawn(process.execPath, words, { env: environment, stdio: ['ignore', 'ignore', 'pipe'] });
  await new Promise<void>((resolve, reject) => {
    child.stderr.on('data', (text: Buffer) => text.includes('RUNNING') && resolve());
    child.once('exit', () => reject(new Error('The second worker ended before it took work.')));
  });
  return child;
}

/** Ends a process of the stack in good order; its supervisor starts it again. */
async function restart(name: 'worker' | 'hooks'): Promise<void> {
  const pidNow = () => own?.living.stack().processes[name]?.pid;
  const before = pidNow();
  if (before === undefined) throw new Error(`There is no ${name} to restart.`);
  process.kill(before, 'SIGTERM');
  while (pidNow() === before || pidNow() === undefined) await sleep(20);
}

async function restartSecondWorker(): Promise<void> {
  if (!second || !own) throw new Error('There is no second worker.');
  const ended = once(second, 'exit');
  second.kill('SIGTERM');
  expect(await ended).toEqual([0, null]);
  second = await startSecondWorker(own);
}

const processes: Readonly<Record<string, () => Promise<void>>> = {
  'a worker': () => restart('worker'),
  'the other worker': restartSecondWorker,
  'the hook listener': () => restart('hooks'),
  'the Temporal server': async () => await temporal?.restart(),
  PostgreSQL: async () => await postgresql?.restart(),
};
const cases = Object.keys(processes).flatMap((name) =>
  (['start', 'bake'] as const satisfies Phase[]).map((phase) => [name, phase] as const),
);

test.each(cases)('%s is restarted while a deployment is in %s, and nobody notices', async (name, phase) => {
  const version = `3.${cases.findIndex(([one, other]) => one === name && other === phase)}`;
  const container = (one: string) => ({ servedBy: 'container', version: one }) as const;
  await application.traffic.expect('Cluster', [container(live), container(version)]);
  const deployment = await application.deploy({ version, startSeconds: 2 }, { bake: '5s' });
  await patiently(() => application.until((status) => status.phase === phase));
  const started = performance.now();
  await processes[name]?.();
  say(`${name} restarted in ${phase}: ${((performance.now() - started) / 1000).toFixed(1)} s`);
  expect(await patiently(() => application.ended(deployment))).toMatchObject({
    result: { outcome: 'completed', live: { version } },
  });
  live = version;
  await application.traffic.expect('Cluster', [container(live)]);
  expect(await application.onAws()).toEqual({ liveRules: 1, testRules: 0, desiredCounts: [0, 2] });
  const { failures, sent } = await application.traffic.report();
  say(`  completed; ${failures.length} of ${sent} requests lost`);
  expect(failures).toEqual([]);
});

/** Asks again while the server is away: whoever waits for a deployment is a client like any other. */
async function patiently<T>(ask: () => Promise<T>): Promise<T> {
  for (let tries = 0; ; tries++) {
    try {
      return await ask();
    } catch (error) {
      const away = /UNAVAILABLE|DEADLINE_EXCEEDED|Failed to (describe|query)|unavailable|connect/i.test(String(error));
      if (!away || tries > 300) throw error;
      await sleep(200);
    }
  }
}
