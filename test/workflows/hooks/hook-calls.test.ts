/** The platform's four calls, each with the runbook that it starts. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { HookCallStatus } from '../../../contract/hook-calls';
import { statusQuery } from '../../../contract/status';
import { planClock } from '../../../planning/platform-clock';
import { inSlotA } from '../../planning/zone';
import { recordHistory } from '../../suites/replay/histories';
import { fails, untilCancelled, hooked } from '../scripted-activities';
import { openWorld, type Call, type Deployment, type World } from '../world';

let world: World;
beforeAll(async () => void (world = await openWorld()));
afterAll(() => world.close());

/** The runbook, once the call has started it. */
async function started(call: Call): Promise<Deployment> {
  for (const givenUp = Date.now() + 120_000; ;) {
    const { runbook } = await call.handle.query<HookCallStatus>('status');
    if (runbook !== null) return call.deployment;
    if (Date.now() > givenUp) throw new Error(`No runbook was started: ${call.calls.join(', ')}`);
    await sleep(20);
  }
}

const inContainers = inSlotA(['Orders', 'OrdersAPI']);
/** A platform whose clock lets a runbook go forward for so long, and leaves plenty of time to answer. */
const patience = (forwardMs: number) => ({
  describeClock: (_zone: string, calledAtMs: number) => {
    const at = (afterMs: number) => new Date(calledAtMs + afterMs).toISOString();
    return { calledAt: at(0), deadline: at(forwardMs), answerBy: at(60_000), waitsUntil: at(90_000) };
  },
});
/** What a call starts for an application that is in containers already. */
const update = (commits: 'afterBake' | 'afterProof', input: object = {}) => ({
  planOperation: (
    ...[, request, clock]: readonly [unknown, { applicationName: string }, { deadline: string } | null]
  ) => ({
    lock: `production/${request.applicationName}`,
    live: { slot: 'a', servedBy: 'container', image: 'orders:1.0.0', version: '1.0.0' },
    strategy: 'blueGreen',
    atOnce: 5,
    input: { ...hooked, ...(clock && { deadline: clock.deadline, commits }), ...input },
  }),
});

describe('Container Build', () => {
  test.concurrent('answers when the image is there and pinned, and touches no load balancer', async () => {
    const call = await world.call('ContainerBuild');
    expect(await call.outcome()).toMatchObject({ answered: 'success', built: { modules: ['Orders', 'OrdersAPI'] } });
    expect(call.calls).toEqual(['describeClock', 'buildImage', 'prepareRelease', 'writeAnswer null']);
    await recordHistory('operation-built', () => call.handle.fetchHistory());
  });

  test.concurrent('the answer to a builder that fails has its own words', async () => {
    const call = await world.call('ContainerBuild', {
      buildImage: fails('BuildFailed', 'The builder failed: no disk.'),
    });
    expect(await call.outcome()).toMatchObject({ answered: 'error', built: null });
    expect(call.answers).toEqual([
      expect.stringMatching(/^Container Build of Orders .* failed: The builder failed: no disk\./),
    ]);
    expect(call.answers[0]).not.toMatch(/database/);
    await recordHistory('operation-build-failed', () => call.handle.fetchHistory());
  });
});

