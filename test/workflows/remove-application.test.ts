import type { DeploymentStatus } from '../../contract/status';
import type { Observed } from '../../planning/observed/observed';
import { inSlotA, listener, listenerArn, liveRule, platformServerGroup, slot } from '../planning/zone';
import { recordHistory } from '../suites/replay/histories';
import { fails, untilCancelled } from './scripted-activities';
import { openWorld, type World } from './world';

let world: World;
beforeAll(async () => void (world = await openWorld()));
afterAll(() => world.close());

const quick = { settle: '0s' } as const;
const remove = (
  script: Parameters<World['deploy']>[2] = {},
  from: Partial<Observed> = inSlotA(['Orders', 'OrdersAPI']),
  input: object = quick,
) => world.deploy(input, from, script, 'removeApplication');
const holding = ({ phase, commands }: DeploymentStatus) => phase === 'hold' && commands.includes('retry');

test.concurrent('nothing of live traffic changes while the Platform Server doesn’t answer', async () => {
  const deployment = await remove({ waitForHandover: untilCancelled });
  await deployment.until(({ phase }) => phase === 'verify');
  expect(await deployment.listed()).toContainEqual(expect.stringMatching(/^rollback: Puts the rules back/));
  expect(deployment.calls.filter((call) => call.startsWith('setRoute live'))).toEqual([]);
  await deployment.handle.executeUpdate('rollback', { args: [{ by: 'Ana' }] });
  expect(await deployment.outcome()).toMatchObject({ outcome: 'rolledBack', live: { slot: 'a' } });
  expect(deployment.calls.at(-1)).toBe('setRoute test gone');
  expect(deployment.calls.filter((call) => call.startsWith('delete'))).toEqual([]);
  await recordHistory('removal-rolled-back', () => deployment.handle.fetchHistory());
});

test.concurrent('an answer that is neither holds, with the containers serving', async () => {
  const deployment = await remove({ waitForHandover: fails('NoAnswer', '/Orders/_ping.aspx answered 503') });
  expect(await deployment.until(holding)).toMatchObject({ heldIn: 'verify', live: { slot: 'a' } });
  deployment.script({ waitForHandover: () => 'back' });
  await deployment.handle.executeUpdate('retry', { args: [{}] });
  expect(await deployment.outcome()).toMatchObject({
    outcome: 'completed',
    note: expect.stringMatching(/serves Orders now/),
  });
});

/** The Platform Server has none of the modules; nobody has seen it serve them again. */
const gone = (_address: unknown, _paths: unknown, { removeAfter }: { removeAfter: number | null }) =>
  removeAfter === null ? untilCancelled() : 'gone';
const asked = ({ commands }: DeploymentStatus) => commands.includes('approve');

