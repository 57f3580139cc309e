/** A cut that no probe can see: the rules are read back, and the load balancer's counts are waited for. */
import { inSlotA } from '../planning/zone';
import { holding } from './blue-green';
import { fails, type Script } from './scripted-activities';
import { openWorld, quick, type World } from './world';

let world: World;
beforeAll(async () => void (world = await openWorld()));
afterAll(() => world.close());

const unattended = { ...quick, approval: 'none' } as const;
const guarded: Script = { proveReleases: () => ({ guarded: ['/Orders'] }) };

test.concurrent('is proven by counts, before the bake, and the result says so', async () => {
  const deployment = await world.deploy(unattended, inSlotA(), guarded);
  expect(await deployment.outcome()).toMatchObject({ outcome: 'completed', note: 'Proven by counts.' });
  const proof = deployment.calls.slice(deployment.calls.indexOf('proveReleases green'));
  expect(proof.slice(0, 3)).toEqual(['proveReleases green', 'confirmRoute', 'waitForMovedTraffic']);
});

test.concurrent('holds while blue still gets requests; a rollback is proven in the same way', async () => {
  const waitForMovedTraffic = fails('NotProven', '7 requests a minute still reach group-a');
  const deployment = await world.deploy(unattended, inSlotA(), { ...guarded, waitForMovedTraffic });
  expect(await deployment.until(holding)).toMatchObject({
    heldIn: 'settle',
    failure: '7 requests a minute still reach group-a',
  });
  deployment.script({ waitForMovedTraffic: () => 'Proven by counts.' });
  await deployment.handle.signal('rollback');
  expect(await deployment.outcome()).toMatchObject({ outcome: 'rolledBack' });
  const back = deployment.calls.slice(deployment.calls.indexOf('proveReleases blue'));
  expect(back.slice(0, 3)).toEqual(['proveReleases blue', 'confirmRoute', 'waitForMovedTraffic']);
});

test.concurrent(
  'a module behind a login is not watched while replicas roll, for nobody is answered there',
  async () => {
    const watched: unknown[] = [];
    const deployment = await world.deploy(
      unattended,
      inSlotA(['Orders', 'OrdersAPI']),
      {
        describeReleases: () => ({ '/Orders': { guard: 302 }, '/OrdersAPI': 'marker' }),
        watchModules: (_route, paths) => void watched.push(paths),
      },
      'rollingUpdate',
    );
    await deployment.outcome();
    expect(watched).toEqual([['/OrdersAPI']]);
  },
);
