/** What a deployment looks like, in a terminal and on the page, at every point of its way. */
import { pictureOf } from '../../../client/picture/picture';
import { formatLiveTree } from '../../../client/text/live-tree';
import { orders, ordersOnAws, step } from './orders';

const roles = (...asked: Parameters<typeof pictureOf>) =>
  pictureOf(...asked).places.map(({ role, name, percent }) => [role, name, percent]);

test('green is the other slot until it is proven, and the slot that serves from then on', () => {
  const moving = orders({ phase: 'shift', greenPercent: 10, steps: [step('shift', 0)] });
  expect(roles(moving, ordersOnAws({ a: 90, b: 10 }))).toEqual([
    ['blue', 'slot a', 90],
    ['green', 'slot b', 10],
  ]);
  const live = { slot: 'b', servedBy: 'container', image: 'orders:1.4.2', version: '1.4.2' } as const;
  const baking = orders({ phase: 'bake', greenPercent: 100, live, steps: [step('bake', 0)] });
  expect(roles(baking, ordersOnAws({ a: 0, b: 100 }))).toEqual([
    ['blue', 'slot a', 0],
    ['green', 'slot b', 100],
  ]);
});

test('before anybody has looked at AWS, the status alone says what serves and what comes', () => {
  expect(roles(orders({ phase: 'verify', greenPercent: 0 }))).toEqual([
    ['blue', 'slot a', 100],
    ['green', 'slot b', 0],
  ]);
  const platform = { slot: null, servedBy: 'platform-server', image: null, version: null } as const;
  expect(roles(orders({ phase: 'plan', greenPercent: null, live: platform }))).toEqual([
    ['blue', 'the Platform Server', 100],
    ['green', 'slot a', 0],
  ]);
});

test('an application without a deployment shows what serves it, and nothing of a deployment', () => {
  const idle = orders({ phase: null, steps: [], image: null, way: null, outcome: null });
  expect(pictureOf(idle)).toMatchObject({ stands: 'idle', clock: null, phases: [], places: [{ name: 'slot a' }] });
});

test('phases that a rollback leaves out are not ahead, and the one that failed is said to have stopped', () => {
  const back = orders({
    phase: 'rollBack',
    steps: [step('plan', 0, 2), { ...step('start', 2, 9), done: false }, step('rollBack', 9)],
  });
  expect(pictureOf(back).phases.map(({ phase, state }) => `${phase} ${state}`)).toEqual([
    'plan done',
    'start stopped',
    'rollBack now',
  ]);
});

test('what comes after a hold is still ahead', () => {
  const held = orders({
    phase: 'hold',
    heldIn: 'retire',
    steps: [{ ...step('retire', 0, 9), done: false }, step('hold', 9)],
  });
  expect(pictureOf(held).phases.map(({ phase, state }) => `${phase} ${state}`)).toEqual([
    'retire now',
    'cleanUp ahead',
  ]);
});

test('the tree in a terminal goes from the phase and its clock over rules and shares to each task', () => {
  const status = orders({
    phase: 'bake',
    greenPercent: 10,
    deadline: '2026-11-22T12:10:00.000Z',
    afterDeadline: 'Green gets its next share.',
    steps: [step('plan', 0, 2), step('shift', 2, 3), step('bake', 3)],
  });
  const lines = formatLiveTree(pictureOf(status, ordersOnAws({ a: 90, b: 10 })), Date.parse('2026-11-22T12:00:33Z'));
  expect(lines).toEqual([
    'production/Orders  orders:1.4.2',
    '✓ plan 2s  ✓ shift 1s  ● bake  · retire  · cleanUp',
    'bake  for 30s, 9m 27s left: Green gets its next share.',
    '',
    'live 1000  ^/(Orders|OrdersAPI)(/.*)?$',
    '├─ █████████░  90 % → blue: slot a  orders-a  orders:1.4.1  1 of 1 healthy',
    '│  └─ ■ 1f3a5b70  RUNNING, 10.0.0.1:8080 healthy',
    '└─ █░░░░░░░░░  10 % → green: slot b  orders-b  orders:1.4.2  1 of 2 healthy',
    '   ├─ ■ 2c4e6d80  RUNNING, 10.0.0.2:8080 healthy',
    '   └─ ■ 3a5c7e90  PENDING',
  ]);
});