describe('where nobody would serve any more', () => {
  test('the containers serve on until a person lets them go, and the Platform Server is asked once more then', async () => {
    const deployment = await remove({ waitForHandover: gone });
    expect(await deployment.until(asked)).toMatchObject({
      phase: 'approve',
      waitingFor: expect.stringMatching(/no module of Orders, so nobody would serve it: approve to take/),
      afterDeadline: 'It puts the rules back, so that the containers serve as before.',
    });
    expect((await deployment.handle.describe()).searchAttributes).toMatchObject({ CutoverWaitsFor: ['approval'] });
    expect(deployment.calls).not.toContain('setRoute live gone');
    deployment.script({ waitForHandover: fails('NoAnswer', '/Orders/_ping.aspx answered 503') });
    await deployment.handle.executeUpdate('approve', { args: [{ by: 'Ana', reason: 'retired' }] });
    expect(await deployment.until(holding)).toMatchObject({ heldIn: 'verify', live: { slot: 'a' } });
    deployment.script({ waitForHandover: gone });
    await deployment.handle.executeUpdate('retry', { args: [{}] });
    expect(await deployment.outcome()).toMatchObject({
      outcome: 'completed',
      approved: { by: 'Ana', reason: 'retired' },
    });
    await recordHistory('removed-for-good', () => deployment.handle.fetchHistory());
  });

  test('nobody’s answer in time, and a rejection, leave everything as it was', async () => {
    const late = await remove({ waitForHandover: gone }, undefined, { ...quick, approvalTimeout: '1s' });
    const rejected = await remove({ waitForHandover: gone });
    await rejected.until(asked);
    await rejected.handle.executeUpdate('reject', { args: [{ by: 'Ana' }] });
    for (const deployment of [late, rejected]) {
      expect(await deployment.outcome()).toMatchObject({ outcome: 'rolledBack', live: { slot: 'a' } });
      expect(deployment.calls.filter((call) => /^(setRoute live gone|delete|setDesiredCount)/.test(call))).toEqual([]);
    }
  });

  test('once the Platform Server serves again it goes on by itself', async () => {
    let serveAgain: () => void = () => undefined;
    const serves = new Promise<void>((resolve) => (serveAgain = resolve));
    const deployment = await remove({
      waitForHandover: (_address, _paths, { removeAfter }) =>
        removeAfter === null ? serves.then(() => 'back') : 'gone',
    });
    await deployment.until(asked);
    deployment.script({ waitForHandover: () => 'back' });
    serveAgain();
    expect(await deployment.outcome()).toMatchObject({
      outcome: 'completed',
      approved: null,
      note: 'The Platform Server serves Orders now.',
    });
  });

  test('who is asked of every removal is asked although it serves again', async () => {
    const deployment = await remove({ waitForHandover: gone }, undefined, { ...quick, approval: 'beforeStart' });
    await deployment.until(asked);
    expect(deployment.calls.filter((call) => call === 'waitForHandover')).toHaveLength(1);
    deployment.script({ waitForHandover: () => 'back' });
    await deployment.handle.executeUpdate('approve', { args: [{}] });
    expect(await deployment.outcome()).toMatchObject({ note: 'The Platform Server serves Orders now.' });
  });

  test('nobody is asked where the settings say that it is automatic', async () => {
    const deployment = await remove({ waitForHandover: gone }, undefined, { ...quick, removal: 'automatic' });
    expect(await deployment.outcome()).toMatchObject({
      outcome: 'completed',
      approved: null,
      note: expect.stringMatching(/taken down/),
    });
    await recordHistory('removed-automatically', () => deployment.handle.fetchHistory());
  });
});

test.concurrent('rules go first, then replicas, drained while still attached, then services and groups', async () => {
  const deployment = await remove();
  expect(await deployment.outcome()).toMatchObject({
    outcome: 'completed',
    live: { slot: null, servedBy: 'platform-server' },
    note: 'The Platform Server serves Orders now.',
  });
  const order = [
    'setRoute test green 100',
    'waitForHandover',
    'setRoute live gone',
    'proveReleases blue',
    'confirmRoute',
    'setDesiredCount service-a 0',
    'waitForDrained',
    'setRoute test gone',
    'deleteService service-a',
    'deleteTargetGroup group-a',
  ];
  const positions = order.map((call) => deployment.calls.indexOf(call));
  expect(positions).not.toContain(-1);
  expect(positions).toEqual(positions.toSorted((one, other) => one - other));
  await recordHistory('removed', () => deployment.handle.fetchHistory());
});

test.concurrent(
  'a rule that leads to the containers again holds before they lose capacity, and is proven once it is gone',
  async () => {
    const theirs = 'Listener rule theirs (priority 7) was made by somebody else';
    const deployment = await remove({ confirmRoute: fails('RouteChangedByOthers', theirs) });
    expect(await deployment.until(holding)).toMatchObject({ heldIn: 'settle', failure: theirs });
    expect(deployment.calls.filter((call) => call.startsWith('setDesiredCount'))).toEqual([]);
    deployment.script({ confirmRoute: () => undefined });
    await deployment.handle.executeUpdate('retry', { args: [{}] });
    expect(await deployment.outcome()).toMatchObject({ outcome: 'completed', failure: null });
    const after = deployment.calls.slice(deployment.calls.lastIndexOf('confirmRoute'));
    expect(after.slice(0, 3)).toEqual(['confirmRoute', 'verifyModules', 'proveReleases blue']);
  },
);

