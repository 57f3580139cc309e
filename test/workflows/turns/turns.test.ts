/** Turns of the platform's calls, with the queue, the calls and their runbooks on a server of their own. */
import { TestWorkflowEnvironment } from '@temporalio/testing';
import { DefaultLogger, Runtime } from '@temporalio/worker';
import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { hookActivities, type HookDependencies } from '../../../activities/hooks/index';
import { hookCallIdOf, type HookCallStatus, type HookMethod } from '../../../contract/hook-calls';
import { searchAttributes } from '../../../contract/ids';
import { turnsIdOf, type TurnsStatus } from '../../../contract/turns';
import { findTemporal } from '../../../local/temporal/find';
import { hookCallDirectory } from '../../../worker/calls/hook-call-directory';
import { runsAll } from '../../drawn';
import { inSlotA } from '../../planning/zone';
import { recordHistory } from '../../suites/replay/histories';
import { waitingForApproval } from '../blue-green';
import { hooked } from '../scripted-activities';
import { openWorld, quick, type Call, type World } from '../world';

/** How many calls wait, and how many activities of a kind there is room for: more than for the watches of all that work. */
const { many, room } = runsAll ? { many: 295, room: 20 } : { many: 14, room: 12 };

let environment: TestWorkflowEnvironment;
let world: World;
const open = async () => {
  const real = hookActivities({ calls: hookCallDirectory(environment.client) } as HookDependencies);
  return await openWorld({
    address: environment.address,
    namespace: 'default',
    room: { aws: room, waits: room, files: room },
    activities: { enterTurns: real.enterTurns, describeEnded: real.describeEnded, waitForTurn: real.waitForTurn },
  });
};
const opened = async (): Promise<World> => {
  await opening;
  return world;
};
const directory = () => hookCallDirectory(environment.client);

// Begun by the tests themselves: those that run at once don't wait for what is done before all.
const opening = (async () => {
  Runtime.install({ logger: new DefaultLogger('ERROR') });
  environment = await TestWorkflowEnvironment.createLocal({
    server: {
      executable: { type: 'existing-path', path: await findTemporal() },
      // So that a queue is told to begin anew after a few calls instead of hundreds.
      extraArgs: ['history.timerProcessorMaxTimeShift="10ms"', 'limit.historyCount.suggestContinueAsNew=40'].flatMap(
        (value) => ['--dynamic-config-value', value],
      ),
      searchAttributes: Object.values(searchAttributes),
      log: { format: 'json', level: 'never' },
    },
  });
  world = await open();
})();
afterAll(async () => {
  await world.close();
  await environment.teardown();
});

const inContainers = inSlotA(['Orders', 'OrdersAPI']);
let zones = 0;
/** A zone of its own, in which so many go at once. */
const newZone = () => `zone-${++zones}`;

/** What a call starts: by default a deployment that waits for an approval until somebody ends it. */
const plan = (atOnce: number, slot: 'a' | null = 'a', input: object = { approval: 'afterVerify' }) => ({
  planOperation: (...[, request]: readonly [unknown, { zone: string; applicationName: string }, unknown]) => ({
    lock: `${request.zone}/${request.applicationName}`,
    live: { slot, servedBy: 'container', image: 'orders:1.0.0', version: '1.0.0' },
    strategy: 'blueGreen',
    atOnce,
    input: { ...hooked, ...input },
  }),
});

const calls = async (
  zone: string,
  applicationName: string,
  { atOnce = 1, method = 'ContainerRun' as HookMethod, script = {}, applicationKey = keyOf(applicationName) } = {},
): Promise<Call> =>
  await (
    await opened()
  ).call(method, { ...plan(atOnce), ...script }, inContainers, { zone, applicationName, applicationKey });

const keys = new Map<string, string>();
function keyOf(applicationName: string): string {
  const key = keys.get(applicationName) ?? randomUUID();
  keys.set(applicationName, key);
  return key;
}

