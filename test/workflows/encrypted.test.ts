/** Deployments whose inputs and results are encrypted. */
import { Worker } from '@temporalio/worker';
import type { DataConverter } from '@temporalio/common';
import { temporal } from '@temporalio/proto';
import { randomBytes } from 'node:crypto';
import { createDataConverter } from '../../temporal/data-converter';
import { waitingForApproval } from './blue-green';
import { builtBundle, openWorld, quick, type World } from './world';

const environment = { KEY: randomBytes(32).toString('base64') };
const codec = { keys: [{ id: '2026', environment: 'KEY' }], encrypts: true };
let dataConverter: DataConverter;
let world: World;
beforeAll(async () => {
  dataConverter = await createDataConverter(codec, environment);
  world = await openWorld({ dataConverter });
});
afterAll(() => world.close());

test('a secret in an input is nowhere in the raw history, and the deployment is steered and replayed as ever', async () => {
  const deployment = await world.deploy({ ...quick, reason: 'hunter2, the password' });
  await deployment.until(waitingForApproval);
  await deployment.handle.executeUpdate('approve', { args: [{ by: 'Ana', reason: 'hunter3, another' }] });
  expect(await deployment.outcome()).toMatchObject({ outcome: 'completed', approved: { reason: 'hunter3, another' } });
  const history = await deployment.handle.fetchHistory();
  const raw = Buffer.from(temporal.api.history.v1.History.encode(history).finish()).toString('latin1');
  expect(raw).toContain('binary/encrypted');
  expect(raw).not.toMatch(/hunter/);
  const workflowBundle = { codePath: builtBundle };
  await expect(Worker.runReplayHistory({ workflowBundle, dataConverter }, history)).resolves.toBeUndefined();
});
