/** People at the wheel of a blue-green deployment. */
import { ApplicationFailure } from '@temporalio/common';
import { recordHistory } from '../suites/replay/histories';
import { inSlotA } from '../planning/zone';
import { failureOf, holding, restored, waitingForApproval } from './blue-green';
import { fails, untilCancelled } from './scripted-activities';
import { nearQuery, waitingQuery } from '../../worker/waiting';
import { openWorld, quick, type World } from './world';

// Concurrent tests begin before beforeAll would have ended.
const opening = openWorld();
afterAll(async () => (await opening).close());

const deploy: World['deploy'] = async (...given) => await (await opening).deploy(...given);

describe('approval', () => {
  test.concurrent('one for another image is refused with a sentence, and nothing moves', async () => {
    const deployment = await deploy(quick);
    await deployment.until(waitingForApproval);
    await expect(
      deployment.handle.executeUpdate('approve', { args: [{ image: 'orders:1.0.0' }] }),
    ).rejects.toMatchObject({
      cause: { message: 'approve was refused: This deployment is of orders:2.0.0, not of orders:1.0.0.' },
    });
    await deployment.handle.executeUpdate('approve', {
      args: [{ image: 'orders:2.0.0', by: 'Ana', reason: 'tested' }],
    });
    expect(await deployment.outcome()).toMatchObject({
      outcome: 'completed',
      live: { slot: 'a', servedBy: 'container', image: 'orders:2.0.0' },
      approved: { by: 'Ana', reason: 'tested' },
    });
    await recordHistory('completed-from-platform-server', () => deployment.handle.fetchHistory());
  });

  test.concurrent('one that comes before green was verified is none, and shows as ignored', async () => {
    let started = () => {};
    const start = new Promise<void>((resolve) => (started = resolve));
    const deployment = await deploy(quick, {}, { waitForReplicas: () => start });
    await deployment.until(({ phase }) => phase === 'start');
    await deployment.handle.signal('approve', {});
    await deployment.until(({ ignored }) => ignored.length === 1);
    started();
    const status = await deployment.until(waitingForApproval);
    expect(status.ignored).toMatchObject([{ name: 'approve', why: 'Nothing waits for an approval now.' }]);
    await deployment.handle.signal('reject');
    await deployment.outcome();
  });

  test.concurrent.each([[undefined], [null], [''], ['tested it'], [{ by: 'Ana' }]])(
    '%j is an approval',
    async (input) => {
      const deployment = await deploy(quick);
      await deployment.until(waitingForApproval);
      await deployment.handle.signal('approve', input);
      expect(await deployment.outcome()).toMatchObject({ outcome: 'completed' });
    },
  );

  test.concurrent('a signal of a wrong shape changes nothing and shows as ignored', async () => {
    const deployment = await deploy(quick);
    await deployment.until(waitingForApproval);
    await deployment.handle.signal('approve', { by: 7 });
    await deployment.handle.signal('rollback', [1, 2]);
    const { ignored, phase } = await deployment.until((status) => status.ignored.length === 2);
    expect(phase).toBe('approve');
    expect(ignored.map(({ name }) => name)).toEqual(['approve', 'rollback']);
    await deployment.handle.signal('reject');
    await deployment.outcome();
  });

  test.concurrent('two answers at once: the first counts', async () => {
    const deployment = await deploy(quick);
    await deployment.until(waitingForApproval);
    await Promise.all([
      deployment.handle.signal('reject', { by: 'Ana' }),
      deployment.handle.signal('approve', { by: 'Rui' }),
    ]);
    const { outcome, approved } = await deployment.outcome();
    expect([outcome, approved === null]).toEqual(
      outcome === 'rolledBack' ? ['rolledBack', true] : ['completed', false],
    );
  });

  test.concurrent('nobody answers in time: it rolls back and says so', async () => {
    const deployment = await deploy({ ...quick, approvalTimeout: '1s' }, inSlotA());
    expect(await deployment.outcome()).toMatchObject({ outcome: 'rolledBack', failure: 'Nobody approved in time.' });
    expect(restored(deployment.calls)).toContain('setRoute test gone');
    await recordHistory('approval-timed-out', () => deployment.handle.fetchHistory());
  });

  test.concurrent('asked for before the start, nothing is made until it comes', async () => {
    const deployment = await deploy({ ...quick, approval: 'beforeStart' });
    await deployment.until(waitingForApproval);
    expect(deployment.calls).toEqual(['mountsConfigurations', 'planBlueGreen']);
    await deployment.handle.signal('approve');
    expect(await deployment.outcome()).toMatchObject({ outcome: 'completed' });
  });
});

