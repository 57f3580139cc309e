/** What a deployment costs Temporal: the events of its history, and what it does in an hour in which it waits. */
import { seldomBeating } from '../../worker/kinds';
import { inSlotA } from '../planning/zone';
import { recordHistory } from '../suites/replay/histories';
import { made, waitingForApproval } from './blue-green';
import { untilCancelled } from './scripted-activities';
import { openWorld, type Deployment, type World } from './world';

let world: World;
beforeAll(async () => void (world = await openWorld()));
afterAll(() => world.close());

const modules = ['Orders', 'OrdersAPI', 'OrdersJobs'];
const hourMs = 3_600_000;

async function waiting({ handle }: Deployment) {
  const { raw } = await handle.describe();
  const { events } = await handle.fetchHistory();
  const timers = (events ?? []).filter(({ timerStartedEventAttributes: timer }) => timer).length;
  return { activities: raw.pendingActivities ?? [], events: events ?? [], timers };
}

test('a deployment of three modules has few events, and little to do while it waits', async () => {
  const deployment = await world.deploy(
    { image: 'orders:2.0.0', modules, settle: '100ms', bake: '1h', approval: 'afterVerify' },
    inSlotA(modules),
    { watchReplicas: untilCancelled },
  );
  await deployment.until(waitingForApproval);
  // An approval is waited for by a timer alone.
  expect(await waiting(deployment)).toMatchObject({ activities: [], timers: 1 });

  await deployment.handle.executeUpdate('approve', { args: [{ by: 'Ana' }] });
  await deployment.until(({ phase, commands }) => phase === 'bake' && commands.includes('promote'));
  await made(deployment, 'watchReplicas');
  const { events, activities } = await waiting(deployment);
  expect(activities.filter(({ state }) => state !== 3)).toMatchObject([{ activityType: { name: 'watchReplicas' } }]);
  const { heartbeatTimeout } = events.findLast(
    ({ activityTaskScheduledEventAttributes: activity }) => activity?.activityType?.name === 'watchReplicas',
  )!.activityTaskScheduledEventAttributes!;
  // As often as the SDK sends a heartbeat: https://docs.temporal.io/encyclopedia/detecting-activity-failures#throttling
  const everyMs = Math.min(
    Number(heartbeatTimeout?.seconds) * 800,
    Number.parseInt(seldomBeating.maxHeartbeatThrottleInterval) * 1_000,
  );
  expect(hourMs / everyMs).toBeLessThanOrEqual(60);

  await deployment.handle.executeUpdate('promote', { args: [{ by: 'Ana' }] });
  await deployment.outcome();
  const history = await deployment.handle.fetchHistory();
  expect(history.events?.length).toBeLessThanOrEqual(160);
  await recordHistory('fewer-events', () => Promise.resolve(history));
});
