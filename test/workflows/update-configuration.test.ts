import { inSlotA } from '../planning/zone';
import { recordHistory } from '../suites/replay/histories';
import { openWorld, quick, type World } from './world';

let world: World;
beforeAll(async () => void (world = await openWorld()));
afterAll(() => world.close());

test('a new configuration rolls out with the image that serves', async () => {
  const { image: _, ...untold } = quick;
  const update = await world.deploy({ ...untold, approval: 'none' }, inSlotA(), {}, 'updateConfiguration');
  expect(await update.outcome()).toMatchObject({ outcome: 'completed', strategy: 'updateConfiguration' });
  expect(update.calls.indexOf('publishConfiguration')).toBeLessThan(update.calls.indexOf('planUpdateConfiguration'));
  await recordHistory('configured', () => update.handle.fetchHistory());
});
