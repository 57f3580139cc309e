/** What becomes of the copies of configurations once a deployment is over. */
import { inSlotA, release } from '../../planning/zone';
import { recordHistory } from '../../suites/replay/histories';
import { fails } from '../scripted-activities';
import { openWorld, quick, type World } from '../world';

let world: World;
beforeAll(async () => void (world = await openWorld()));
afterAll(() => world.close());

const modules = ['Orders', 'OrdersAPI'];
const from = { ...inSlotA(modules), release: { ...release('2.0.0', modules), configuration: 'new' } };
const unattended = { ...quick, approval: 'none' } as const;
const copies = () => ['new', 'referred', 'old'].map((sha256) => ({ sha256, mark: '' }));

test.concurrent.each(['blueGreen', 'rollingUpdate'] as const)(
  'after a %s the copies go that nothing refers to, and never the one that serves',
  async (strategy) => {
    const asked: unknown[] = [];
    const script = {
      describeCopies: copies,
      describeConfigurationReferences: (_site: unknown, _application: unknown, names: readonly string[]) => {
        asked.push(names);
        return ['referred'];
      },
    };
    const deployment = await world.deploy(unattended, from, script, strategy);
    expect(await deployment.outcome()).toMatchObject({ outcome: 'completed', note: null });
    expect(asked).toEqual([['referred', 'old']]);
    expect(deployment.calls.slice(-1)).toEqual(['removeCopies old']);
    if (strategy === 'blueGreen')
      await recordHistory('old-configurations-removed', () => deployment.handle.fetchHistory());
  },
);

test.concurrent('copies that cannot be deleted are noted, and the deployment is completed as it was', async () => {
  const script = {
    describeCopies: copies,
    describeConfigurationReferences: () => [],
    removeCopies: fails('ReadOnly', 'The share is read-only'),
  };
  const deployment = await world.deploy(unattended, from, script);
  expect(await deployment.outcome()).toMatchObject({
    outcome: 'completed',
    live: { version: '2.0.0' },
    note: 'Old copies of its configuration stay until its next deployment: The share is read-only',
  });
});

test.concurrent('a deployment that is taken back deletes nothing', async () => {
  const deployment = await world.deploy({ ...unattended, onFailure: 'rollback' }, from, {
    describeCopies: copies,
    waitForReplicas: fails('GreenUnhealthy', 'Task 123 stopped'),
  });
  expect(await deployment.outcome()).toMatchObject({ outcome: 'rolledBack' });
  expect(deployment.calls).not.toContain('describeCopies');
});