async function until<T>(look: () => Promise<T>, wanted: (seen: T) => boolean): Promise<T> {
  for (const givenUp = Date.now() + 280_000; ; await sleep(50)) {
    const seen = await look();
    if (wanted(seen)) return seen;
    if (Date.now() > givenUp) throw new Error(`It never came to that: ${JSON.stringify(seen)}`);
  }
}

const waits = async (call: Call): Promise<string> => {
  const status = () => call.handle.query<HookCallStatus>('status');
  return (await until(status, ({ doing }) => doing.includes(', as number'))).doing;
};
const asked = async ({ handle, deployment }: Call) => {
  await until(
    async () => (await handle.query<HookCallStatus>('status')).runbook,
    (runbook) => runbook !== null,
  );
  await deployment.until(waitingForApproval);
};
const queueOf = (zone: string) => environment.client.workflow.getHandle(turnsIdOf(zone));
const statusOf = async (zone: string) => await queueOf(zone).query<TurnsStatus>('status');
const isOver = async (zone: string) =>
  await until(
    async () => (await queueOf(zone).describe()).status.name,
    (name) => name === 'COMPLETED',
  );

test.concurrent(
  'one after the other, where a zone allows one; who waits holds no activity, and the queue ends with the last',
  async () => {
    const zone = newZone();
    const first = await calls(zone, 'Orders');
    await asked(first);
    const second = await calls(zone, 'Bank');
    expect(await waits(second)).toBe(
      `Waits for its turn with ${zone}/Bank, as number 2: 1 other applications of the zone are being deployed, and deploymentsAtOnce is 1`,
    );
    expect((await second.handle.describe()).raw.pendingActivities).toEqual([]);
    // It looks after who works now and then, and holds nothing in between.
    await until(
      async () => (await queueOf(zone).describe()).raw.pendingActivities ?? [],
      ({ length }) => length === 0,
    );
    expect(await statusOf(zone)).toMatchObject({
      working: [expect.stringMatching(/Orders/)],
      waiting: [{ call: expect.stringMatching(/Bank/) }],
    });
    await first.deployment.handle.signal('approve');
    await asked(second);
    await second.deployment.handle.signal('approve');
    for (const call of [first, second]) expect(await call.outcome()).toMatchObject({ answered: 'success' });
    await isOver(zone);
    await recordHistory('turns', () => queueOf(zone).fetchHistory());
    await recordHistory('operation-run-in-turn', () => second.handle.fetchHistory());
  },
);

test.concurrent('a newer publish takes the place of one that has its turn, and of one that waits', async () => {
  const zone = newZone();
  const first = await calls(zone, 'Orders');
  await asked(first);
  const second = await calls(zone, 'Orders');
  expect(await first.outcome()).toMatchObject({ answered: 'error', error: expect.stringMatching(/newer operation/) });
  await asked(second);
  const waiting = await calls(zone, 'Bank');
  await waits(waiting);
  const newest = await calls(zone, 'Bank');
  expect(await waiting.outcome()).toMatchObject({
    answered: 'error',
    error: expect.stringMatching(/ContainerRun of operation .* came later and takes its place; nothing was changed/),
  });
  await second.handle.cancel();
  await asked(newest);
  await newest.deployment.handle.signal('approve');
  expect(await newest.outcome()).toMatchObject({ answered: 'success' });
});

test.concurrent('a deployment that a person started is waited for until it says that it is over', async () => {
  const byPerson = await (await opened()).deploy(quick);
  await byPerson.until(waitingForApproval);
  const [zone = '', application = ''] = byPerson.handle.workflowId.split('/');
  const call = await calls(zone, application);
  expect(await waits(call)).toMatch(/as number 1: the deployment production\/Orders .* runs$/);
  const run = environment.client.workflow.getHandle(
    byPerson.handle.workflowId,
    (await byPerson.handle.describe()).runId,
  );
  await byPerson.handle.signal('reject');
  await asked(call);
  await recordHistory('awaited', () => run.fetchHistory());
  await call.deployment.handle.signal('approve');
  expect(await call.outcome()).toMatchObject({ answered: 'success' });
});

