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

type Event = Awaited<ReturnType<typeof waiting>>['events'][number];

const optionsOf = (events: readonly Event[], name: string) =>
  events.findLast(({ activityTaskScheduledEventAttributes: activity }) => activity?.activityType?.name === name)!
    .activityTaskScheduledEventAttributes!;

/** As often as the SDK sends a heartbeat: https://docs.temporal.io/encyclopedia/detecting-activity-failures#throttling */
function beatsAnHour(events: readonly Event[], name: string): number {
  const { heartbeatTimeout } = optionsOf(events, name);
  const mostMs = Number.parseInt(seldomBeating.maxHeartbeatThrottleInterval) * 1_000;
  return hourMs / Math.min(Number(heartbeatTimeout?.seconds) * 800, mostMs);
}

test('a deployment of three modules has few events, and little to do while it waits', async () => {
  const deployment = await world.deploy(
    { image: 'orders:2.0.0', modules, settle: '100ms', bake: '1h', approval: 'afterVerify' },
    inSlotA(modules),
    { watchReplicas: untilCancelled },
  );
  await deployment.until(waitingForApproval);
  // An approval is waited for by a timer, and green is watched meanwhile.
  await made(deployment, 'watchVerified');
  const asked = await waiting(deployment);
  expect(asked).toMatchObject({ activities: [{ activityType: { name: 'watchVerified' } }], timers: 1 });
  expect(beatsAnHour(asked.events, 'watchVerified')).toBeLessThanOrEqual(60);
  // What only reads isn't done twice because its worker is full.
  expect(Number(optionsOf(asked.events, 'planBlueGreenUnconfigured').heartbeatTimeout?.seconds)).toBeGreaterThan(8);

  await deployment.handle.executeUpdate('approve', { args: [{ by: 'Ana' }] });
  await deployment.until(({ phase, commands }) => phase === 'bake' && commands.includes('promote'));
  await made(deployment, 'watchReplicas');
  const { events, activities } = await waiting(deployment);
  expect(activities.filter(({ state }) => state !== 3)).toMatchObject([{ activityType: { name: 'watchReplicas' } }]);
  expect(beatsAnHour(events, 'watchReplicas')).toBeLessThanOrEqual(60);

  await deployment.handle.executeUpdate('promote', { args: [{ by: 'Ana' }] });
  await deployment.outcome();
  const history = await deployment.handle.fetchHistory();
  expect(history.events?.length).toBeLessThanOrEqual(160);
  await recordHistory('green-watched', () => Promise.resolve(history));
});
