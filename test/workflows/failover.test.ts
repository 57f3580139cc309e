/** A deployment never makes the load balancer unhealthy for Route 53: what serves nobody counts for nothing there. */
import { inSlotA } from '../planning/zone';
import { holding } from './blue-green';
import { fails, untilCancelled } from './scripted-activities';
import { openWorld, quick, type World } from './world';

// Concurrent tests begin before beforeAll would have ended.
const opening = openWorld();
afterAll(async () => (await opening).close());

const deploy: World['deploy'] = async (...given) => await (await opening).deploy(...given);
const unattended = { ...quick, approval: 'none' } as const;

/** Of the calls, those of a list that must come in its order, once each. */
const inOrder = (calls: readonly string[], wanted: readonly string[]) => calls.filter((call) => wanted.includes(call));

test.concurrent(
  'green counts from when it is verified until it goes, and blue until green has all traffic',
  async () => {
    const deployment = await deploy(unattended, inSlotA());
    expect(await deployment.outcome()).toMatchObject({ outcome: 'completed' });
    const order = [
      'count group-green off',
      'setService',
      'verifyModules',
      'count group-green 1',
      'setRoute live green 100',
      'proveReleases green',
      'count group-a off',
      'setDesiredCount service-a 0',
      'count group-a 1',
    ];
    const seen = [...new Set(inOrder(deployment.calls, order))];
    expect(seen).toEqual(order);
    // What is set last, holds.
    expect(deployment.calls.filter((call) => call.startsWith('count group-green')).at(-1)).toBe('count group-green 1');
  },
);

test.concurrent('a pilot, which serves nobody, never counts', async () => {
  const deployment = await deploy(unattended, inSlotA(), {}, 'rollingUpdate');
  expect(await deployment.outcome()).toMatchObject({ outcome: 'completed' });
  expect(new Set(deployment.calls.filter((call) => call.startsWith('count ')))).toEqual(
    new Set(['count group-green off']),
  );
});

test.concurrent(
  'on the way back blue counts again before it has traffic, and green no more before it goes',
  async () => {
    const deployment = await deploy({ ...unattended, bake: '1h' }, inSlotA());
    await deployment.until(({ phase }) => phase === 'bake');
    await deployment.handle.signal('rollback', { by: 'Ana' });
    expect(await deployment.outcome()).toMatchObject({ outcome: 'rolledBack' });
    const { calls } = deployment;
    const back = calls.slice(calls.indexOf('count group-a 1'));
    const order = ['count group-a 1', 'setRoute live before', 'proveReleases blue', 'count group-green off'];
    expect(inOrder(back, order)).toEqual(order);
  },
);

describe.each([
  ['start', 'waitForReplicas'],
  ['verify', 'verifyModules'],
] as const)('a hold in %s', (phase, failing) => {
  const why = fails('GreenUnhealthy', 'It answers 500.');
  const none = expect.stringMatching(/^setDesiredCount .*-b 0$/) as string;

  test.concurrent('leaves no target of green behind, and a retry starts green again', async () => {
    const deployment = await deploy(unattended, inSlotA(), { [failing]: why });
    expect(await deployment.until(holding)).toMatchObject({ heldIn: phase });
    await deployment.until(() => deployment.calls.some((call) => /^setDesiredCount .*-b 0$/.test(call)));
    const before = deployment.calls.length;
    deployment.script({ [failing]: () => undefined });
    await deployment.handle.signal('retry');
    expect(await deployment.outcome()).toMatchObject({ outcome: 'completed' });
    expect(deployment.calls.slice(before)).toContain('setService');
  });

  test.concurrent('can be rolled back while green goes and AWS does not answer', async () => {
    const deployment = await deploy(unattended, inSlotA(), {
      [failing]: why,
      setDesiredCount: () => untilCancelled(),
    });
    await deployment.until(holding);
    await deployment.until(() => deployment.calls.some((call) => /^setDesiredCount .*-b 0$/.test(call)));
    deployment.script({ setDesiredCount: () => undefined });
    await deployment.handle.signal('rollback', { by: 'Ana' });
    expect(await deployment.outcome()).toMatchObject({ outcome: 'rolledBack' });
    expect(deployment.calls).toEqual(expect.arrayContaining([none, 'setRoute test gone']));
  });
});
