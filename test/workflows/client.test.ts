/** The typed client against runs of a real server: what is asked again, and by whom. */
import { Client, type WorkflowHandle } from '@temporalio/client';
import { deploymentsOf } from '../../client/deployments';
import { sendUpdate } from '../../client/run-control';
import { holding, waitingForApproval } from './blue-green';
import { fails } from './scripted-activities';
import { openWorld, quick } from './world';

const opening = openWorld();
afterAll(async () => (await opening).close());

const deploymentsOfWorld = async () => deploymentsOf((await opening).client, () => Promise.resolve());
const targetOf = ({ workflowId }: WorkflowHandle) => {
  const [zone = '', application = ''] = workflowId.split('/');
  return { zone, application };
};

test('the same request again is given the run that it began, another one is refused', async () => {
  const { handle, until } = await (await opening).deploy({ ...quick, by: 'a runner', reason: 'release 2' });
  await until(waitingForApproval);
  const deployments = await deploymentsOfWorld();
  const { runId } = await handle.describe();
  const again = { ...quick, by: 'another runner' };
  const target = targetOf(handle);
  expect(await deployments.start(target, 'blueGreen', again)).toEqual({
    workflowId: handle.workflowId,
    runId,
    attached: true,
  });
  const runsAlready = /runs already/;
  await expect(deployments.start(target, 'blueGreen', { ...again, image: 'orders:3.0.0' })).rejects.toThrow(
    runsAlready,
  );
  await expect(deployments.start(target, 'blueGreen', { ...again, keepWarm: '1h' })).rejects.toThrow(runsAlready);
  await expect(deployments.start(target, 'rollingUpdate', again)).rejects.toThrow(runsAlready);
  await handle.signal('reject');
  await handle.result();
});

test('what is listed of a deployment that runs is what its status says, and no worker is asked', async () => {
  const { client, deploy } = await opening;
  const { connection, options } = client;
  const asksNobody = { query: () => Promise.reject(new Error('a worker was asked')) };
  const listing = deploymentsOf(
    new Client({ connection, namespace: options.namespace, interceptors: { workflow: [asksNobody] } }),
    () => Promise.resolve(),
  );
  const { handle, until, script } = await deploy(quick, {}, { confirmRoute: fails('RouteChangedByOthers', 'no') });
  const target = targetOf(handle);
  const listed = async () => await listing.running(target);
  const same = async () => {
    const { phase, heldIn, image, paused, waitingFor, deadline, runId } = await until(() => true);
    const said = {
      workflowId: handle.workflowId,
      runId,
      phase,
      heldIn,
      image,
      paused,
      waitingFor,
      deadline,
      stuck: null,
    };
    expect(await listed()).toEqual(said);
  };
  await until(waitingForApproval);
  await same();
  await handle.signal('pause');
  await until(({ paused }) => paused);
  await same();
  await handle.executeUpdate('resume');
  await handle.executeUpdate('approve');
  await until(holding);
  await same();
  script({ confirmRoute: () => undefined });
  await handle.executeUpdate('retry');
  await handle.result();
  expect(await listed()).toBeUndefined();
});

test('a command whose answer is lost is asked again, and counts once', async () => {
  const { handle, until, outcome } = await (await opening).deploy(quick);
  await until(waitingForApproval);
  let asked = 0;
  const loses = {
    workflowId: handle.workflowId,
    executeUpdate: async (...given: Parameters<WorkflowHandle['executeUpdate']>) => {
      const answer = await handle.executeUpdate(...given);
      asked += 1;
      if (asked === 1) throw Object.assign(new Error('14 UNAVAILABLE'), { code: 14, details: '', metadata: {} });
      return answer;
    },
  } as unknown as WorkflowHandle;
  await sendUpdate(loses, 'approve', { by: 'Ana' }, () => 'Nothing runs.');
  expect(asked).toBe(2);
  expect(await outcome()).toMatchObject({ outcome: 'completed', approved: { by: 'Ana' } });
});

test('a command reaches the run that was looked at, and never a later one', async () => {
  const { handle, until } = await (await opening).deploy(quick);
  const deployments = await deploymentsOfWorld();
  const target = targetOf(handle);
  const { runId: first = '' } = await until(waitingForApproval);
  await deployments.command(target, 'reject', { by: 'Ana' });
  await handle.result();
  await expect(deployments.command(target, 'approve', { by: 'Ana' }, first)).rejects.toThrow(
    /No deployment of .* runs now/,
  );

  const { runId: second } = await deployments.start(target, 'blueGreen', { ...quick, reason: 'another image' });
  await until(waitingForApproval);
  for (const name of ['approve', 'rollback', 'pause'] as const)
    await expect(deployments.command(target, name, { by: 'Ana' }, first)).rejects.toThrow(
      new RegExp(`Run ${first} of .* is over, or never was, and another one runs now, which heard nothing`),
    );
  expect(await deployments.status(target)).toMatchObject({
    runId: second,
    phase: 'approve',
    paused: false,
    ignored: [],
  });

  const run = await deployments.command(target, 'reject', { by: 'Ana' });
  expect(run.runId).toBe(second);
  expect(await deployments.ended(run)).toMatchObject({ result: { outcome: 'rolledBack' } });
  expect(await deployments.statusOf(run)).toMatchObject({ runId: second, outcome: 'rolledBack' });
});

test('while no worker answers, Temporal itself says the phase, since when, and what waits', async () => {
  const { deploy } = await opening;
  let begin = () => {};
  const held = new Promise<void>((resolve) => (begin = resolve));
  const { handle, until } = await deploy(quick, {}, { waitForReplicas: () => held });
  await until(({ phase }) => phase === 'start');
  const deployments = await deploymentsOfWorld();
  const pending = async () => (await deployments.known(targetOf(handle)))?.pending ?? [];
  while ((await pending()).every((one) => !one.startsWith('waitForReplicas was given'))) await handle.describe();
  const known = await deployments.known(targetOf(handle));
  const { steps } = await until(() => true);
  expect(known).toMatchObject({ phase: 'start', stuck: null, image: expect.stringMatching(/^orders:/) });
  const began = Math.floor(Date.parse(steps.at(-1)?.started ?? '') / 1_000) * 1_000;
  expect(Date.parse(known?.since ?? '')).toBeGreaterThanOrEqual(began);
  begin();
  await until(waitingForApproval);
  await handle.signal('reject');
  await handle.result();
  expect(await deployments.known(targetOf(handle))).toBeUndefined();
});
