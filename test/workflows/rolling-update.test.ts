import { WorkflowFailedError } from '@temporalio/client';
import { ApplicationFailure } from '@temporalio/common';
import type { DeploymentStatus, RollProgress } from '../../contract/status';
import { recordHistory } from '../suites/replay/histories';
import { inSlotA } from '../planning/zone';
import { fails, untilCancelled, type Script } from './scripted-activities';
import { openWorld, quick, type Deployment, type World } from './world';

let world: World;
beforeAll(async () => void (world = await openWorld()));
afterAll(() => world.close());

const unattended = { ...quick, approval: 'none' } as const;
const roll = (input: object, script: Parameters<World['deploy']>[2] = {}, from = inSlotA(['Orders', 'OrdersAPI'])) =>
  world.deploy(input, from, script, 'rollingUpdate');
const holding = ({ phase, commands }: DeploymentStatus) => phase === 'hold' && commands.includes('retry');
/** A roll to the new release never ends; the way back does. */
const onlyBack: Script['waitForRollProgress'] = (_site, { taskDefinitionArn }) =>
  taskDefinitionArn === 'definition:7'
    ? untilCancelled()
    : { new: 3, starting: 0, old: 0, draining: 0, complete: true };
const expectOrder = ({ calls }: Deployment, order: readonly string[]) => {
  const positions = order.map((call) => calls.indexOf(call));
  expect(positions).not.toContain(-1);
  expect(positions).toEqual(positions.toSorted((one, other) => one - other));
};

test.concurrent('no live replica is touched before the pilot answers for every module and is approved', async () => {
  const deployment = await roll(quick);
  await deployment.until(({ commands }) => commands.includes('approve'));
  expect(deployment.calls).toEqual(expect.arrayContaining(['setService', 'waitForReplicas', 'verifyModules']));
  expect(deployment.calls.filter((call) => call.startsWith('rollService'))).toEqual([]);
  const listed = await deployment.listed();
  expect(listed.filter((one) => one.startsWith('rollback: Rolls the live service back'))).toHaveLength(2);
  expect(listed.join(' ')).not.toMatch(/blue|green/i);
  await deployment.handle.signal('reject', { by: 'Ana' });
  expect(await deployment.outcome()).toMatchObject({ outcome: 'rolledBack', live: { version: '1.0.0' } });
  expect(deployment.calls.filter((call) => call.startsWith('rollService'))).toEqual([]);
  expect(deployment.calls.slice(-2)).toEqual(['setRoute test gone', 'recordOutcome rolledBack']);
  await recordHistory('roll-rejected', () => deployment.handle.fetchHistory());
});

test.concurrent(
  'the pilot drains beside the roll, and its route goes when every replica is new and proven',
  async () => {
    const deployment = await roll(unattended);
    expect(await deployment.outcome()).toMatchObject({
      outcome: 'completed',
      strategy: 'rollingUpdate',
      live: { slot: 'a', version: '2.0.0' },
    });
    expectOrder(deployment, [
      'verifyModules',
      'setRoute live common',
      'rollService to definition:7',
      deployment.calls.find((call) => /^setDesiredCount .*-b 0$/.test(call)) ?? 'the pilot goes',
      'setRoute live green 100',
      'proveReleases green',
      'setRoute test gone',
    ]);
    await recordHistory('rolled-beside', () => deployment.handle.fetchHistory());
  },
);

test.concurrent('a roll that was held begins with a pilot that answers for every module again', async () => {
  let rolls = 0;
  const deployment = await roll(unattended, {
    waitForRollProgress: () => {
      if ((rolls += 1) === 1) throw ApplicationFailure.nonRetryable('Task 123 stopped', 'GreenUnhealthy');
      return { new: 3, starting: 0, old: 0, draining: 0, complete: true };
    },
  });
  await deployment.until(holding);
  const heldAt = deployment.calls.length;
  await deployment.handle.signal('retry');
  expect(await deployment.outcome()).toMatchObject({ outcome: 'completed' });
  const again = deployment.calls.slice(heldAt);
  const positions = ['setService', 'waitForReplicas', 'verifyModules', 'rollService to definition:7'].map((name) =>
    again.findIndex((call) => call.startsWith(name)),
  );
  expect({ again, positions }).toMatchObject({ positions: positions.toSorted((one, other) => one - other) });
  expect(positions).not.toContain(-1);
});

