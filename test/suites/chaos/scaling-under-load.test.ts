/**
 * Target tracking that acts on what users ask while a deployment goes on: it moves with the traffic, comes back with a rollback,
 * and goes with an undo; and what a terminated run left of it, its alarm too, the next one settles. Only `npm run chaos` has the time for it: a policy looks for three minutes, divided by the time scale.
 */
import { deploymentIdOf } from '../../../contract/ids';
import type { Traffic } from '../../../local/traffic/traffic';
import { startOwnStack, type OwnStack } from './own-stack';

const name = 'Loaded';
const container = (version: string) => ({ servedBy: 'container', version });

let own: OwnStack;
let crowd: Traffic | undefined;

beforeAll(async () => {
  own = await startOwnStack({ timeScale: 20, failedStarts: 0 });
}, 300_000);
afterAll(async () => {
  await crowd?.stop().catch(() => undefined);
  await own.closeHealthy();
});

test('what scales blue scales green once it is proven to serve, and no request is lost', async () => {
  const { inContainers, stack, stackTemporal, logIn } = own.living;
  const { alarmOf, putPolicy, scale, scaledSlots } = await import('../e2e/scaled.js');
  const { startTraffic } = await import('../../../local/traffic/traffic.js');
  const entrance = { loadBalancer: stack().loadBalancer, requestsPerSecond: 30 };
  const application = await inContainers(name, [name], stack().zone, entrance);
  const { deployments, target, traffic } = application;
  const counts = async () => (await application.onAws()).desiredCounts;
  const until = async (wanted: (counts: readonly number[]) => boolean) => {
    while (!wanted(await counts()));
  };
  const expectAll = async (...allowed: { servedBy: string; version: string }[]) => {
    for (const one of [traffic, ...(crowd ? [crowd] : [])]) await one.expect(name, allowed);
  };
  // 30 requests a second are some 90 a scaled minute, for two replicas.
  await scale(application, 2);
  await putPolicy(application, 'requests', 'requests', 30);
  await until(([only = 0]) => only >= 3);

  await expectAll(container('2.0'), container('3.0'));
  const taken = await application.deploy({ version: '3.0' }, { bake: '1h' });
  await application.until(({ phase }) => phase === 'bake');
  const [blue = 0] = (await counts()).toReversed();
  const baking = await scaledSlots(application);
  expect(baking).toMatchObject([
    { slot: 'a', minimum: 2, suspended: true },
    { slot: 'b', suspended: false, counts: ['b'] },
  ]);
  // Green isn't scaled in below what blue had, for its metrics begin empty.
  expect(baking[1]?.minimum).toBeGreaterThanOrEqual(3);
  expect(baking[1]?.minimum).toBeLessThanOrEqual(blue);
  crowd = await startTraffic({
    loadBalancer: stack().loadBalancer,
    nodes: stack().loadBalancerNodes,
    cookie: await logIn(),
    applications: [{ name, modules: [name] }],
    requestsPerSecond: 40,
    streamMs: 800,
  });
  await expectAll(container('3.0'));
  await until((now) => Math.max(...now) >= 5);
  await expectAll(container('2.0'), container('3.0'));
  await deployments.command(target, 'rollback', { by: 'Ana' });
  expect(await deployments.ended(taken)).toMatchObject({ result: { outcome: 'rolledBack', live: { slot: 'a' } } });
  await expectAll(container('2.0'));
  expect(await scaledSlots(application)).toMatchObject([{ slot: 'a', minimum: 2, suspended: false, counts: ['a'] }]);
  await until((now) => Math.max(...now) >= 5);

  await expectAll(container('2.0'), container('3.0'));
  const completed = await application.deploy({ version: '3.0' });
  expect(await application.ended(completed)).toMatchObject({ result: { outcome: 'completed', live: { slot: 'b' } } });
  expect(await scaledSlots(application)).toMatchObject([{ slot: 'b', minimum: 2, suspended: false, counts: ['b'] }]);
  const undone = await deployments.start(target, 'undo', { bake: '1s' });
  expect(await application.ended(undone)).toMatchObject({ result: { outcome: 'completed', live: { slot: 'a' } } });
  expect(await scaledSlots(application)).toMatchObject([{ slot: 'a', minimum: 2, suspended: false, counts: ['a'] }]);
  expect(Math.max(...(await counts()))).toBeGreaterThanOrEqual(5);

  // Green has most of the traffic when its run is terminated, and the alarm still calls blue's policy.
  await putPolicy(application, 'loaded is busy', 'step');
  await expectAll(container('2.0'), container('3.0'), container('4.0'));
  await application.deploy({ version: '3.0' }, { shift: [{ percent: 60, bake: '1h' }, { percent: 100 }] });
  await application.until(({ phase, deadline }) => phase === 'bake' && deadline !== null);
  const alarmOn = (slot: 'a' | 'b') => ({ looksAt: slot, calls: slot, tells: [expect.stringContaining('on-call')] });
  expect(await alarmOf('loaded is busy')).toEqual(alarmOn('a'));
  await (await stackTemporal()).workflow.getHandle(deploymentIdOf(target)).terminate('test');
  expect(await scaledSlots(application)).toMatchObject([{ slot: 'a' }, { slot: 'b', suspended: true }]);
  const planned = await deployments.ask({
    kind: 'plan',
    ...target,
    deployment: { image: await application.image({ version: '4.0' }) },
  });
  expect(JSON.stringify(planned.changes)).toContain('as before a deployment that was terminated');
  const settled = await application.deploy({ version: '4.0' }, { bake: '1h' });
  await application.until(({ phase }) => phase === 'bake');
  await expectAll(container('4.0'), container('3.0'));
  expect(await alarmOf('loaded is busy')).toEqual(alarmOn('a'));
  await deployments.command(target, 'rollback', { by: 'Ana' });
  expect(await deployments.ended(settled)).toMatchObject({ result: { outcome: 'rolledBack', live: { slot: 'b' } } });
  await expectAll(container('3.0'));
  expect(await alarmOf('loaded is busy')).toEqual(alarmOn('b'));
  expect(await scaledSlots(application)).toMatchObject([{ slot: 'b', minimum: 2, suspended: false, counts: ['b'] }]);
  for (const one of [traffic, crowd]) expect((await one.stop()).failures).toEqual([]);
}, 900_000);