describe('Container Run', () => {
  test.concurrent('from the Platform Server: success only once blue is retired, one answer', async () => {
    const call = await world.call('ContainerRun', { watchReplicas: untilCancelled });
    expect(await call.outcome()).toMatchObject({ answered: 'success', deployment: { outcome: 'completed' } });
    const order = ['describeBuilt', 'setRoute live green 100', 'proveReleases green', 'writeAnswer null'];
    const positions = order.map((one) => call.calls.indexOf(one));
    expect(positions).not.toContain(-1);
    expect(positions).toEqual(positions.toSorted((one, other) => one - other));
    expect(call.answers).toEqual([null]);
    await recordHistory('operation-run', () => call.handle.fetchHistory());
  });

  test.concurrent(
    'a green that never gets healthy: rolled back, the reason in the answer, and that the database stays',
    async () => {
      const call = await world.call('ContainerRun', {
        waitForReplicas: fails('GreenUnhealthy', 'orders-b did not start.'),
      });
      expect(await call.outcome()).toMatchObject({ answered: 'error', deployment: null });
      expect(call.answers).toEqual([expect.stringMatching(/orders-b did not start\..*database model .* stays/)]);
      expect(call.calls.filter((one) => one.startsWith('setRoute live green'))).toEqual([]);
      await recordHistory('operation-run-failed', () => call.handle.fetchHistory());
    },
  );

  test.concurrent('a report that somebody else sent is no success: the deployment itself is asked', async () => {
    let served = () => {};
    const serving = new Promise<void>((resolve) => (served = resolve));
    const { client } = world;
    const asked: boolean[] = [];
    const call = await world.call('ContainerRun', {
      waitForReplicas: () => serving,
      watchReplicas: untilCancelled,
      isForward: async ({ workflowId, runId }) => {
        const { forward = false } = await client.workflow.getHandle(workflowId, runId).query(statusQuery);
        asked.push(forward);
        return forward;
      },
    });
    await started(call);
    const forged = { order: 99, phase: 'retire', proven: true, commits: true, rollingBack: false, failure: null };
    await call.handle.signal('report', forged);
    while (asked.length === 0) await sleep(20);
    await call.handle.signal('report', { ...forged, order: 100 });
    while (asked.length < 2) await sleep(20);
    expect(asked).toEqual([false, false]);
    expect(call.answers).toEqual([]);
    served();
    expect(await call.outcome()).toMatchObject({ answered: 'success', deployment: { outcome: 'completed' } });
    expect(call.answers).toEqual([null]);
    await recordHistory('operation-asked', () => call.handle.fetchHistory());
  });

  test.concurrent('without an image of the same publish nothing is started', async () => {
    const call = await world.call('ContainerRun', { describeBuilt: fails('InvalidRequest', 'There is no image.') });
    expect(await call.outcome()).toMatchObject({ answered: 'error' });
    expect(call.calls).not.toContain('enterTurns');
  });

  test.concurrent(
    'an approval that comes too late: rolled back before the platform gives up, and no success is written',
    async () => {
      const call = await world.call(
        'ContainerRun',
        { ...patience(30_000), ...update('afterBake', { approval: 'afterVerify' }) },
        inContainers,
      );
      const deployment = await started(call);
      const status = await deployment.until(({ commands }) => commands.includes('approve'));
      expect(status).toMatchObject({
        waitingFor: expect.stringMatching(/nothing else of its environment can be deployed meanwhile/),
        afterDeadline: expect.stringMatching(
          /^By itself it gives all traffic to blue .*: the OutSystems platform waits no longer/,
        ),
      });
      expect(await call.outcome()).toMatchObject({ answered: 'error' });
      expect(call.answers).toEqual([expect.stringMatching(/was rolled back\. Rolled back by the platform's clock/)]);
      expect(await deployment.outcome()).toMatchObject({ outcome: 'rolledBack' });
      await recordHistory('operation-run-late', () => call.handle.fetchHistory());
    },
  );

  test.concurrent('a bake that is longer than the platform waits ends early, and counts', async () => {
    const call = await world.call(
      'ContainerRun',
      { ...patience(45_000), ...update('afterBake', { bake: '10m' }), watchReplicas: untilCancelled },
      inContainers,
    );
    const deployment = await started(call);
    const { deadline, afterDeadline } = await deployment.until(({ phase }) => phase === 'bake');
    expect({ deadline, afterDeadline }).toMatchObject({ afterDeadline: expect.stringMatching(/told in time/) });
    expect(call.answers).toEqual([]);
    expect(await call.outcome()).toMatchObject({ answered: 'success', deployment: { outcome: 'completed' } });
    await recordHistory('operation-run-baked-short', () => call.handle.fetchHistory());
  });

  test.concurrent(
    'a zone that answers after the proof: success while it bakes, and from then on nothing rolls back by itself',
    async () => {
      const script = { ...update('afterProof', { bake: '10m' }), watchReplicas: untilCancelled };
      const call = await world.call('ContainerRun', script, inContainers);
      const deployment = await started(call);
      await deployment.until(({ phase }) => phase === 'bake');
      expect(await call.outcome()).toMatchObject({ answered: 'success', deployment: null });
      expect(call.answers).toEqual([null]);
      await deployment.handle.signal('promote');
      expect(await deployment.outcome()).toMatchObject({ outcome: 'completed' });
      await recordHistory('operation-run-proven', () => call.handle.fetchHistory());
    },
  );

  test.concurrent('a replica that dies in the bake after the answer holds, and people decide', async () => {
    let broken = false;
    const script = {
      ...update('afterProof', { bake: '10m' }),
      watchReplicas: async () => {
        if (broken) fails('GreenUnhealthy', 'A task stopped.')();
        await untilCancelled();
      },
      setDesiredCount: () => undefined,
    };
    const call = await world.call(
      'ContainerRun',
      { ...script, proveReleases: () => void (broken = true) },
      inContainers,
    );
    const deployment = await started(call);
    await deployment.until(({ heldIn }) => heldIn === 'bake');
    expect(await call.outcome()).toMatchObject({ answered: 'success', deployment: null });
    await deployment.handle.executeUpdate('rollback', { args: [{ by: 'Ana' }] });
    expect(await deployment.outcome()).toMatchObject({ outcome: 'rolledBack' });
    expect(call.answers).toEqual([null]);
  });

  test.concurrent('a newer call takes the place of one that hasn’t cut: rolled back, its error written', async () => {
    const call = await world.call('ContainerRun', update('afterBake', { approval: 'afterVerify' }), inContainers);
    const deployment = await started(call);
    await deployment.until(({ commands }) => commands.includes('approve'));
    await deployment.handle.signal('supersede', { by: 'ContainerRun of operation 2' });
    expect(await call.outcome()).toMatchObject({ answered: 'error' });
    expect(call.answers).toEqual([
      expect.stringMatching(/newer operation of the platform: ContainerRun of operation 2/),
    ]);
    await recordHistory('operation-run-superseded', () => call.handle.fetchHistory());
    await recordHistory('superseded', () => deployment.handle.fetchHistory());
  });

  test.concurrent('one that has cut goes on, whatever comes', async () => {
    const call = await world.call(
      'ContainerRun',
      { ...update('afterBake', { bake: '10m' }), watchReplicas: untilCancelled },
      inContainers,
    );
    const deployment = await started(call);
    await deployment.until(({ phase }) => phase === 'bake');
    await deployment.handle.signal('supersede', { by: 'ContainerRun of operation 2' });
    await deployment.handle.executeUpdate('promote', { args: [{}] });
    expect(await call.outcome()).toMatchObject({ answered: 'success' });
  });

  test.concurrent('a deployment that a person started gives way to nobody', async () => {
    const deployment = await world.deploy({ image: 'orders:2.0.0', bake: '0s', settle: '0s' }, inContainers);
    await deployment.until(({ commands }) => commands.includes('approve'));
    await deployment.handle.signal('supersede', { by: 'ContainerRun of operation 2' });
    await deployment.handle.executeUpdate('approve', { args: [{}] });
    expect(await deployment.outcome()).toMatchObject({ outcome: 'completed' });
  });

  test.concurrent(
    'superseded while it waited for its turn, or without a turn in time, it changes nothing',
    async () => {
      const superseded = await world.call('ContainerRun', {
        enterTurns: () => ({ turn: 'superseded', by: 'A newer one' }),
      });
      await superseded.outcome();
      expect(superseded.answers).toEqual([
        expect.stringMatching(/A newer one came later and takes its place; nothing was/),
      ]);
      const late = await world.call('ContainerRun', { enterTurns: () => ({ turn: 'late', why: 'another runs' }) });
      await late.outcome();
      expect(late.answers).toEqual([expect.stringMatching(/no turn while the platform waited, because another runs/)]);
      expect([...superseded.calls, ...late.calls].filter((one) => one.startsWith('set'))).toEqual([]);
    },
  );
});

describe('answers', () => {
  test.concurrent('a folder that can’t be written for a while gets the answer as soon as it can', async () => {
    let writable = false;
    const call = await world.call('ContainerBuild', {
      writeAnswer: () => {
        if (!writable) throw new Error('EROFS: read-only file system');
      },
    });
    while (call.answers.length < 2) await sleep(20);
    writable = true;
    expect(await call.outcome()).toMatchObject({ answered: 'success' });
  });

  test.concurrent('a call is over when nobody reads its answer any more', async () => {
    const call = await world.call('ContainerBuild', {
      writeAnswer: fails('NobodyReads', 'Too late.'),
    });
    expect(await call.outcome()).toMatchObject({ answered: 'nobodyReads' });
  });

  test.concurrent('a result folder that hangs ends the call by the platform’s clock', async () => {
    const call = await world.call('ContainerBuild', {
      describeClock: (_zone, calledAtMs) => planClock(calledAtMs, 4_000),
      writeAnswer: untilCancelled,
    });
    expect(await call.outcome()).toMatchObject({ answered: 'nobodyReads' });
  });

  test.concurrent('a call that is cancelled answers so, and its runbook rolls back', async () => {
    const call = await world.call('ContainerRun', update('afterBake', { approval: 'afterVerify' }), inContainers);
    const deployment = await started(call);
    await deployment.until(({ commands }) => commands.includes('approve'));
    await call.handle.cancel();
    expect(await call.outcome()).toMatchObject({ answered: 'error', error: expect.stringMatching(/cancelled/) });
    await deployment.handle.result().catch(() => undefined);
    expect(deployment.calls.filter((one) => /^setDesiredCount .*-b 0$/.test(one))).toHaveLength(1);
  });

  test.concurrent('an input that is no call fails with a sentence', async () => {
    const handle = await world.client.workflow.start('containerRun', {
      workflowId: `hook/none/${process.pid}`,
      taskQueue: 'cutover',
      args: [{ zone: 'production' }],
    });
    await expect(handle.result()).rejects.toMatchObject({
      cause: { message: expect.stringMatching(/not a call of the platform: applicationName/) },
    });
  });
});

test.concurrent(
  'an application that the Platform Server serves needs no configuration update: it comes with Container Run',
  async () => {
    const call = await world.call('UpdateConfigurations');
    expect(await call.outcome()).toMatchObject({
      answered: 'success',
      note: expect.stringMatching(/comes with Container Run/),
    });
    expect(call.answers).toEqual([null]);
  },
);

test.concurrent('a configuration is rolled out, and answered when that is done', async () => {
  const call = await world.call('UpdateConfigurations', update('afterBake'), inContainers);
  expect(await call.outcome()).toMatchObject({ answered: 'success', deployment: { strategy: 'updateConfiguration' } });
  await recordHistory('operation-configured', () => call.handle.fetchHistory());
});

test.concurrent.each(['ContainerRemove', 'UpdateConfigurations'] as const)(
  '%s of an application that was never built here is answered, and takes nobody’s turn',
  async (method) => {
    const call = await world.call(method, {
      planOperation: () => ({ lock: 'production/Made', live: { slot: null }, atOnce: 1, isUnknown: true }),
    });
    expect(await call.outcome()).toMatchObject({ answered: 'success', deployment: null, note: expect.any(String) });
    expect(call.calls.filter((one) => one.startsWith('enterTurns'))).toEqual([]);
  },
);

test.concurrent(
  'Container Remove is answered first; then the containers serve until the Platform Server answers',
  async () => {
    const call = await world.call('ContainerRemove', { waitForHandover: untilCancelled }, inContainers);
    const deployment = await started(call);
    await deployment.until(({ phase }) => phase === 'verify');
    expect(call.answers).toEqual([null]);
    expect(call.calls.indexOf('writeAnswer null')).toBeLessThan(call.calls.indexOf('planRemoval'));
    expect(call.calls.filter((one) => one.startsWith('setRoute live'))).toEqual([]);
    await deployment.handle.executeUpdate('rollback', { args: [{}] });
    await call.outcome();
    await recordHistory('operation-removed', () => call.handle.fetchHistory());
  },
);

test.concurrent(
  'a call that only a person’s answer keeps from its end is over: others of its zone have their turns',
  async () => {
    const call = await world.call(
      'ContainerRemove',
      { waitForHandover: (_address, _paths, { removeAfter }) => (removeAfter === null ? untilCancelled() : 'gone') },
      inContainers,
    );
    const deployment = await started(call);
    expect(await call.outcome()).toMatchObject({ answered: 'success', deployment: null });
    expect(await deployment.until(({ commands }) => commands.includes('reject'))).toMatchObject({ phase: 'approve' });
    expect(call.calls.filter((one) => one.startsWith('setRoute live'))).toEqual([]);
    await deployment.handle.executeUpdate('reject', { args: [{}] });
  },
);
