/** A worker that is asked to stop hands its waits over at once: another takes them over, though nothing has timed out. */
import { Client, Connection } from '@temporalio/client';
import { NativeConnection } from '@temporalio/worker';
import { join } from 'node:path';
import { createClients, type AwsClients } from '../../activities/aws/client/clients';
import { createWorkers } from '../../worker/kinds';
import { parseSettings } from '../../settings/load';
import type { Settings } from '../../settings/schema';
import { zone } from '../settings/minimal';
import { taskQueues } from '../../contract/ids';
import { eventually } from '../../packages/local-aws/test/local-aws';
import { namespaceOf } from '../temporal-setup';

const address = process.env['TEST_TEMPORAL_ADDRESS'] ?? '';
const namespace = namespaceOf(process.env['JEST_WORKER_ID']);
const replicas = {
  service: 'Orders-a',
  taskDefinitionArn: 'definition:1',
  targetGroupArn: 'group',
  count: 1,
  ignoredTasks: [],
  timeoutMs: 3_600_000,
};

/** An AWS where a healthy service runs, and that notes who looks. */
function watched(name: string, looks: string[]): AwsClients {
  const service = { serviceName: 'Orders-a', status: 'ACTIVE', taskDefinition: 'definition:1', deployments: [] };
  const clients = createClients('us-east-1', { credentials: { accessKeyId: 'none', secretAccessKey: 'none' } });
  Object.assign(clients.ecs, {
    send: () => {
      looks.push(name);
      return Promise.resolve({ services: [service], taskArns: [] });
    },
  });
  Object.assign(clients.elb, { send: () => Promise.resolve({ TargetHealthDescriptions: [] }) });
  return clients;
}

/** What no workflow asks for is held to the zone without a name. */
function settings(): Settings {
  const read = parseSettings(zone.replace('eu-west-1\n', 'us-east-1\n').replace('outsystems', 'zone'), 'cutover.yaml');
  return { ...read, zones: { '': read.zones['production']! } };
}

/** Starts one on a connection of its own, as in a process of its own. @returns how to stop it */
async function startWorker(name: string, looks: string[]): Promise<() => Promise<void>> {
  const connection = await NativeConnection.connect({ address });
  const clients = watched(name, looks);
  const workers = await createWorkers(
    { connection, namespace, identity: name },
    { codePath: join(__dirname, '../../lib/workflow-bundle.js') },
    { clientsOf: () => clients, settings } as unknown as Parameters<typeof createWorkers>[2],
  );
  const running = Promise.all(workers.map((worker) => worker.run()));
  return async () => {
    for (const worker of workers) if (worker.getState() === 'RUNNING') worker.shutdown();
    await running;
    await connection.close();
  };
}

const open: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const close of open.splice(0).toReversed()) await close();
});

test('what a worker waits for is waited for by another, and the worker ends', async () => {
  const connection = await Connection.connect({ address });
  open.push(() => connection.close());
  const looks: string[] = [];
  const endFirst = await startWorker('first', looks);
  const { activity } = new Client({ connection, namespace });
  const watch = await activity.start('watchReplicas', {
    id: `watch-${process.pid}`,
    taskQueue: taskQueues.aws,
    // So long that only a hand-over can move it.
    startToCloseTimeout: '1h',
    heartbeatTimeout: '1h',
    args: [{ region: 'us-east-1', cluster: 'zone', runId: 'run' }, replicas],
  });
  await eventually(
    () => looks.at(-1),
    (name) => name === 'first',
  );
  open.push(await startWorker('second', looks));
  open.push(() => watch.terminate('seen enough'));
  const stoppedAt = performance.now();
  await endFirst();
  process.stdout.write(`The first ended after ${Math.round(performance.now() - stoppedAt)} ms.\n`);
  await eventually(
    () => looks.at(-1),
    (name) => name === 'second',
  );
});
