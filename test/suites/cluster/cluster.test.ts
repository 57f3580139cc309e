/**
 * The topology of docker-compose.yml, without containers: a real Temporal server on a real PostgreSQL, two workers, the hook
 * listener. Each process in turn is restarted in the middle of a deployment; no request may be lost, and every deployment must
 * complete. AWS is the local one.
 */
import type { ChildProcess } from 'node:child_process';
import type { Phase } from '../../../contract/status';
import type { LiveApplication } from '../e2e/live-application';
import { ended, startWorker } from '../e2e/worker-process';
import { restart, startCluster, type Cluster } from './cluster';
import { patiently } from './patiently';

const say = (line: string) => void process.stdout.write(`${line}\n`);

let cluster: Cluster;
let second: ChildProcess | undefined;
let application: LiveApplication;
let live = '2.0';

beforeAll(async () => {
  cluster = await startCluster();
  second = await startWorker(cluster.own.living.stack());
  application = await cluster.own.living.inContainers('Cluster', ['Cluster', 'ClusterAPI']);
}, 300_000);

afterAll(async () => {
  await ended(second, 'SIGKILL');
  await cluster.close();
}, 120_000);

async function restartSecondWorker(): Promise<void> {
  expect(await ended(second, 'SIGTERM')).toEqual([0, null]);
  second = await startWorker(cluster.own.living.stack());
}

const processes: Readonly<Record<string, () => Promise<void>>> = {
  'a worker': () => restart(cluster.own, 'worker'),
  'the other worker': restartSecondWorker,
  'the hook listener': () => restart(cluster.own, 'hooks'),
  'the Temporal server': async () => await cluster.temporal.restart(),
  PostgreSQL: async () => await cluster.postgresql.restart(),
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