describe('rolling back', () => {
  test.concurrent('during the bake: traffic goes back first and is proven, then green goes', async () => {
    const deployment = await deploy({ ...quick, approval: 'none', bake: '1h' }, inSlotA());
    await deployment.until(({ phase }) => phase === 'bake');
    await deployment.handle.executeUpdate('rollback', { args: [{ by: 'Ana', reason: 'slow checkout' }] });
    expect(await deployment.outcome()).toMatchObject({
      outcome: 'rolledBack',
      failure: 'Rolled back by Ana: slow checkout',
      live: { slot: 'a', version: '1.0.0' },
    });
    expect(restored(deployment.calls)).toEqual([
      'setRoute live before',
      'proveReleases blue',
      'count group-green off',
      expect.stringMatching(/^setDesiredCount .*-b 0$/),
      'waitForDrained',
      'setRoute test gone',
      'recordOutcome rolledBack',
    ]);
    await recordHistory('rolled-back-in-bake', () => deployment.handle.fetchHistory());
  });

  test.concurrent('interrupts a wait that would never end', async () => {
    const deployment = await deploy(quick, inSlotA(), { waitForReplicas: () => untilCancelled() });
    await deployment.until(({ phase }) => phase === 'start');
    await deployment.handle.signal('rollback', { by: 'Ana' });
    expect(await deployment.outcome()).toMatchObject({ outcome: 'rolledBack' });
    await recordHistory('rolled-back-while-starting', () => deployment.handle.fetchHistory());
  });

  test.concurrent('happens by itself where the deployment says so', async () => {
    const deployment = await deploy({ ...quick, onFailure: 'rollback' }, inSlotA(), {
      verifyModules: fails('ModuleBroken', 'http://10.0.0.1/OrdersAPI/_ping.aspx answered HTTP 500.'),
    });
    expect(await deployment.outcome()).toMatchObject({
      outcome: 'rolledBack',
      failure: expect.stringContaining('HTTP 500'),
    });
    await recordHistory('rolled-back-by-itself', () => deployment.handle.fetchHistory());
  });

  test.concurrent('a missing permission holds even then: a person can mend it', async () => {
    const denied = 'CreateService: AWS refused permission';
    const deployment = await deploy(
      { ...quick, approval: 'none', onFailure: 'rollback' },
      {},
      { setService: fails('AccessDenied', denied) },
    );
    await deployment.until(holding);
    deployment.script({ setService: () => undefined });
    await deployment.handle.executeUpdate('retry', { args: [{}] });
    expect(await deployment.outcome()).toMatchObject({ outcome: 'completed', failure: null });
    const { steps } = await deployment.status();
    expect(steps.filter(({ done }) => !done).map(({ phase }) => phase)).toEqual(['start']);
    expect(deployment.calls.filter((call) => call === 'registerTaskDefinition')).toHaveLength(1);
    await recordHistory('held-then-retried', () => deployment.handle.fetchHistory());
  });

  test.concurrent('one that fails holds until somebody retries, however long it takes', async () => {
    const deployment = await deploy({ ...quick, holdTimeout: '1s' }, inSlotA(), {
      waitForReplicas: fails('GreenUnhealthy', 'no'),
      waitForDrained: fails('AwsRefused', 'cannot drain'),
    });
    await deployment.until((status) => status.heldIn === 'rollBack');
    expect(await deployment.status()).toMatchObject({
      deadline: null,
      failure: 'cannot drain',
      commands: ['retry'],
    });
    deployment.script({ waitForDrained: () => undefined });
    await deployment.handle.executeUpdate('retry', { args: [{}] });
    expect(await deployment.outcome()).toMatchObject({ outcome: 'rolledBack' });
    const { steps } = await deployment.status();
    expect(steps.filter(({ done }) => !done).map(({ phase }) => phase)).toEqual(['start', 'rollBack']);
  });

  test.concurrent('is refused once blue is being retired', async () => {
    const deployment = await deploy({ ...quick, approval: 'none' }, inSlotA(), {
      waitForDrained: () => untilCancelled(),
    });
    await deployment.until(({ phase }) => phase === 'retire');
    await expect(deployment.handle.executeUpdate('rollback', { args: [{}] })).rejects.toMatchObject({
      cause: { message: expect.stringContaining('Blue is being retired or is gone') },
    });
    await deployment.handle.terminate('test is over');
  });
});