test.concurrent(
  'containers that somebody scaled to nothing are back before a rollback gives them traffic',
  async () => {
    const deployment = await remove({ proveReleases: fails('NotProven', 'The containers still answer') });
    await deployment.until(holding);
    deployment.script({
      proveReleases: () => undefined,
      describeReplicas: () => ({ desiredCount: 0, stoppedTasks: [] }),
    });
    await deployment.handle.executeUpdate('rollback', { args: [{ by: 'Ana' }] });
    expect(await deployment.outcome()).toMatchObject({ outcome: 'rolledBack', live: { slot: 'a' } });
    const back = deployment.calls.slice(deployment.calls.indexOf('setDesiredCount service-a 3'));
    expect(back.slice(0, 3)).toEqual(['setDesiredCount service-a 3', 'waitForReplicas', 'setRoute live before']);
  },
);

test.concurrent(
  'where somebody had led the rules to the Platform Server, a rollback leads them there again, and asks for no container',
  async () => {
    const liveListener = listener(listenerArn, liveRule(platformServerGroup, ['Orders']));
    const deployment = await remove(
      { proveReleases: fails('NotProven', '/Orders answered 404') },
      { ...inSlotA(), liveListener },
    );
    expect(await deployment.until(holding)).toMatchObject({ heldIn: 'settle', live: { servedBy: 'platform-server' } });
    await deployment.handle.executeUpdate('rollback', { args: [{ by: 'Ana' }] });
    expect(await deployment.outcome()).toMatchObject({ outcome: 'rolledBack', live: { servedBy: 'platform-server' } });
    expect(deployment.calls.slice(deployment.calls.indexOf('setRoute live before'))).toEqual([
      'setRoute live before',
      'setRoute test gone',
    ]);
    await recordHistory('removal-led-elsewhere-rolled-back', () => deployment.handle.fetchHistory());
  },
);

test.concurrent(
  'a target group that somebody changed holds before the rules go, and again before replicas do',
  async () => {
    const changed = 'Target group blue (deregistration_delay.timeout_seconds: 30 → 0) was changed by somebody else';
    const deployment = await remove({ confirmTargetGroups: fails('TargetGroupChangedByOthers', changed) });
    expect(await deployment.until(holding)).toMatchObject({ heldIn: 'shift', failure: changed });
    expect(deployment.calls.filter((call) => call.startsWith('setRoute live'))).toEqual([]);
    let asked = 0;
    deployment.script({
      confirmTargetGroups: () => (++asked === 2 ? fails('TargetGroupChangedByOthers', changed)() : undefined),
    });
    await deployment.handle.executeUpdate('retry', { args: [{}] });
    expect(await deployment.until((status) => holding(status) && status.heldIn === 'settle')).toMatchObject({
      failure: changed,
    });
    expect(deployment.calls.filter((call) => call.startsWith('setDesiredCount'))).toEqual([]);
    await deployment.handle.executeUpdate('retry', { args: [{}] });
    expect(await deployment.outcome()).toMatchObject({ outcome: 'completed' });
  },
);

test.concurrent('what is half removed is removed to its end: no rules any more, replicas left', async () => {
  const from = { live: listener(listenerArn), slots: [slot('a'), slot('b', { desiredCount: 2 })] };
  const deployment = await remove({}, from);
  expect(await deployment.outcome()).toMatchObject({ outcome: 'completed' });
  expect(deployment.calls.filter((call) => call.startsWith('setRoute live'))).toEqual([]);
  expect(deployment.calls).toEqual(
    expect.arrayContaining(['setDesiredCount service-b 0', 'deleteService service-b', 'deleteTargetGroup group-b']),
  );
});

test.concurrent('where there was nothing it says so, and touches nothing', async () => {
  const deployment = await remove({}, { slots: [slot('a'), slot('b')] });
  expect(await deployment.outcome()).toMatchObject({
    outcome: 'completed',
    note: 'Nothing of Orders was in containers, so nothing was removed.',
  });
  expect(deployment.calls).toEqual(['planRemoval']);
  await recordHistory('nothing-removed', () => deployment.handle.fetchHistory());
});
