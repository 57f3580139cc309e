/** A worker that dies loses nothing that it was given: no question has to be asked again, and no command given again. */
import { Client } from '@temporalio/client';
import { DefaultLogger, NativeConnection, Runtime, Worker } from '@temporalio/worker';
import { setTimeout as sleep } from 'node:timers/promises';
import type { temporal as api } from '@temporalio/proto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { deploymentsOf, type Deployments } from '../../client/deployments';
import { connectToTemporal, type TemporalConnection } from '../../temporal/connection';
import { deploymentIdOf } from '../../contract/ids';
import { recordHistory } from '../suites/replay/histories';
import { namespaceOf } from '../temporal-setup';

const address = process.env['TEST_TEMPORAL_ADDRESS'] ?? '';
const namespace = namespaceOf(process.env['JEST_WORKER_ID']);

/** Its own, so that no other test's workflows are met. */
const taskQueue = 'dying-worker';

let temporal: TemporalConnection;
let native: NativeConnection;
let client: Client;
let deployments: Deployments;

beforeAll(async () => {
  // It would print the whole bundle for a workflow that isn't in it.
  Runtime.install({ logger: new DefaultLogger('ERROR', () => undefined) });
  temporal = await connectToTemporal({ address });
  native = await NativeConnection.connect({ address });
  client = new Client({ connection: temporal.connection, namespace });
  deployments = deploymentsOf(client, async () => {});
});
afterAll(async () => {
  await native.close();
  await temporal.close();
});

/** Of runbooks only: what they ask of AWS waits. */
async function whileWorking<T>(work: () => Promise<T>): Promise<T> {
  const workflowBundle = { codePath: join(__dirname, '../../lib/workflow-bundle.js') };
  const worker = await Worker.create({ connection: native, namespace, taskQueue, workflowBundle });
  return await worker.runUntil(work);
}

/** What a worker is given that dies then. */
async function taken(): Promise<api.api.workflowservice.v1.IPollWorkflowTaskQueueResponse> {
  const { connection } = temporal;
  return await connection.withDeadline(Date.now() + 60_000, () =>
    connection.workflowService.pollWorkflowTaskQueue({ namespace, taskQueue: { name: taskQueue }, identity: 'dying' }),
  );
}

async function deployed(application: string) {
  const target = { zone: 'production', application };
  const workflowId = deploymentIdOf(target);
  await client.workflow.start('blueGreen', { workflowId, taskQueue, args: [{ image: 'orders:1.0' }] });
  await whileWorking(async () => await deployments.status(target));
  return target;
}

test('a question is asked again', async () => {
  const target = await deployed('Asked');
  const task = taken();
  const answer = deployments.status(target);
  expect((await task).query).toMatchObject({ queryType: 'status' });
  expect(await whileWorking(async () => await answer)).toMatchObject({ phase: 'plan' });
});

test('a command that no runbook has seen is sent again', async () => {
  const target = await deployed('Commanded');
  const task = taken();
  const command = deployments.command(target, 'pause', { by: 'Ana' });
  const { taskToken, messages } = await task;
  expect(messages).toHaveLength(1);
  await temporal.connection.workflowService.respondWorkflowTaskCompleted({ namespace, taskToken: taskToken ?? null });
  await whileWorking(async () => {
    await command;
    expect(await deployments.status(target)).toMatchObject({ paused: true });
    const handle = client.workflow.getHandle(deploymentIdOf(target));
    await recordHistory('taken-over', () => handle.fetchHistory());
  });
});

test('a run that no worker can go on with is called stuck, with why, by status, list and doctor', async () => {
  const target = await deployed('Stuck');
  const built = readFileSync(join(__dirname, '../../lib/workflow-bundle.js'), 'utf8');
  const folder = mkdtempSync(join(tmpdir(), 'stuck-'));
  const codePath = join(folder, 'without-blue-green.js');
  writeFileSync(codePath, built.replace('exports,"blueGreen"', 'exports,"blueGrey"'));
  const worker = await Worker.create({ connection: native, namespace, taskQueue, workflowBundle: { codePath } });
  const workflowId = deploymentIdOf(target);
  const isStuck = new RegExp(`^${workflowId} is stuck: its workflow task failed \\d+ times in a row, as .+blueGreen`);
  await client.workflow.getHandle(workflowId).signal('pause');
  await worker.runUntil(async () => {
    while (((await deployments.running(target))?.stuck ?? null) === null) await sleep(200);
    await expect(deployments.status(target)).rejects.toThrow(isStuck);
    expect((await deployments.running(target))?.stuck).toMatch(isStuck);
    expect(await deployments.stuck([workflowId, 'turns:production', 'nobody/Never'])).toEqual([
      expect.stringMatching(isStuck),
    ]);
  });
  // One that mends it goes on from there.
  await whileWorking(async () => {
    while (((await deployments.running(target))?.stuck ?? null) !== null) await sleep(200);
    expect(await deployments.status(target)).toMatchObject({ phase: 'plan' });
  });
  await client.workflow.getHandle(workflowId).terminate();
  rmSync(folder, { recursive: true });
}, 60_000);