test.concurrent('cancelling rolls back and closes as canceled', async () => {
  const deployment = await deploy({ ...quick, approval: 'none', bake: '1h' }, inSlotA());
  await deployment.until(({ phase }) => phase === 'bake');
  await deployment.handle.cancel();
  expect((await failureOf(deployment))?.constructor.name).toBe('CancelledFailure');
  expect(restored(deployment.calls)).toContain('setRoute test gone');
  expect((await deployment.handle.describe()).status.name).toBe('CANCELLED');
  await recordHistory('cancelled', () => deployment.handle.fetchHistory());
});

test.concurrent('a pause stops before the next step, and resume goes on', async () => {
  let verified = () => {};
  const verifying = new Promise<void>((resolve) => (verified = resolve));
  const deployment = await deploy({ ...quick, approval: 'none' }, {}, { waitForReplicas: () => verifying });
  await deployment.until(({ phase }) => phase === 'start');
  await deployment.handle.executeUpdate('pause', { args: [{}] });
  verified();
  await deployment.until(({ steps }) => steps.some(({ phase, ended }) => phase === 'start' && ended !== null));
  expect(deployment.calls).not.toContain('verifyModules');
  expect(await deployment.status()).toMatchObject({
    paused: true,
    waitingFor: 'It is paused, and stays so: resume to go on, or roll back.',
  });
  await recordHistory('paused', () => deployment.handle.fetchHistory());
  await deployment.handle.executeUpdate('resume', { args: [{}] });
  expect(await deployment.outcome()).toMatchObject({ outcome: 'completed' });
});

test.concurrent('what is asked in a pause is shown with it, and the end of a bake leads nowhere then', async () => {
  const deployment = await deploy({ ...quick, bake: '24h', keepWarm: '1h' }, inSlotA());
  await deployment.until(waitingForApproval);
  await deployment.handle.executeUpdate('pause', { args: [{}] });
  expect(await deployment.status()).toMatchObject({
    waitingFor:
      'It is paused: resume to go on, or roll back. Green runs orders:2.0.0 and answers: approve to give it live traffic, or reject.',
    afterDeadline: 'It gives all traffic to blue and takes green down.',
  });
  await deployment.handle.executeUpdate('approve', { args: [{}] });
  await deployment.handle.executeUpdate('resume', { args: [{}] });
  const { afterDeadline } = await deployment.until(({ phase, deadline }) => phase === 'bake' && deadline !== null);
  expect(afterDeadline).toBe('The bake ends, and blue is kept warm for 1h.');
  await deployment.handle.executeUpdate('pause', { args: [{}] });
  expect(await deployment.status()).toMatchObject({ deadline: null, afterDeadline: null });
  await deployment.handle.signal('rollback');
  await deployment.outcome();
});

test.concurrent('a way back takes no pause: it has no further step to stop before', async () => {
  let drained = () => {};
  const drain = new Promise<void>((resolve) => (drained = resolve));
  const deployment = await deploy(quick, inSlotA(), { waitForDrained: () => drain });
  await deployment.until(waitingForApproval);
  await deployment.handle.signal('reject');
  await deployment.until(({ phase }) => phase === 'rollBack');
  await expect(deployment.handle.executeUpdate('pause', { args: [{}] })).rejects.toMatchObject({
    cause: { message: expect.stringContaining('rolling back') },
  });
  drained();
  expect(await deployment.outcome()).toMatchObject({ outcome: 'rolledBack' });
});

test.concurrent('a command in words that move a cursor is refused, and changes nothing', async () => {
  const deployment = await deploy(quick);
  await deployment.until(waitingForApproval);
  for (const [input, why] of [
    [{ by: 'ana', reason: 'ok\u001B[1A\u001B[2Kapproved by the CISO' }, /reason has the control character U\+001B/],
    [{ by: 'x'.repeat(201) }, /by has 201 characters/],
    ['x'.repeat(1001), /reason has 1001 characters/],
  ] as const)
    await expect(deployment.handle.executeUpdate('approve', { args: [input] })).rejects.toMatchObject({
      cause: { message: expect.stringMatching(why) },
    });
  await deployment.handle.executeUpdate('reject', { args: [{}] });
  expect(await deployment.outcome()).toMatchObject({ outcome: 'rolledBack' });
});

