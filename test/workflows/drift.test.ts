/** Others who change what a blue-green deployment relies on: it holds, and overwrites nothing. */
import { inSlotA, release } from '../planning/zone';
import { recordHistory } from '../suites/replay/histories';
import { holding } from './blue-green';
import { fails, untilCancelled } from './scripted-activities';
import { openWorld, quick, type World } from './world';

// Concurrent tests begin before beforeAll would have ended.
const opening = openWorld();
afterAll(async () => (await opening).close());

const deploy: World['deploy'] = async (...given) => await (await opening).deploy(...given);

test.concurrent('somebody else’s change of a rule holds, and nothing overwrites it', async () => {
  const changed = 'Listener rule live-0 (priority 1990) was changed by somebody else';
  const deployment = await deploy({ ...quick, approval: 'none' }, inSlotA(), {
    setRoute: (_site, route, traffic) =>
      route.kind === 'live' && traffic !== 'gone' ? fails('RouteChangedByOthers', changed)() : undefined,
  });
  expect((await deployment.until(holding)).failure).toBe(changed);
  deployment.script({ setRoute: () => undefined });
  await deployment.handle.signal('retry');
  expect(await deployment.outcome()).toMatchObject({ outcome: 'completed', failure: null });
});

test.concurrent('a rule that leads to blue again after the bake holds before blue loses capacity', async () => {
  const changed = 'Listener rule live-0 (priority 1990) was changed by somebody else';
  const deployment = await deploy({ ...quick, approval: 'none' }, inSlotA(), {
    confirmRoute: fails('RouteChangedByOthers', changed),
  });
  expect(await deployment.until(holding)).toMatchObject({ heldIn: 'bake', failure: changed });
  expect(deployment.calls.filter((call) => call.startsWith('setDesiredCount'))).toHaveLength(1);
  deployment.script({ confirmRoute: () => undefined });
  await deployment.handle.signal('retry');
  expect(await deployment.outcome()).toMatchObject({ outcome: 'completed', failure: null });
  // What was put back is proven before blue goes.
  const after = deployment.calls.slice(deployment.calls.lastIndexOf('confirmRoute'));
  expect(after.slice(0, 2)).toEqual(['confirmRoute', 'proveReleases green']);
});

test.concurrent(
  'settings that were edited meanwhile hold a deployment that would roll back, until they agree again',
  async () => {
    const differs =
      'The settings have another cluster for zone production than outsystems: nothing was written. Retry looks again.';
    const deployment = await deploy({ ...quick, approval: 'none', onFailure: 'rollback' }, inSlotA(), {
      setService: fails('OtherSettings', differs),
    });
    expect(await deployment.until(holding)).toMatchObject({ heldIn: 'start', failure: differs });
    expect(deployment.calls.filter((call) => /setRoutes? live/.test(call))).toEqual([]);
    deployment.script({ setService: () => undefined });
    await deployment.handle.signal('retry');
    expect(await deployment.outcome()).toMatchObject({ outcome: 'completed', failure: null });
  },
);

test.concurrent('a target group that somebody changed holds before any traffic moves, at every share', async () => {
  const changed = 'Target group blue (stickiness.enabled: false → true) was changed by somebody else';
  const shift = [{ percent: 10, bake: '1h' }, { percent: 100 }];
  const only = { release: release('2.0.0', ['Orders']) };
  const deployment = await deploy({ ...quick, approval: 'none', shift }, { ...inSlotA(), ...only });
  await deployment.until(({ phase, deadline }) => phase === 'bake' && deadline !== null);
  deployment.script({ confirmTargetGroups: fails('TargetGroupChangedByOthers', changed) });
  await deployment.handle.executeUpdate('promote', { args: [{}] });
  expect(await deployment.until(holding)).toMatchObject({ heldIn: 'shift', failure: changed });
  const asked = deployment.calls.lastIndexOf('confirmTargetGroups');
  expect(deployment.calls.slice(asked + 1)).toEqual(['describeEvidence']);
  deployment.script({ confirmTargetGroups: () => undefined });
  await deployment.handle.signal('retry');
  expect(await deployment.outcome()).toMatchObject({ outcome: 'completed', failure: null });
});

