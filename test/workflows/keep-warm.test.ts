import { randomUUID } from 'node:crypto';
import { inSlotA } from '../planning/zone';
import { recordHistory } from '../suites/replay/histories';
import { taskQueues } from '../../contract/ids';
import { made } from './blue-green';
import { openWorld, quick, type World } from './world';

let world: World;
beforeAll(async () => void (world = await openWorld()));
afterAll(() => world.close());

const unattended = { ...quick, approval: 'none' } as const;
const modules = ['Orders', 'OrdersAPI'];

test.concurrent(
  'the deployment ends with blue at its count, and a run of its own retires it when the time is over',
  async () => {
    const deployment = await world.deploy({ ...unattended, keepWarm: '1s' }, inSlotA(modules));
    expect(await deployment.outcome()).toMatchObject({
      outcome: 'completed',
      note: 'service-a keeps its replicas for 1s: an undo within it is one cut.',
    });
    expect(deployment.calls).not.toContain('setDesiredCount service-a 0');
    expect(deployment.calls).not.toContain('setRoute test gone');
    const { workflowId } = deployment.handle;
    const { runId } = await deployment.handle.describe();
    await recordHistory('kept-warm', () => deployment.handle.fetchHistory());
    const timer = world.client.workflow.getHandle(`warm/production/Orders/${runId}`);
    await recordHistory('warm-timer', () => timer.fetchHistory());
    await made(deployment, 'setRoute test gone');
    await timer.result();
    const retirement = world.client.workflow.getHandle(workflowId);
    await retirement.result();
    await recordHistory('warm-retired', () => retirement.fetchHistory());
    const [plan, retire, drain] = ['planRetirement', 'setDesiredCount service-a 0', 'waitForDrained'].map((call) =>
      deployment.calls.indexOf(call),
    );
    expect(plan).toBeGreaterThan(0);
    expect(retire).toBeGreaterThan(plan ?? 0);
    expect(drain).toBeGreaterThan(retire ?? 0);
  },
);

test.concurrent.each(['keepWarm', 'retireWarm'])(
  '%s that somebody starts with bad input ends with one sentence',
  async (type) => {
    const inputs = [[], [{}], ['service-a'], [{ lock: 'production/Orders', keepMs: 'soon', service: '' }]];
    for (const args of inputs) {
      const workflowId = `warm/by-hand/${type}/${randomUUID()}`;
      const ended = world.client.workflow.execute(type, { workflowId, taskQueue: taskQueues.workflows, args });
      await expect(ended).rejects.toMatchObject({
        cause: { type: 'InvalidRequest', message: expect.stringMatching(/^The input is not .* It looks like \{/) },
      });
    }
  },
);

test.concurrent('what has been used since is left alone', async () => {
  const script = { planRetirement: () => nothingWarm };
  const first = await world.deploy({ ...unattended, keepWarm: '1s' }, inSlotA(modules), script);
  await first.outcome();
  await made(first, 'planRetirement');
  expect(first.calls.filter((call) => call === 'setDesiredCount service-a 0')).toEqual([]);
});

test.concurrent(
  'once its replicas are being stopped a retirement finishes forward: rollback is refused, and cancelling ends nothing',
  async () => {
    let drained = () => {};
    const drain = new Promise<void>((resolve) => (drained = resolve));
    const warm = { service: 'service-a', taskDefinition: 'definition-a' };
    const deployment = await world.deploy(warm, inSlotA(modules), { waitForDrained: () => drain }, 'retireWarm');
    await deployment.until(({ phase }) => phase === 'retire');
    await expect(deployment.handle.executeUpdate('rollback', { args: [{}] })).rejects.toMatchObject({
      cause: { message: expect.stringContaining('being stopped') },
    });
    await deployment.handle.cancel();
    drained();
    expect(await deployment.outcome()).toMatchObject({ outcome: 'completed', failure: null });
    expect(deployment.calls).toContain('setRoute test gone');
  },
);

const nothingWarm = {
  site: { region: 'eu-west-1', cluster: 'outsystems', runId: '' },
  options: {},
  live: { slot: 'b', servedBy: 'container', image: 'orders:3.0.0', version: '3.0.0' },
  service: null,
  targetGroupArn: null,
  testRoute: { rules: [] },
};

test.concurrent('an undo within the time starts no replica: one cut, and what serves is recorded', async () => {
  const earlier = { taskDefinitionArn: 'definition-b', containerDefinitions: [] };
  const { liveListener, slots } = inSlotA(modules);
  const withWarm = slots.map((slot) =>
    slot.slot === 'b' && slot.service ? { ...slot, service: { ...slot.service, desiredCount: 3 } } : slot,
  );
  const from = { liveListener, slots: withWarm, earlier };
  const deployment = await world.deploy({ bake: '0s', settle: '0s' }, from, {}, 'undo');
  expect(await deployment.outcome()).toMatchObject({ outcome: 'completed', live: { slot: 'b' } });
  expect(deployment.calls).not.toContain('registerTaskDefinition');
  expect(deployment.calls).not.toContain('setService');
  expect(deployment.calls.filter((call) => call.startsWith('setRoute live'))).toEqual(['setRoute live green 100']);
  expect(deployment.calls).toContain('recordReturn');
  expect(deployment.calls).not.toContain('recordOutcome completed');
  await recordHistory('undone-by-one-cut', () => deployment.handle.fetchHistory());
});