test.concurrent('promote ends the bake', async () => {
  const deployment = await deploy({ ...quick, approval: 'none', bake: '24h', keepWarm: '1h' });
  const { afterDeadline } = await deployment.until(({ phase, deadline }) => phase === 'bake' && deadline !== null);
  expect(afterDeadline).toBe('The bake ends, and green goes on serving by itself.');
  await deployment.handle.executeUpdate('promote', { args: [{}] });
  expect(await deployment.outcome()).toMatchObject({
    outcome: 'completed',
    note: expect.stringMatching(/^keepWarm keeps nothing here: the Platform Server /),
  });
});

test.concurrent('promote skips the shares that remain, but never the settling of the cut', async () => {
  const shift = [{ percent: 10, bake: '1h' }, { percent: 50, bake: '1h' }, { percent: 100 }];
  const deployment = await deploy({ ...quick, settle: '1s', bake: '1h', approval: 'none', shift });
  await deployment.until(({ phase }) => phase === 'settle');
  await expect(deployment.handle.executeUpdate('promote', { args: [{}] })).rejects.toMatchObject({
    cause: { message: 'promote was refused: There is no bake to end now.' },
  });
  const { afterDeadline } = await deployment.until(({ phase, deadline }) => phase === 'bake' && deadline !== null);
  expect(afterDeadline).toBe('The bake ends, and green gets its next share of live traffic.');
  await deployment.handle.executeUpdate('promote', { args: [{}] });
  const { outcome, phases } = await deployment.outcome();
  expect(outcome).toBe('completed');
  expect(phases.settle).toBeGreaterThan(0);
  expect(deployment.calls.filter((call) => call.startsWith('setRoute live'))).toEqual([
    'setRoute live green 10',
    'setRoute live green 100',
  ]);
});

test.concurrent(
  'after a failover between clusters it holds before it writes, and goes on once people have looked',
  async () => {
    const now = { name: 'america', failoverVersion: '21' };
    const deployment = await deploy({ ...quick, approval: 'none', onFailure: 'rollback' }, inSlotA(), {
      setRoute: ({ activeCluster }, { kind }) => {
        if (kind !== 'live' || activeCluster?.failoverVersion === now.failoverVersion) return;
        throw ApplicationFailure.create({
          type: 'ActiveClusterChanged',
          nonRetryable: true,
          message: 'It is in america since a failover.',
          details: [now],
        });
      },
    });
    const held = await deployment.until(holding);
    expect(held).toMatchObject({ heldIn: 'shift', failure: 'It is in america since a failover.', outcome: null });
    await deployment.handle.executeUpdate('retry', { args: [{ by: 'Ana' }] });
    expect(await deployment.outcome()).toMatchObject({ outcome: 'completed' });
  },
);

test.concurrent('what waits for people is found by what it waits for, and by when it goes on by itself', async () => {
  const deployment = await deploy({ ...quick, approvalTimeout: '30m' }, {}, {});
  const { client } = await opening;
  const { namespace } = client.options;
  const found = async () => {
    const { searchAttributes } = await deployment.handle.describe();
    return [searchAttributes['CutoverWaitsFor'] ?? [], searchAttributes['CutoverDeadline']?.length ?? 0];
  };
  await deployment.until(waitingForApproval);
  expect(await found()).toEqual([['approval'], 1]);
  await deployment.handle.executeUpdate('pause', { args: [{}] });
  expect(await found()).toEqual([['resume'], 1]);
  await deployment.handle.executeUpdate('resume', { args: [{}] });
  expect(await found()).toEqual([['approval'], 1]);
  for (const query of [waitingQuery('approval'), nearQuery(Date.now())]) {
    const isCounted = async () =>
      Number((await client.workflowService.countWorkflowExecutions({ namespace, query })).count) > 0;
    while (!(await isCounted())) await new Promise((resolve) => setTimeout(resolve, 50));
  }
  await deployment.handle.executeUpdate('approve', { args: [{}] });
  await deployment.outcome();
  expect(await found()).toEqual([[], 0]);
});