test.concurrent(
  'a new replica that fails closes the bounds, holds with the cause, and rolls back to the release before',
  async () => {
    const why = 'Task 123 stopped: EssentialContainerExited';
    const deployment = await roll(unattended, { waitForRollProgress: fails('GreenUnhealthy', why) });
    expect(await deployment.until(holding)).toMatchObject({
      heldIn: 'shift',
      failure: why,
      live: { version: '1.0.0' },
      dossier: {
        changed: expect.arrayContaining([expect.stringMatching(/live service was told to replace its replicas/)]),
        next: expect.stringMatching(/rollback rolls the live service back to the release before/),
      },
    });
    expect(deployment.calls).toContain('holdRoll');
    deployment.script({
      waitForRollProgress: () => ({ new: 3, starting: 0, old: 0, draining: 0, complete: true }),
    });
    await deployment.handle.executeUpdate('rollback', { args: [{ by: 'Ana' }] });
    expect(await deployment.outcome()).toMatchObject({ outcome: 'rolledBack', live: { slot: 'a', version: '1.0.0' } });
    expectOrder(deployment, [
      'rollService to definition:7',
      'holdRoll',
      'rollService to definition-a',
      'setRoute live before',
      'proveReleases blue',
      'setRoute test gone',
    ]);
    await recordHistory('roll-held-then-rolled-back', () => deployment.handle.fetchHistory());
  },
);

test.concurrent('a target group that somebody changed holds before any live replica is touched', async () => {
  const changed = 'Target group blue (deregistration_delay.timeout_seconds: 30 → 0) was changed by somebody else';
  const deployment = await roll(unattended, { confirmTargetGroups: fails('TargetGroupChangedByOthers', changed) });
  expect(await deployment.until(holding)).toMatchObject({ heldIn: 'shift', failure: changed });
  expect(deployment.calls.filter((call) => /^(rollService|setRoute live)/.test(call))).toEqual([]);
  await deployment.handle.executeUpdate('rollback', { args: [{ by: 'Ana' }] });
  expect(await deployment.outcome()).toMatchObject({ outcome: 'rolledBack', live: { version: '1.0.0' } });
  expect(deployment.calls.filter((call) => /^(rollService|setRoute live)/.test(call))).toEqual([]);
});

test.concurrent(
  'where somebody scaled the service to nothing in mid-roll, a rollback brings as many replicas back',
  async () => {
    const deployment = await roll(unattended, {
      waitForRollProgress: fails(
        'ServiceChangedByOthers',
        'Somebody scaled ECS service service-a to no replica at all',
      ),
      describeReplicas: () => ({ desiredCount: 0, stoppedTasks: [] }),
    });
    expect(await deployment.until(holding)).toMatchObject({
      heldIn: 'shift',
      failure: expect.stringMatching(/scaled/),
    });
    expect(deployment.calls).not.toContain('setDesiredCount service-a 3');
    deployment.script({ waitForRollProgress: onlyBack });
    await deployment.handle.executeUpdate('rollback', { args: [{ by: 'Ana' }] });
    expect(await deployment.outcome()).toMatchObject({ outcome: 'rolledBack', live: { version: '1.0.0' } });
    expectOrder(deployment, ['rollService to definition-a', 'setDesiredCount service-a 3', 'proveReleases blue']);
  },
);

test.concurrent(
  'a module that answers wrongly in mid-roll ends the roll, and doesn’t keep it from going back',
  async () => {
    const deployment = await roll(
      { ...unattended, onFailure: 'rollback' },
      {
        waitForRollProgress: onlyBack,
        watchModules: fails('ModuleBroken', '/OrdersAPI/_ping.aspx answered HTTP 500'),
      },
    );
    expect(await deployment.outcome()).toMatchObject({
      outcome: 'rolledBack',
      failure: expect.stringContaining('HTTP 500'),
    });
    expect(deployment.calls).toContain('holdRoll');
    await recordHistory('roll-rolled-back-by-itself', () => deployment.handle.fetchHistory());
  },
);

test.concurrent('a rollback interrupts a roll that would never end', async () => {
  const deployment = await roll(unattended, {
    waitForRollProgress: onlyBack,
  });
  await deployment.until(({ phase }) => phase === 'shift');
  await deployment.handle.executeUpdate('rollback', { args: [{ by: 'Ana' }] });
  expect(await deployment.outcome()).toMatchObject({ outcome: 'rolledBack' });
});

test.concurrent('the status shows which replicas are old, new and draining', async () => {
  const seen: RollProgress = { new: 1, starting: 1, old: 1, draining: 1, complete: false };
  let ended = () => {};
  const end = new Promise<void>((resolve) => (ended = resolve));
  const deployment = await roll(unattended, {
    waitForRollProgress: async (_site, _replicas, before) => {
      if (before === null) return seen;
      await end;
      return { ...seen, new: 3, starting: 0, old: 0, draining: 0, complete: true };
    },
  });
  await deployment.until(({ replicas }) => replicas?.old === 1);
  expect((await deployment.status()).replicas).toEqual(seen);
  ended();
  expect(await deployment.outcome()).toMatchObject({ outcome: 'completed' });
});

const stuck = ['task 1f, protected from scale-in until 2030-01-01T00:00:00.000Z'];
const whole: RollProgress = { new: 3, starting: 0, old: 0, draining: 0, complete: true };
/** In one direction a replica of the other release stays. */
const leaving =
  (to: string): NonNullable<Script['waitForRollProgress']> =>
  (_site, { taskDefinitionArn }) =>
    taskDefinitionArn === to ? { ...whole, old: 1, stuck } : whole;

