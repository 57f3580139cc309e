/** What people ask about a whole zone, whose applications may be hundreds: each call counts in AWS's rates. */
import { MockActivityEnvironment } from '@temporalio/testing';
import { randomUUID } from 'node:crypto';
import type { ApplicationIdentity } from '../../../../planning/names';
import { orders } from '../../../planning/zone';
import { liveTags, openZone, type Zone } from './containers';

const inContainers = ['Bank', 'Claims', 'Fleet', 'Stock'];
const onPlatformServer = Array.from({ length: 30 }, (_, at) => `Portal${at}`);
const identity = (name: string): ApplicationIdentity => ({ zone: orders.zone, name, key: randomUUID() });
const others = [...inContainers, ...onPlatformServer].map(identity);

let zone: Zone;
beforeAll(async () => {
  zone = await openZone(orders.key);
  for (const [at, application] of others.slice(0, inContainers.length).entries())
    await zone.route(100 + at, `/${application.name}*`, await zone.runSlot(application, 'a'), liveTags(application));
});
afterAll(() => zone.close());

const asked = { zone: orders.zone };
const inActivity = async <Answer>(ask: () => Promise<Answer>) =>
  (await new MockActivityEnvironment().run(ask)) as Answer;
const questions = () => zone.questionsAs(orders.name, others);
const numbers = (calls: readonly string[]) =>
  Object.fromEntries([...new Set(calls)].map((call) => [call, calls.filter((one) => one === call).length]));

test('what serves is read ten services a call, and of a task definition once; nothing else is read of each application', async () => {
  const list = async () => await inActivity(async () => await questions().describeZone(asked));
  zone.calls();
  const live = await list();
  expect(Object.entries(live).filter(([, { servedBy }]) => servedBy === 'container')).toEqual(
    inContainers.map((name) => [name, { slot: 'a', servedBy: 'container', image: 'orders:1', version: '1' }]),
  );
  expect(Object.keys(live)).toHaveLength(1 + others.length);
  const first = numbers(zone.calls());
  expect(first).toMatchObject({ DescribeServicesCommand: 1, DescribeTaskDefinitionCommand: inContainers.length });
  await list();
  const { DescribeTaskDefinitionCommand: _, ...again } = first;
  expect(numbers(zone.calls())).toEqual(again);
});

test('the doctor reads ten services a call too', async () => {
  zone.calls();
  const found = await inActivity(async () => await questions().examineZone(asked));
  expect(found.filter(({ check }) => ['leftovers', 'images', 'logins'].includes(check))).toMatchObject([
    { check: 'leftovers', state: 'ok' },
    { check: 'images' },
    { check: 'logins', state: 'ok' },
  ]);
  const { DescribeServicesCommand: services = 0 } = numbers(zone.calls());
  expect(services).toBeLessThan((2 * (1 + others.length)) / 10 + 4);
});
