/** Urgent work has room: whatever waits, a deployment that goes back begins at once, and before all others. */
import type { temporal } from '@temporalio/proto';
import { made } from './blue-green';
import { untilCancelled } from './scripted-activities';
import { openWorld, quick, type World } from './world';

type History = temporal.api.history.v1.IHistory;
let world: World;
beforeAll(async () => void (world = await openWorld({ room: { waits: 1 } })));
afterAll(() => world.close());

const scheduled = ({ events }: History, name: string) =>
  (events ?? []).flatMap(({ activityTaskScheduledEventAttributes: activity }) =>
    activity?.activityType?.name === name ? [activity] : [],
  );

test('a rollback writes while every wait of the workers is taken', async () => {
  const unattended = { ...quick, approval: 'none' } as const;
  const taken = await world.deploy(unattended, {}, { waitForReplicas: untilCancelled });
  await made(taken, 'waitForReplicas');
  const without = await world.deploy(unattended);
  await without.until(({ phase }) => phase === 'start');
  await without.handle.signal('rollback');
  await made(without, 'setDesiredCount Orders-');
  expect(without.calls).not.toContain('waitForReplicas');
  // Room again: both end.
  await taken.handle.signal('rollback');
  for (const deployment of [taken, without])
    expect(await deployment.outcome()).toMatchObject({ outcome: 'rolledBack' });
});

test('what has begun to move its users comes before what only begins', async () => {
  const deployment = await world.deploy({ ...quick, approval: 'none' });
  expect(await deployment.outcome()).toMatchObject({ outcome: 'completed' });
  const history = await deployment.handle.fetchHistory();
  const keys = ['startService', 'verifyGreen', 'cutAtOnce', 'recordOutcome'].map(
    (name) => scheduled(history, name)[0]?.priority?.priorityKey,
  );
  expect(keys).toEqual([3, 3, 2, 2]);
});

test('what goes back comes first, and each application has its share', async () => {
  const deployment = await world.deploy({ ...quick, approval: 'afterVerify' });
  await deployment.until(({ commands }) => commands.includes('approve'));
  await deployment.handle.signal('reject');
  await deployment.outcome();
  const history = await deployment.handle.fetchHistory();
  const [before, after] = [scheduled(history, 'startService'), scheduled(history, 'setRoute')];
  const fairnessKey = deployment.handle.workflowId;
  expect(before[0]?.priority).toMatchObject({ priorityKey: 3, fairnessKey });
  expect(after.at(-1)?.priority).toMatchObject({ priorityKey: 1, fairnessKey });
  expect(scheduled(history, 'verifyGreen')[0]?.taskQueue?.name).toBe('cutover-waits');
});

test('a step is given up after thirty tries, and not for waiting for its turn', async () => {
  const deployment = await world.deploy({ ...quick, approval: 'none' });
  expect(await deployment.outcome()).toMatchObject({ outcome: 'completed' });
  const history = await deployment.handle.fetchHistory();
  for (const name of ['planBlueGreenUnconfigured', 'startService', 'setRoute']) {
    const [step] = scheduled(history, name);
    expect(step?.retryPolicy?.maximumAttempts).toBe(30);
    const seconds = [step?.startToCloseTimeout, step?.scheduleToCloseTimeout].map((time) => Number(time?.seconds));
    expect(seconds).toEqual([600, 3_600]);
  }
});