test.concurrent(
  'an old replica that ECS doesn’t stop is told in the status, and left over by name: nothing else of it can be proven',
  async () => {
    let end = () => {};
    const ended = new Promise<void>((resolve) => (end = resolve));
    const deployment = await roll(unattended, {
      waitForRollProgress: async (_site, _replicas, seen) => {
        if (seen) await ended;
        return { ...whole, old: 1, stuck, complete: seen !== null };
      },
    });
    const { waitingFor, phase } = await deployment.until((status) => status.waitingFor?.includes('task 1f') ?? false);
    expect(phase).toBe('shift');
    expect(waitingFor).toBe(`ECS doesn't stop ${stuck[0]}. It is left over after a while.`);
    end();
    expect(await deployment.outcome()).toMatchObject({
      outcome: 'completed',
      live: { version: '2.0.0' },
      note: `Left over of service-a: ${stuck[0]}. Until it ends it answers beside the others, with another release. Nothing waits for it.`,
    });
    expectOrder(deployment, [
      'rollService to definition:7',
      'setRoute live green 100',
      'confirmRoute',
      'setRoute test gone',
    ]);
    expect(deployment.calls).not.toContain('proveReleases green');
    await recordHistory('roll-left-over', () => deployment.handle.fetchHistory());
  },
);

test.concurrent(
  'where the bounds leave no room beside a replica that stays, they are widened by what it takes',
  async () => {
    const maxima: number[] = [];
    const deployment = await roll(unattended, {
      rollService: (_site, { bounds }) => void maxima.push(bounds.maximumPercent),
      waitForRollProgress: (_site, _replicas, seen) =>
        seen ? { ...whole, old: 1, stuck } : { ...whole, new: 2, old: 1, stuck, complete: false, room: 134 },
    });
    expect(await deployment.outcome()).toMatchObject({
      outcome: 'completed',
      note: expect.stringMatching(/^Left over of service-a: task 1f/),
    });
    expect(maxima).toEqual([200, 134]);
  },
);

test.concurrent(
  'no module joins that an old replica which stays lacks, and one that stays doesn’t keep the roll from going back',
  async () => {
    const deployment = await roll(unattended, { waitForRollProgress: leaving('definition:7') }, inSlotA(['Orders']));
    const { failure, deadline } = await deployment.until(holding);
    expect(deadline).toEqual(expect.any(String));
    expect(failure).toMatch(
      /^ECS doesn't stop task 1f, protected .*, and that lacks \/OrdersAPI: .*404.*Retry once it has ended.*strategy blueGreen/,
    );
    expect(deployment.calls).not.toContain('setRoute live green 100');
    deployment.script({ waitForRollProgress: leaving('definition-a') });
    await deployment.handle.executeUpdate('rollback', { args: [{ by: 'Ana' }] });
    expect(await deployment.outcome()).toMatchObject({
      outcome: 'rolledBack',
      live: { version: '1.0.0' },
      note: expect.stringMatching(/^Left over of service-a: task 1f/),
    });
    expectOrder(deployment, ['setRoute live before', 'confirmRoute']);
  },
);

test.concurrent(
  'such a replica that stays holds nothing for ever: unanswered, the roll goes back, and what stays is told',
  async () => {
    const stays: Script['waitForRollProgress'] = () => ({ ...whole, old: 1, stuck });
    const asked = { ...unattended, holdTimeout: '1s' };
    const deployment = await roll(asked, { waitForRollProgress: stays }, inSlotA(['Orders']));
    expect(await deployment.outcome()).toMatchObject({
      outcome: 'rolledBack',
      live: { version: '1.0.0' },
      failure: expect.stringMatching(
        /and that lacks \/OrdersAPI: .* or roll back and deploy with the strategy blueGreen/,
      ),
      note: expect.stringMatching(/^Left over of service-a: task 1f.*Nothing waits for it[.]/),
    });
  },
);

test.concurrent('a roll back says what a replica of the new release that stays lacks', async () => {
  const deployment = await roll(
    unattended,
    { waitForRollProgress: leaving('definition-a'), proveReleases: fails('NotProven', 'Another one answers.') },
    inSlotA(['Orders', 'OrdersAPI', 'Dropped']),
  );
  await deployment.until(holding);
  await deployment.handle.executeUpdate('rollback', { args: [{ by: 'Ana' }] });
  expect(await deployment.outcome()).toMatchObject({
    outcome: 'rolledBack',
    note: expect.stringMatching(/^Left over of service-a: task 1f.*with another release, and 404 for Dropped[.]/),
  });
});

test.concurrent('an application on the Platform Server ends with a sentence, and nothing was touched', async () => {
  const deployment = await roll(unattended, {
    planRollingUpdate: fails('InvalidRequest', "Orders isn't in containers yet."),
  });
  const error: unknown = await deployment.outcome().catch((failure: unknown) => failure);
  expect(error).toBeInstanceOf(WorkflowFailedError);
  expect((error as WorkflowFailedError).cause?.message).toBe("Orders isn't in containers yet.");
  expect(deployment.calls).toEqual(['mountsConfigurations', 'planRollingUpdate']);
});
