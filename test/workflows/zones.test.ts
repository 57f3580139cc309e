/** A zone with workers of its own, beside a worker that serves the others. */
import { taskQueues } from '../../contract/ids';
import { deploymentsOf } from '../../client/deployments';
import { handsOn } from '../../worker/zones';
import { parseSettings } from '../../settings/load';
import { zone } from '../settings/minimal';
import { recordHistory } from '../suites/replay/histories';
import { waitingForApproval } from './blue-green';
import { openWorld, quick, type World } from './world';

const settings = parseSettings(`${zone}    ownWorkers: true\n`, 'cutover.yaml');
const live = { slot: 'a', servedBy: 'container', image: 'orders:1.0.0', version: '1.0.0' };
let shared: World;
let own: World | undefined;

beforeAll(async () => {
  const interceptors = { activity: [handsOn(() => settings)] };
  shared = await openWorld({ interceptors, activities: { describeLive: () => Promise.reject(new Error('not here')) } });
});
afterAll(async () => {
  await own?.close();
  await shared.close();
});

const queuesOf = (events: readonly object[]) =>
  events.flatMap((event) => {
    const { activityTaskScheduledEventAttributes: scheduled } = event as {
      activityTaskScheduledEventAttributes?: { taskQueue?: { name?: string } };
    };
    return scheduled ? [scheduled.taskQueue?.name ?? ''] : [];
  });

test('its deployments and its questions are served by them alone, and wait until one is there', async () => {
  const deployment = await shared.deploy({ ...quick, approval: 'afterVerify' });
  const pending = async () => (await deployment.handle.describe()).raw.pendingActivities ?? [];
  while ((await pending())[0]?.activityType?.name === undefined || deployment.calls.length > 0)
    await new Promise((resolve) => setTimeout(resolve, 50));
  expect(deployment.calls).toEqual([]);
  own = await openWorld({ apart: 'production', activities: { describeLive: () => Promise.resolve(live) } });
  await deployment.until(waitingForApproval);
  await deployment.handle.executeUpdate('approve');
  expect(await deployment.outcome()).toMatchObject({ outcome: 'completed' });
  const history = await deployment.handle.fetchHistory();
  const [first, ...others] = queuesOf(history.events ?? []);
  expect(first).toBe(taskQueues.aws);
  expect(new Set(others)).toEqual(new Set([`${taskQueues.aws}.production`, `${taskQueues.waits}.production`]));
  await recordHistory('zone-apart', () => Promise.resolve(history));

  const deployments = deploymentsOf(shared.client, () => Promise.resolve());
  expect(await deployments.ask({ kind: 'live', zone: 'production', application: 'Orders' })).toEqual(live);
});
