/** What people are shown of an application whose resources bear another name than its own, against the local AWS. */
import { slotNames } from '../../../../planning/names';
import { orders } from '../../../planning/zone';
import { liveTags, openZone, type Zone } from './containers';

const sales = { ...orders, name: 'Sales' };
const asked = (name: string) => ({ zone: 'production', application: name });

let zone: Zone;
beforeAll(async () => {
  zone = await openZone(orders.key);
});
afterAll(() => zone.close());

describe('between a rename in the settings and its deployment', () => {
  const serving = slotNames(orders, 'a').service;
  let rule: string;
  beforeAll(async () => {
    rule = await zone.route(1999, '/Orders*', await zone.runSlot(orders, 'a'), liveTags(orders));
  });
  afterAll(() => zone.deleteRule(rule));

  test('status shows what serves, with its tasks and their health', async () => {
    const { slots, rules } = await zone.questionsAs('Sales').describeTopology(asked('Sales'));
    const [slot, ...others] = slots.filter(({ service }) => service !== null);
    expect(others).toEqual([]);
    expect(slot).toMatchObject({
      slot: 'a',
      targetGroup: serving,
      service: { name: serving, image: 'orders:1', desired: 1, running: 1 },
      tasks: [{ status: 'RUNNING', target: { state: expect.any(String) } }],
    });
    expect(rules).toMatchObject([{ route: 'live', forwards: [{ targetGroup: serving, percent: 100 }] }]);
  });

  test('logs reads the tasks that serve', async () => {
    const logs = await zone.questionsAs('Sales').describeLogs(asked('Sales'), 5);
    expect(logs).toMatchObject([{ service: serving, status: 'RUNNING' }]);
  });

  test('history lists the releases of the earlier name', async () => {
    const releases = await zone.questionsAs('Sales').describeHistory(asked('Sales'));
    expect(releases).toMatchObject([{ image: 'orders:1', live: true }]);
  });

  test('while it is deployed, what runs under the new name is shown beside what serves', async () => {
    const green = await zone.runSlot(sales, 'b');
    const { slots } = await zone.questionsAs('Sales').describeTopology(asked('Sales'));
    expect(slots.map(({ slot, service }) => [slot, service?.name ?? null])).toEqual([
      ['a', serving],
      ['b', null],
      ['b', green.service],
    ]);
    const logs = await zone.questionsAs('Sales').describeLogs(asked('Sales'), 5);
    expect(logs.map(({ service }) => service)).toEqual([serving, green.service]);
  });
});

describe('while a service of another tool serves', () => {
  let rule: string;
  beforeAll(async () => {
    rule = await zone.route(5, '/Orders*', await zone.runForeign('legacy'));
  });
  afterAll(() => zone.deleteRule(rule));

  test('status shows its rule, its service and its tasks, and says nothing of the Platform Server', async () => {
    const topology = await zone.questionsAs('Orders').describeTopology(asked('Orders'));
    expect(topology.rules).toMatchObject([
      { route: 'live', priority: 5, catches: ['/Orders*'], forwards: [{ targetGroup: 'legacy', percent: 100 }] },
    ]);
    expect(topology.foreign).toMatchObject({
      targetGroup: 'legacy',
      service: { name: 'legacy', image: expect.stringContaining('orders:1'), running: 1 },
      tasks: [{ status: 'RUNNING' }],
    });
    expect(await zone.questionsAs('Orders').describeLive(asked('Orders'))).toMatchObject({ servedBy: 'container' });
  });

  test('logs reads its tasks', async () => {
    const logs = await zone.questionsAs('Orders').describeLogs(asked('Orders'), 5);
    expect(logs).toContainEqual(expect.objectContaining({ service: 'legacy', status: 'RUNNING' }));
  });
});
