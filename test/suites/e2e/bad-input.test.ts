import { WorkflowFailedError } from '@temporalio/client';
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { taskQueues } from '../../../contract/ids';
import { addZone, closeAll, liveApplication, stack, stackTemporal, type LiveApplication } from './live-application';

const run = promisify(execFile);
let orders: LiveApplication;
let invoices: LiveApplication;

beforeAll(async () => {
  orders = await liveApplication('BadInput', ['BadInput']);
  invoices = await liveApplication('Invoices', ['Invoices']);
  expect(await invoices.ended(await invoices.deploy({ version: '2.0' }))).toMatchObject({
    result: { outcome: 'completed' },
  });
  await orders.deploy({ version: '2.0' }, { approval: 'beforeStart' });
});
afterAll(async () => {
  await orders.deployments.command(orders.target, 'reject', {});
  await closeAll();
});

/** Runs the command line as a user would. */
async function cutover(...args: string[]): Promise<{ status: number; error: string; out: string }> {
  const options = { env: { ...process.env, CUTOVER_SETTINGS: stack().settings } };
  const bin = join(__dirname, '../../../bin/cutover.js');
  return await run(process.execPath, [bin, ...args], options).then(
    ({ stdout }) => ({ status: 0, error: '', out: stdout }),
    ({ code, stderr, stdout }: { code: number; stderr: string; stdout: string }) => ({
      status: code,
      error: stderr,
      out: stdout,
    }),
  );
}

describe('the command line says in one sentence what is wrong, and exits with 1', () => {
  test.each([
    [['deploy', 'Nowhere/BadInput', '--image', 'x:1'], /There is no zone Nowhere: the settings know local/],
    [['deploy', 'BadInput', '--zone', 'nowhere', '--image', 'x:1'], /There is no zone nowhere/],
    [['deploy', 'Unknown', '--image', 'x:1'], /There is no application Unknown in .*, which knows .*BadInput/],
    [
      ['deploy', 'BadInput', '--image', 'x:1'],
      /A deployment of BadInput runs already: see "cutover status local\/BadInput"/,
    ],
    [['approve', 'Invoices'], /No deployment of local\/Invoices runs now/],
    [['retry', 'BadInput'], /retry was refused: No step holds now/],
    [['status', 'BadInput', '--settings', '/nowhere.yaml'], /there's no such file/],
  ])('%j', async (args, message) => {
    const { status, error } = await cutover(...args);
    expect(error).toMatch(message);
    expect(error.trim().split('\n')).toHaveLength(1);
    expect(status).toBe(1);
  });

  test('with --json there is JSON on standard output too', async () => {
    const { status, error, out } = await cutover('status', 'BadInput', '--settings', '/nowhere.yaml', '--json');
    expect(JSON.parse(out)).toEqual({ error: expect.stringMatching(/there's no such file/) });
    expect(error).toMatch(/there's no such file/);
    expect(status).toBe(1);
  });

  test('status tells what is live although nothing was ever deployed', async () => {
    const never = await liveApplication('NeverDeployed', ['NeverDeployed']);
    const { out } = await cutover('status', 'NeverDeployed', '--json');
    expect(JSON.parse(out)).toMatchObject({
      workflowId: 'local/NeverDeployed',
      phase: null,
      outcome: null,
      live: { slot: null, image: null, version: null },
      commands: [],
    });
    await never.judged();
  });
});

describe('started from the Temporal UI, a deployment that can’t be fails with one sentence and changes nothing', () => {
  beforeAll(async () => {
    const address = 'http://127.0.0.1:1';
    await addZone('nolistener', (own) => ({
      ...own,
      address,
      listener: String(own['listener']).replace(/[^/]+$/, '0000000000000000'),
    }));
    await addZone('full', (own) => ({ ...own, address, priorities: { from: 1998, to: 1999 } }));
  });

  test.each([
    [
      'BadInput2',
      { image: 'x:1' },
      /must be <zone>\/<application>, and BadInput2 is not: start it again as local\/BadInput2/,
    ],
    ['nowhere/Invoices', { image: 'x:1' }, /There is no zone nowhere .* start it as local\/Invoices/],
    ['local/invoices', { image: 'x:1' }, /There is no application invoices .* start it as local\/Invoices/],
    ['local/Invoices', { image: 'invoices:9.9' }, /There is no image invoices:9\.9/],
    ['local/Invoices', { image: 'nothing:1.0' }, /There is no image nothing:1\.0: there is no repository nothing/],
    [
      'local/NeverDeployed',
      { image: 'invoices:2.0', modules: ['Invoices'] },
      /\/Invoices is already caught .* belongs to application Invoices/,
    ],
    ['local/Invoices', { image: 'invoices:2.0', modules: ['../x'] }, /has a name that a listener rule can't carry/],
    ['nolistener/Invoices', { image: 'invoices:2.0' }, /listener.*not found|There is no listener/i],
    ['local/Invoices', { picture: 'invoices:2.0' }, /The input is not a deployment/],
    ['local/Invoices', 'invoices:2.0', /The input is not a deployment/],
  ])('%s with %j', async (workflowId, input, message) => {
    const client = await stackTemporal();
    const before = await invoices.onAws();
    const failure = await client.workflow
      .execute('blueGreen', { workflowId, taskQueue: taskQueues.workflows, args: [input] })
      .catch((error: unknown) => (error instanceof WorkflowFailedError ? error.cause : error));
    expect((failure as Error).message).toMatch(message);
    expect(await invoices.onAws()).toEqual(before);
  });
});