test.concurrent('who was terminated with its turn, or while it waited, stands in nobody’s way', async () => {
  const zone = newZone();
  const first = await calls(zone, 'Orders');
  await asked(first);
  const dead = await calls(zone, 'Bank');
  await waits(dead);
  const third = await calls(zone, 'Shop');
  await waits(third);
  await dead.handle.terminate();
  await first.handle.terminate();
  await first.deployment.handle.terminate();
  await asked(third);
  await third.deployment.handle.signal('approve');
  expect(await third.outcome()).toMatchObject({ answered: 'success' });
  await isOver(zone);
});

test.concurrent('a deployment that was terminated is found out, and the call of its application goes', async () => {
  const zone = newZone();
  await opening;
  const { workflow } = environment.client;
  const byPerson = await workflow.start('blueGreen', {
    taskQueue: 'cutover',
    workflowId: `${zone}/Orders`,
    args: [quick],
  });
  const call = await calls(zone, 'Orders');
  await waits(call);
  await byPerson.terminate();
  await asked(call);
  await call.deployment.handle.signal('reject');
  expect(await call.outcome()).toMatchObject({ answered: 'error' });
});

test.concurrent('asked again it is the same place, and the time is up for good', async () => {
  const zone = newZone();
  const first = await calls(zone, 'Orders');
  await asked(first);
  const entrant = {
    workflowId: hookCallIdOf('ContainerRun', { applicationKey: randomUUID(), operationId: randomUUID() }),
    runId: randomUUID(),
    startedAt: new Date().toISOString(),
    lock: `${zone}/Bank`,
    atOnce: 1,
    until: null,
    deployment: null,
  };
  const answers = [await directory().enter(zone, entrant), await directory().enter(zone, entrant)];
  expect(answers[1]).toEqual(answers[0]);
  expect(answers[0]).toMatchObject({ turn: 'waits', position: 2 });
  expect((await statusOf(zone)).waiting).toHaveLength(1);
  const late = { ...entrant, until: new Date(Date.now() - 1).toISOString() };
  expect(await directory().enter(zone, late)).toMatchObject({ turn: 'late', why: expect.stringMatching(/1 other/) });
  expect((await statusOf(zone)).waiting).toEqual([]);
  await first.handle.cancel();
  await isOver(zone);
});

test.concurrent('a queue that somebody terminated begins anew with whoever asks', async () => {
  const zone = newZone();
  const first = await calls(zone, 'Orders');
  await asked(first);
  await queueOf(zone).terminate();
  const second = await calls(zone, 'Orders');
  expect(await first.outcome()).toMatchObject({ answered: 'error' });
  await asked(second);
  await second.deployment.handle.signal('approve');
  expect(await second.outcome()).toMatchObject({ answered: 'success' });
});

test('more wait than there is room for work, and all have their turn, though the workers are replaced and the queue begins anew', async () => {
  const zone = newZone();
  const names = Array.from({ length: 5 }, (_, index) => `Working${index}`);
  const working = await Promise.all(names.map((name) => calls(zone, name, { atOnce: 5 })));
  for (const call of working) await asked(call);
  const waiting = await Promise.all(
    Array.from({ length: many }, (_, index) =>
      calls(zone, `Waiting${index}`, { method: 'UpdateConfigurations', script: plan(5, null) }),
    ),
  );
  await until(
    async () => (await statusOf(zone)).waiting.length,
    (count) => count === many,
  );
  await world.close();
  world = await open();
  const { workflow } = environment.client;
  for (const { deployment } of working) await workflow.getHandle(deployment.handle.workflowId).signal('approve');
  for (const { handle } of [...working, ...waiting])
    expect(await workflow.getHandle(handle.workflowId).result()).toMatchObject({ answered: 'success' });
  await isOver(zone);
  const runs = environment.client.workflow.getHandle(turnsIdOf(zone));
  const { events } = await runs.fetchHistory();
  expect(events?.[0]?.workflowExecutionStartedEventAttributes?.continuedExecutionRunId).not.toBe('');
});