test.concurrent('blue does not go while a replica of green is missing, whoever stopped it', async () => {
  const missing = 'service-b was not healthy within 10m: 0 of 0 tasks run, 0 healthy (no targets yet).';
  const deployment = await deploy({ ...quick, approval: 'none', bake: '24h' }, inSlotA());
  await deployment.until(({ phase, deadline }) => phase === 'bake' && deadline !== null);
  deployment.script({ waitForReplicas: fails('GreenUnhealthy', missing) });
  await deployment.handle.executeUpdate('promote', { args: [{}] });
  expect(await deployment.until(holding)).toMatchObject({ heldIn: 'bake', failure: missing });
  expect(deployment.calls).not.toContain('setDesiredCount service-a 0');
  deployment.script({ waitForReplicas: () => undefined });
  await deployment.handle.signal('retry');
  expect(await deployment.outcome()).toMatchObject({ outcome: 'completed', failure: null });
});

test.concurrent(
  'between shares blue is watched too: scaled to nothing it holds, and a rollback brings it back',
  async () => {
    const shift = [{ percent: 10, bake: '1h' }, { percent: 100 }];
    const gone = 'ECS service service-a was changed by somebody else: it was scaled to no replica at all';
    const only = { release: release('2.0.0', ['Orders']) };
    const deployment = await deploy(
      { ...quick, approval: 'none', shift },
      { ...inSlotA(), ...only },
      {
        watchReplicas: async (_site, _green, sharing) =>
          await (sharing === 'service-a' ? fails('ServiceChangedByOthers', gone) : untilCancelled)(),
      },
    );
    const { failure } = await deployment.until(holding);
    expect(failure).toBe(gone);
    expect(deployment.calls).not.toContain('setRoute live green 100');
    deployment.script({ describeReplicas: () => ({ desiredCount: 0, stoppedTasks: [] }) });
    await deployment.handle.signal('rollback');
    expect(await deployment.outcome()).toMatchObject({ outcome: 'rolledBack' });
    const back = deployment.calls.indexOf('setDesiredCount service-a 3');
    expect(deployment.calls.slice(back + 1, back + 3)).toEqual(['waitForReplicas', 'setRoute live before']);
  },
);

test.concurrent(
  'a blue that was scaled in gets its replicas back first, and traffic even where they don’t come',
  async () => {
    const late = 'service-a was not healthy within 2m: 1 of 3 tasks run, 1 healthy (healthy, initial, initial).';
    const deployment = await deploy({ ...quick, approval: 'none', bake: '24h' }, inSlotA());
    await deployment.until(({ phase, deadline }) => phase === 'bake' && deadline !== null);
    deployment.script({
      describeReplicas: () => ({ desiredCount: 1, runningCount: 1, stoppedTasks: [] }),
      waitForReplicas: fails('GreenUnhealthy', late),
    });
    await deployment.handle.signal('rollback');
    const note = expect.stringContaining(`before all of its 3 replicas were healthy: ${late}`);
    expect(await deployment.outcome()).toMatchObject({ outcome: 'rolledBack', live: { slot: 'a' }, note });
    const back = deployment.calls.indexOf('setDesiredCount service-a 3');
    expect(deployment.calls.slice(back + 1, back + 4)).toEqual([
      'waitForReplicas',
      'count group-a 1',
      'setRoute live before',
    ]);
    await recordHistory('rolled-back-to-fewer', () => deployment.handle.fetchHistory());
  },
);

test.concurrent('traffic goes back to blue only once it has replicas again that somebody took away', async () => {
  const deployment = await deploy({ ...quick, approval: 'none', bake: '24h' }, inSlotA(), {});
  await deployment.until(({ phase, deadline }) => phase === 'bake' && deadline !== null);
  deployment.script({ describeReplicas: () => ({ desiredCount: 0, stoppedTasks: [] }) });
  await deployment.handle.signal('rollback');
  expect(await deployment.outcome()).toMatchObject({ outcome: 'rolledBack' });
  // The watch of the bake may not have begun when the rollback ended it.
  const calls = deployment.calls.filter((call) => call !== 'watchReplicas');
  expect(calls.slice(calls.lastIndexOf('count group-a off') + 1).slice(0, 5)).toEqual([
    'describeReplicas',
    'setDesiredCount service-a 3',
    'waitForReplicas',
    'count group-a 1',
    expect.stringMatching(/^setRoute live/),
  ]);
});
