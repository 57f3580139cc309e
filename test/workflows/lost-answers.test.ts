/** Every write takes effect and loses its answer, once: the attempt after it finds nothing left to do, and the run goes the same way. */
import { writeLeaseMs } from '../../contract/ids';
import { inSlotA, scaledInSlotA } from '../planning/zone';
import { fails, untilCancelled, type Script } from './scripted-activities';
import { holding } from './blue-green';
import { openWorld, quick, type Deployment, type World } from './world';

let world: World;
beforeAll(async () => void (world = await openWorld()));
afterAll(() => world.close());

const unattended = { ...quick, approval: 'none' } as const;

/** What each write answers once its effect is there. */
const writes = {
  registerTaskDefinition: 'definition:7',
  createTargetGroup: 'group-green',
  setTargetGroup: undefined,
  setTargetGroupAttributes: undefined,
  setRoute: undefined,
  setService: undefined,
  setDesiredCount: undefined,
  makeScaling: undefined,
  setScaling: undefined,
  removeScaling: undefined,
  moveAlarms: undefined,
  rollService: undefined,
  deleteService: undefined,
  deleteTargetGroup: undefined,
  recordName: undefined,
  recordOutcome: undefined,
} as const satisfies Script | Readonly<Record<string, unknown>>;

function losingAnswers(): Script {
  const lost = new Set<string>();
  const losing = Object.entries(writes).map(([name, answer]) => [
    name,
    (...args: unknown[]) => {
      const write = `${name} ${JSON.stringify(args)}`;
      if (lost.has(write)) return answer;
      lost.add(write);
      throw new Error('Nobody answered.');
    },
  ]);
  return Object.fromEntries(losing) as Script;
}

/** The calls in their order, the attempts of one counted once; without watches, which go on beside others. */
const way = ({ calls }: Deployment) =>
  calls.filter((call) => !call.startsWith('watch')).filter((call, at, all) => call !== all[at - 1]);

/** In the bake everything has been changed that a rollback gives back. */
const failingAtTheEnd: Script = { confirmRoute: fails('RouteChangedByOthers', 'Rule 7 leads to blue') };
const failingInTheRoll: Script = { waitForRollProgress: fails('GreenUnhealthy', 'Task 123 stopped') };

async function rolledBack(deployment: Deployment): Promise<void> {
  await deployment.until(holding);
  deployment.script({
    confirmRoute: () => undefined,
    waitForRollProgress: () => ({ new: 3, starting: 0, old: 0, draining: 0, complete: true }),
  });
  await deployment.handle.signal('rollback');
}

test.concurrent.each([
  ['a blue-green deployment', 'blueGreen', {}, undefined],
  ['its rollback', 'blueGreen', failingAtTheEnd, rolledBack],
  ['a rolling update', 'rollingUpdate', {}, undefined],
  ['its rollback', 'rollingUpdate', failingInTheRoll, rolledBack],
  ['a removal', 'removeApplication', {}, undefined],
  ['its rollback', 'removeApplication', failingAtTheEnd, rolledBack],
] as const)('%s (%s) goes the same way when no write is answered at first', async (_what, runbook, script, steer) => {
  const { image: _, ...withoutImage } = unattended;
  const input = runbook === 'removeApplication' ? withoutImage : unattended;
  const start = (more: Script) =>
    world.deploy(input, scaledInSlotA(['Orders', 'OrdersAPI']), { ...script, ...more }, runbook);
  const runs = await Promise.all([start({}), start(losingAnswers())]);
  await Promise.all(runs.map(async (run) => await steer?.(run)));
  const [answered, unanswered] = await Promise.all(runs.map((run) => run.outcome()));
  expect(unanswered?.outcome).toBe(steer ? 'rolledBack' : 'completed');
  expect(unanswered?.outcome).toBe(answered?.outcome);
  expect(way(runs[1])).toEqual(way(runs[0]));
  expect(runs[1].calls.length).toBeGreaterThan(runs[0].calls.length);
});

test.concurrent(
  'after a write that timed out nothing is written for the length of a lease: it may still land',
  async () => {
    const deployment = await world.deploy({ ...unattended, onFailure: 'rollback' }, inSlotA(['Orders', 'OrdersAPI']), {
      setRoute: (_site, { kind }, traffic) => (kind === 'live' && traffic !== 'before' ? untilCancelled() : undefined),
    });
    while (!deployment.calls.includes('setRoute live green 100')) await deployment.status();
    const { workflowId } = deployment.handle;
    const { pendingActivities = [] } = (await deployment.handle.describe()).raw;
    const waiting = pendingActivities?.find(({ activityType }) => activityType?.name === 'setRoute');
    await world.client.workflowService.updateActivityOptions({
      namespace: world.client.options.namespace,
      execution: { workflowId },
      id: waiting?.activityId ?? '',
      activityOptions: { scheduleToCloseTimeout: { seconds: 1 as never } },
      updateMask: { paths: ['schedule_to_close_timeout'] },
    });
    expect(await deployment.outcome()).toMatchObject({
      outcome: 'rolledBack',
      failure: expect.stringMatching(/setRoute did not end in time/),
    });
    const { events = [] } = await deployment.handle.fetchHistory();
    const since = events?.slice(events.findIndex(({ activityTaskTimedOutEventAttributes: end }) => end)) ?? [];
    const next = since.find(
      ({ timerStartedEventAttributes: timer, activityTaskScheduledEventAttributes: activity }) => timer ?? activity,
    );
    expect(Number(next?.timerStartedEventAttributes?.startToFireTimeout?.seconds) * 1000).toBe(writeLeaseMs);
  },
);
