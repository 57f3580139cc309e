import type { DeploymentStatus } from '../../contract/status';
import type { Observed } from '../../planning/observed/observed';
import { inSlotA, listener, listenerArn, slot } from '../planning/zone';
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
  deployment.script({ waitForHandover: () => 'gone' });
  await deployment.handle.executeUpdate('retry', { args: [{}] });
  expect(await deployment.outcome()).toMatchObject({ outcome: 'completed', note: expect.stringMatching(/taken down/) });
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
