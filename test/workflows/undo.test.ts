import { inSlotA } from '../planning/zone';
import { recordHistory } from '../suites/replay/histories';
import { fails } from './scripted-activities';
import { openWorld, type World } from './world';

let world: World;
beforeAll(async () => void (world = await openWorld()));
afterAll(() => world.close());

const quick = { bake: '0s', settle: '0s' } as const;
const undo = (input: unknown, script: Parameters<World['deploy']>[2] = {}) =>
  world.deploy(input, inSlotA(['Orders', 'OrdersAPI']), script, 'undo');

test.concurrent('without a release before it ends with the sentence, and nothing was touched', async () => {
  const why = 'There is no release of Orders before orders:1.0.0.';
  const deployment = await undo(undefined, { planUndo: fails('InvalidRequest', why) });
  await expect(deployment.outcome()).rejects.toMatchObject({ cause: { message: why } });
  expect(deployment.calls).toEqual(['planUndo']);
});

test.concurrent('an image in its input is refused: it would be a deployment', async () => {
  const deployment = await undo({ image: 'orders:0.9.0' });
  await expect(deployment.outcome()).rejects.toMatchObject({
    cause: { message: expect.stringMatching(/not an undo/) },
  });
  expect(deployment.calls).toEqual([]);
});

test.concurrent('by blue-green: the release before takes all traffic, without an approval', async () => {
  const deployment = await undo({ ...quick, by: 'Ana', reason: 'slow checkout' });
  expect(await deployment.outcome()).toMatchObject({
    outcome: 'completed',
    strategy: 'undo',
    image: 'orders:0.9.0',
    live: { slot: 'b', image: 'orders:0.9.0' },
    by: 'Ana',
    reason: 'slow checkout',
  });
  expect(deployment.calls).toContain('setRoute live green 100');
  await recordHistory('undone', () => deployment.handle.fetchHistory());
});

test.concurrent('by a rolling update: the live service is rolled back to it', async () => {
  const deployment = await undo({ ...quick, strategy: 'rollingUpdate' });
  expect(await deployment.outcome()).toMatchObject({
    outcome: 'completed',
    live: { slot: 'a', image: 'orders:0.9.0' },
  });
  expect(deployment.calls).toContain('rollService to definition:7');
  expect(await deployment.listed()).toContainEqual(expect.stringMatching(/^rollback: Rolls the live service back/));
  await recordHistory('undone-by-rolling', () => deployment.handle.fetchHistory());
});
