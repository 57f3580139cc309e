import { WorkflowFailedError } from '@temporalio/client';
import { findForeignRoute } from '../../planning/adoption';
import { applicationTags, tagKeys } from '../../planning/names';
import type { DeploymentStatus } from '../../workflows/messages';
import { recordHistory } from '../replay/histories';
import { listener, listenerArn, orders, path, release, rule, slot } from '../planning/zone';
import { fails, untilCancelled, openWorld, quick, type Deployment, type World } from './world';

// Concurrent tests begin before beforeAll would have ended.
const opening = openWorld();
afterAll(async () => (await opening).close());

const deploy: World['deploy'] = async (...given) => await (await opening).deploy(...given);

const fromSlotA = () => ({
  live: listener(
    listenerArn,
    rule(
      'live-0',
      1990,
      { conditions: [path('^/(Orders)(/.*)?$')], forward: [{ targetGroupArn: 'group-a', weight: 1 }] },
      { ...applicationTags(orders), [tagKeys.route]: 'live', [tagKeys.rule]: '0' },
    ),
  ),
  slots: [slot('a', { release: release('1.0.0', ['Orders']) }), slot('b', { desiredCount: 0 })],
});

const waitingForApproval = (status: DeploymentStatus) =>
  status.phase === 'approve' && status.commands.includes('approve');
const holding = (status: DeploymentStatus) => status.phase === 'hold' && status.commands.includes('retry');
const failureOf = async (deployment: Deployment): Promise<Error | undefined> =>
  await deployment.outcome().then(
    () => undefined,
    (error: unknown) => (error instanceof WorkflowFailedError ? (error.cause ?? error) : (error as Error)),
  );

const restored = (calls: readonly string[]) => calls.slice(calls.indexOf('setRoute live before'));

describe('what never happens', () => {
  test.concurrent('a green that never gets healthy leaves all traffic on blue, and holds with the cause', async () => {
    const why = 'Task 123 stopped: EssentialContainerExited; container application exited with code 1';
    const deployment = await deploy(quick, fromSlotA(), { waitForReplicas: fails('GreenUnhealthy', why) });
    const status = await deployment.until(holding);
    expect(status).toMatchObject({ heldIn: 'start', failure: why, live: { slot: 'a', version: '1.0.0' } });
    expect(status.dossier).toMatchObject({ phase: 'start', failure: why, tasks: ['Task 123 stopped'], unread: null });
    expect(deployment.calls).not.toContain('setRoute live green 100');
    await deployment.handle.executeUpdate('rollback', { args: [{ by: 'Ana', reason: 'broken build' }] });
    expect(await deployment.outcome()).toMatchObject({ outcome: 'rolledBack', live: { slot: 'a' } });
    await recordHistory('held-then-rolled-back', () => deployment.handle.fetchHistory());
  });

  test.concurrent('live traffic moves before green is verified and approved', async () => {
    const deployment = await deploy(quick, fromSlotA());
    await deployment.until(waitingForApproval);
    expect(deployment.calls).toEqual(expect.arrayContaining(['waitForReplicas', 'verifyModules']));
    expect(deployment.calls.filter((call) => call.startsWith('setRoute live'))).toEqual([]);
    await deployment.handle.signal('reject', { by: 'Ana' });
    expect(await deployment.outcome()).toMatchObject({ outcome: 'rolledBack', failure: 'Rejected by Ana.' });
    await recordHistory('rejected', () => deployment.handle.fetchHistory());
  });

  test.concurrent('blue loses capacity before green is proven and baked', async () => {
    const deployment = await deploy({ ...quick, approval: 'none' }, fromSlotA());
    expect(await deployment.outcome()).toMatchObject({ outcome: 'completed' });
    const order = [
      'verifyModules',
      'setRoute live green 100',
      'proveReleases green',
      'setDesiredCount service-a 0',
      'setRoute test gone',
    ];
    const places = order.map((call) => deployment.calls.indexOf(call));
    expect(places).toEqual(places.toSorted((one, other) => one - other));
    expect(places).not.toContain(-1);
    await recordHistory('completed-from-slot', () => deployment.handle.fetchHistory());
  });

  test.concurrent(
    'bad input leaves a workflow in a failing task: it ends with one sentence, and nothing is called',
    async () => {
      const cases: [unknown, RegExp][] = [
        [undefined, /image|object/],
        [{}, /image: expected the image to deploy/],
        [['orders:2.0.0'], /not a deployment/],
        [{ image: 'orders:2.0.0', bake: 'soon' }, /bake: expected a duration/],
        [{ image: 'orders:2.0.0', colour: 'green' }, /colour/],
        [{ image: 'orders:2.0.0', shift: [{ percent: 50 }] }, /shift: the last step must be 100 percent/],
      ];
      for (const [input, message] of cases) {
        const deployment = await deploy(input);
        expect((await failureOf(deployment))?.message).toMatch(message);
        expect(deployment.calls).toEqual([]);
      }
    },
  );

  test.concurrent('a refused plan is a half-done deployment: it fails with the planner’s sentence', async () => {
    const deployment = await deploy(
      quick,
      {},
      { planBlueGreen: fails('InvalidRequest', 'There is no image orders:2.0.0.') },
    );
    expect((await failureOf(deployment))?.message).toBe('There is no image orders:2.0.0.');
    expect(await deployment.status()).toMatchObject({ outcome: 'failed', failure: 'There is no image orders:2.0.0.' });
    expect(deployment.calls).toEqual(['mountsConfigurations', 'planBlueGreen']);
    await recordHistory('refused', () => deployment.handle.fetchHistory());
  });
});

test.concurrent(
  'no worker with the configuration folders: people are told within seconds, and it goes on once one is there',
  async () => {
    let answer: (published: null) => void = () => {};
    const published = new Promise<null>((resolve) => (answer = resolve));
    const deployment = await deploy(
      { ...quick, approval: 'none' },
      {},
      { mountsConfigurations: () => true, publishConfiguration: () => published },
    );
    const { waitingFor } = await deployment.until((status) => status.waitingFor !== null);
    expect(waitingFor).toMatch(/Nothing answers on the task queue cutover-files yet: start "cutover worker" where/);
    expect(deployment.calls).toEqual(['mountsConfigurations', 'publishConfiguration']);
    answer(null);
    expect(await deployment.outcome()).toMatchObject({ outcome: 'completed' });
  },
);

describe('approval', () => {
  test.concurrent('one for another image is refused with a sentence, and nothing moves', async () => {
    const deployment = await deploy(quick);
    await deployment.until(waitingForApproval);
    await expect(
      deployment.handle.executeUpdate('approve', { args: [{ image: 'orders:1.0.0' }] }),
    ).rejects.toMatchObject({
      cause: { message: 'approve was refused: This deployment is of orders:2.0.0, not of orders:1.0.0.' },
    });
    await deployment.handle.executeUpdate('approve', {
      args: [{ image: 'orders:2.0.0', by: 'Ana', reason: 'tested' }],
    });
    expect(await deployment.outcome()).toMatchObject({
      outcome: 'completed',
      live: { slot: 'a', servedBy: 'container', image: 'orders:2.0.0' },
      approved: { by: 'Ana', reason: 'tested' },
    });
    await recordHistory('completed-from-platform-server', () => deployment.handle.fetchHistory());
  });

  test.concurrent('one that comes before green was verified is none, and shows as ignored', async () => {
    let started = () => {};
    const start = new Promise<void>((resolve) => (started = resolve));
    const deployment = await deploy(quick, {}, { waitForReplicas: () => start });
    await deployment.until(({ phase }) => phase === 'start');
    await deployment.handle.signal('approve', {});
    await deployment.until(({ ignored }) => ignored.length === 1);
    started();
    const status = await deployment.until(waitingForApproval);
    expect(status.ignored).toMatchObject([{ name: 'approve', why: 'Nothing waits for an approval now.' }]);
    await deployment.handle.signal('reject');
    await deployment.outcome();
  });

  test.concurrent.each([[undefined], [null], [''], ['tested it'], [{ by: 'Ana' }]])(
    '%j is an approval',
    async (input) => {
      const deployment = await deploy(quick);
      await deployment.until(waitingForApproval);
      await deployment.handle.signal('approve', input);
      expect(await deployment.outcome()).toMatchObject({ outcome: 'completed' });
    },
  );

  test.concurrent('a signal of a wrong shape changes nothing and shows as ignored', async () => {
    const deployment = await deploy(quick);
    await deployment.until(waitingForApproval);
    await deployment.handle.signal('approve', { by: 7 });
    await deployment.handle.signal('rollback', [1, 2]);
    const { ignored, phase } = await deployment.until((status) => status.ignored.length === 2);
    expect(phase).toBe('approve');
    expect(ignored.map(({ name }) => name)).toEqual(['approve', 'rollback']);
    await deployment.handle.signal('reject');
    await deployment.outcome();
  });

  test.concurrent('two answers at once: the first counts', async () => {
    const deployment = await deploy(quick);
    await deployment.until(waitingForApproval);
    await Promise.all([
      deployment.handle.signal('reject', { by: 'Ana' }),
      deployment.handle.signal('approve', { by: 'Rui' }),
    ]);
    const { outcome, approved } = await deployment.outcome();
    expect([outcome, approved === null]).toEqual(
      outcome === 'rolledBack' ? ['rolledBack', true] : ['completed', false],
    );
  });

  test.concurrent('nobody answers in time: it rolls back and says so', async () => {
    const deployment = await deploy({ ...quick, approvalTimeout: '1s' }, fromSlotA());
    expect(await deployment.outcome()).toMatchObject({ outcome: 'rolledBack', failure: 'Nobody approved in time.' });
    expect(restored(deployment.calls)).toContain('setRoute test gone');
    await recordHistory('approval-timed-out', () => deployment.handle.fetchHistory());
  });

  test.concurrent('asked for before the start, nothing is made until it comes', async () => {
    const deployment = await deploy({ ...quick, approval: 'beforeStart' });
    await deployment.until(waitingForApproval);
    expect(deployment.calls).toEqual(['mountsConfigurations', 'planBlueGreen']);
    await deployment.handle.signal('approve');
    expect(await deployment.outcome()).toMatchObject({ outcome: 'completed' });
  });
});

describe('rolling back', () => {
  test.concurrent('during the bake: traffic goes back first and is proven, then green goes', async () => {
    const deployment = await deploy({ ...quick, approval: 'none', bake: '1h' }, fromSlotA());
    await deployment.until(({ phase }) => phase === 'bake');
    await deployment.handle.executeUpdate('rollback', { args: [{ by: 'Ana', reason: 'slow checkout' }] });
    expect(await deployment.outcome()).toMatchObject({
      outcome: 'rolledBack',
      failure: 'Rolled back by Ana: slow checkout',
      live: { slot: 'a', version: '1.0.0' },
    });
    expect(restored(deployment.calls)).toEqual([
      'setRoute live before',
      'proveReleases blue',
      expect.stringMatching(/^setDesiredCount .*-b 0$/),
      'waitForDrained',
      'setRoute test gone',
      'recordOutcome rolledBack',
    ]);
    await recordHistory('rolled-back-in-bake', () => deployment.handle.fetchHistory());
  });

  test.concurrent('interrupts a wait that would never end', async () => {
    const deployment = await deploy(quick, fromSlotA(), { waitForReplicas: () => untilCancelled() });
    await deployment.until(({ phase }) => phase === 'start');
    await deployment.handle.signal('rollback', { by: 'Ana' });
    expect(await deployment.outcome()).toMatchObject({ outcome: 'rolledBack' });
    await recordHistory('rolled-back-while-starting', () => deployment.handle.fetchHistory());
  });

  test.concurrent('happens by itself where the deployment says so', async () => {
    const deployment = await deploy({ ...quick, onFailure: 'rollback' }, fromSlotA(), {
      verifyModules: fails('ModuleBroken', 'http://10.0.0.1/OrdersAPI/_ping.aspx answered HTTP 500.'),
    });
    expect(await deployment.outcome()).toMatchObject({
      outcome: 'rolledBack',
      failure: expect.stringContaining('HTTP 500'),
    });
    await recordHistory('rolled-back-by-itself', () => deployment.handle.fetchHistory());
  });

  test.concurrent('a missing permission holds even then: a person can mend it', async () => {
    const denied = 'CreateService: AWS refused permission';
    const deployment = await deploy(
      { ...quick, approval: 'none', onFailure: 'rollback' },
      {},
      { setService: fails('AccessDenied', denied) },
    );
    await deployment.until(holding);
    deployment.script({ setService: () => undefined });
    await deployment.handle.executeUpdate('retry', { args: [{}] });
    expect(await deployment.outcome()).toMatchObject({ outcome: 'completed', failure: null });
    expect(deployment.calls.filter((call) => call === 'registerTaskDefinition')).toHaveLength(1);
    await recordHistory('held-then-retried', () => deployment.handle.fetchHistory());
  });

  test.concurrent('one that fails holds until somebody retries, however long it takes', async () => {
    const deployment = await deploy({ ...quick, holdTimeout: '1s' }, fromSlotA(), {
      waitForReplicas: fails('GreenUnhealthy', 'no'),
      waitForDrained: fails('AwsRefused', 'cannot drain'),
    });
    await deployment.until((status) => status.heldIn === 'rollBack');
    expect(await deployment.status()).toMatchObject({
      deadline: null,
      failure: 'cannot drain',
      commands: ['pause', 'retry'],
    });
    deployment.script({ waitForDrained: () => undefined });
    await deployment.handle.executeUpdate('retry', { args: [{}] });
    expect(await deployment.outcome()).toMatchObject({ outcome: 'rolledBack' });
  });

  test.concurrent('is refused once blue is being retired', async () => {
    const deployment = await deploy({ ...quick, approval: 'none' }, fromSlotA(), {
      waitForDrained: () => untilCancelled(),
    });
    await deployment.until(({ phase }) => phase === 'retire');
    await expect(deployment.handle.executeUpdate('rollback', { args: [{}] })).rejects.toMatchObject({
      cause: { message: expect.stringContaining('Blue is being retired or is gone') },
    });
    await deployment.handle.terminate('test is over');
  });
});

test.concurrent('shares grow step by step, each settled, and a rollback in between gives all of it back', async () => {
  const shift = [{ percent: 10 }, { percent: 50, bake: '1h' }, { percent: 100 }];
  const only = { release: release('2.0.0', ['Orders']) };
  const deployment = await deploy({ ...quick, approval: 'none', shift }, { ...fromSlotA(), ...only });
  await deployment.until(({ phase, deadline }) => phase === 'bake' && deadline !== null);
  const shares = () => deployment.calls.filter((call) => call.startsWith('setRoute live'));
  expect(shares()).toEqual(['setRoute live green 10', 'setRoute live green 50']);
  await deployment.handle.executeUpdate('rollback', { args: [{}] });
  expect(await deployment.outcome()).toMatchObject({ outcome: 'rolledBack' });
  expect(shares().at(-1)).toBe('setRoute live before');
  await recordHistory('rolled-back-at-half', () => deployment.handle.fetchHistory());
});

test.concurrent('a dossier says that AWS could not be asked, instead of hiding the failure', async () => {
  const deployment = await deploy(quick, fromSlotA(), {
    setService: fails('AwsRefused', 'CreateService: no'),
    describeEvidence: fails('AccessDenied', 'ListTasks: AWS refused permission'),
  });
  const { failure, dossier } = await deployment.until(holding);
  expect(failure).toBe('CreateService: no');
  expect(dossier).toMatchObject({ tasks: [], unread: 'ListTasks: AWS refused permission' });
  await deployment.handle.signal('rollback');
  await deployment.outcome();
});

test.concurrent('somebody else’s change of a rule holds, and nothing overwrites it', async () => {
  const changed = 'Listener rule live-0 (priority 1990) was changed by somebody else';
  const deployment = await deploy({ ...quick, approval: 'none' }, fromSlotA(), {
    setRoute: (_site, route, traffic) =>
      route.kind === 'live' && traffic !== 'gone' ? fails('RouteChangedByOthers', changed)() : { changed: true },
  });
  expect((await deployment.until(holding)).failure).toBe(changed);
  deployment.script({ setRoute: () => ({ changed: true }) });
  await deployment.handle.signal('retry');
  expect(await deployment.outcome()).toMatchObject({ outcome: 'completed', failure: null });
});

test.concurrent('a target group that somebody changed holds before any traffic moves, at every share', async () => {
  const changed = 'Target group blue (stickiness.enabled: false → true) was changed by somebody else';
  const shift = [{ percent: 10, bake: '1h' }, { percent: 100 }];
  const only = { release: release('2.0.0', ['Orders']) };
  const deployment = await deploy({ ...quick, approval: 'none', shift }, { ...fromSlotA(), ...only });
  await deployment.until(({ phase, deadline }) => phase === 'bake' && deadline !== null);
  deployment.script({ confirmTargetGroups: fails('TargetGroupChangedByOthers', changed) });
  await deployment.handle.executeUpdate('promote', { args: [{}] });
  expect(await deployment.until(holding)).toMatchObject({ heldIn: 'shift', failure: changed });
  const asked = deployment.calls.lastIndexOf('confirmTargetGroups');
  expect(deployment.calls.slice(asked + 1)).toEqual(['describeEvidence']);
  deployment.script({ confirmTargetGroups: () => undefined });
  await deployment.handle.signal('retry');
  expect(await deployment.outcome()).toMatchObject({ outcome: 'completed', failure: null });
});

test.concurrent('a failure after the bake never rolls back: it ends as completed, with what is left over', async () => {
  const deployment = await deploy({ ...quick, approval: 'none', holdTimeout: '1s' }, fromSlotA(), {
    waitForDrained: fails('AwsRefused', 'blue does not drain'),
  });
  expect(await deployment.outcome()).toMatchObject({
    outcome: 'completed',
    live: { image: 'orders:2.0.0' },
    failure: expect.stringMatching(/^Left over: blue does not drain/),
  });
  await recordHistory('completed-with-left-over', () => deployment.handle.fetchHistory());
});

test.concurrent('cancelling rolls back and closes as canceled', async () => {
  const deployment = await deploy({ ...quick, approval: 'none', bake: '1h' }, fromSlotA());
  await deployment.until(({ phase }) => phase === 'bake');
  await deployment.handle.cancel();
  expect((await failureOf(deployment))?.constructor.name).toBe('CancelledFailure');
  expect(restored(deployment.calls)).toContain('setRoute test gone');
  expect((await deployment.handle.describe()).status.name).toBe('CANCELLED');
  await recordHistory('cancelled', () => deployment.handle.fetchHistory());
});

test.concurrent('a pause stops before the next step, and resume goes on', async () => {
  let verified = () => {};
  const verifying = new Promise<void>((resolve) => (verified = resolve));
  const deployment = await deploy({ ...quick, approval: 'none' }, {}, { waitForReplicas: () => verifying });
  await deployment.until(({ phase }) => phase === 'start');
  await deployment.handle.executeUpdate('pause', { args: [{}] });
  verified();
  await deployment.until(({ steps }) => steps.some(({ phase, ended }) => phase === 'start' && ended !== null));
  expect(deployment.calls).not.toContain('verifyModules');
  expect(await deployment.status()).toMatchObject({
    paused: true,
    waitingFor: 'It is paused: resume to go on, or roll back.',
  });
  await deployment.handle.executeUpdate('resume', { args: [{}] });
  expect(await deployment.outcome()).toMatchObject({ outcome: 'completed' });
});

test.concurrent('promote ends the bake', async () => {
  const deployment = await deploy({ ...quick, approval: 'none', bake: '24h' });
  await deployment.until(({ phase, deadline }) => phase === 'bake' && deadline !== null);
  await deployment.handle.executeUpdate('promote', { args: [{}] });
  expect(await deployment.outcome()).toMatchObject({ outcome: 'completed' });
});

test.concurrent('promote skips the shares that remain, but never the settling of the cut', async () => {
  const shift = [{ percent: 10, bake: '1h' }, { percent: 50, bake: '1h' }, { percent: 100 }];
  const deployment = await deploy({ ...quick, settle: '1s', bake: '1h', approval: 'none', shift });
  await deployment.until(({ phase }) => phase === 'settle');
  await expect(deployment.handle.executeUpdate('promote', { args: [{}] })).rejects.toMatchObject({
    cause: { message: 'promote was refused: There is no bake to end now.' },
  });
  await deployment.until(({ phase, deadline }) => phase === 'bake' && deadline !== null);
  await deployment.handle.executeUpdate('promote', { args: [{}] });
  const { outcome, phases } = await deployment.outcome();
  expect(outcome).toBe('completed');
  expect(phases.settle).toBeGreaterThan(0);
  expect(deployment.calls.filter((call) => call.startsWith('setRoute live'))).toEqual([
    'setRoute live green 10',
    'setRoute live green 100',
  ]);
});

test.concurrent('green that breaks during the bake holds, with blue still there', async () => {
  const deployment = await deploy({ ...quick, approval: 'none', bake: '1h' }, fromSlotA(), {
    watchReplicas: fails('GreenUnhealthy', 'Target 10.0.0.1:80 is unhealthy'),
    setRoute: () => ({ changed: true }),
  });
  const { failure } = await deployment.until(holding);
  expect(failure).toBe('Target 10.0.0.1:80 is unhealthy');
  expect(deployment.calls).not.toContain('setDesiredCount service-a 0');
  await deployment.handle.signal('rollback');
  expect(await deployment.outcome()).toMatchObject({ outcome: 'rolledBack' });
});

test.concurrent('people find deployments by zone, application, phase and outcome', async () => {
  const deployment = await deploy({ ...quick, approval: 'none' });
  await deployment.outcome();
  const { searchAttributes } = await deployment.handle.describe();
  expect(searchAttributes).toMatchObject({
    CutoverZone: ['production'],
    CutoverPhase: ['cleanUp'],
    CutoverOutcome: ['completed'],
  });
});

describe('adopting what another tool made', () => {
  const theirs = (): Parameters<World['deploy']>[1] => {
    const rules = [
      rule('r1', 1, { conditions: [path('^/Orders')], forward: [{ targetGroupArn: 'old', weight: 1 }] }),
      rule('r2', 2, { conditions: [path('^/Never')], forward: [{ targetGroupArn: 'old', weight: 1 }] }),
    ];
    const live = listener(listenerArn, ...rules);
    const route = findForeignRoute(orders, live, ['/Orders', '/OrdersAPI'], ['apps.example.com']);
    const service = { ...slot('a', { name: 'legacy', targetGroupArns: ['old'] }).service!, image: 'orders:latest' };
    const found = { service, targetGroupArn: 'old', attributes: {}, otherListeners: [] };
    return { live, ...(route && { foreign: { route, ...found } }) };
  };

  test.concurrent(
    'its rules are marked first, settled before it goes, and it is deleted where that is asked for',
    async () => {
      const deployment = await deploy({ ...quick, approval: 'none', deleteAdopted: true }, theirs());
      expect(await deployment.outcome()).toMatchObject({ outcome: 'completed', live: { slot: 'a' } });
      const { calls } = deployment;
      const order = [
        'markAdopted',
        'registerTaskDefinition',
        'setRoute live green 100',
        'proveReleases green',
        'settleAdoption',
        'setDesiredCount legacy 0',
        'setRoute test gone',
        'deleteService legacy',
        'deleteTargetGroup old',
      ].map((call) => calls.indexOf(call));
      expect(order).not.toContain(-1);
      expect(order).toEqual(order.toSorted((one, other) => one - other));
      await recordHistory('adopted', () => deployment.handle.fetchHistory());
    },
  );

  test.concurrent('a rollback gives it all back: its rules as they were, without marks', async () => {
    const deployment = await deploy(quick, theirs());
    await deployment.until(waitingForApproval);
    await deployment.handle.signal('reject');
    expect(await deployment.outcome()).toMatchObject({
      outcome: 'rolledBack',
      live: { slot: null, servedBy: 'container', image: 'orders:latest' },
    });
    expect(deployment.calls).toContain('setRoute live before');
    expect(deployment.calls).toContain('unmarkAdopted');
    expect(deployment.calls).not.toContain('settleAdoption');
    expect(deployment.calls).not.toContain('setDesiredCount legacy 0');
    await recordHistory('adoption-rolled-back', () => deployment.handle.fetchHistory());
  });
});

test.concurrent('a rename takes down what bears the old name, and changes the tags last', async () => {
  const { live, slots } = fromSlotA();
  const rules = live.rules.map((one) => ({ ...one, tags: { ...one.tags, [tagKeys.application]: 'Sales' } }));
  const deployment = await deploy({ ...quick, approval: 'none' }, { live: { ...live, rules }, slots });
  expect(await deployment.outcome()).toMatchObject({ outcome: 'completed', failure: null });
  const order = ['setRoute test gone', 'deleteService service-a', 'deleteTargetGroup group-a', 'recordName'];
  const places = order.map((call) => deployment.calls.indexOf(call));
  expect(places).not.toContain(-1);
  expect(places).toEqual(places.toSorted((one, other) => one - other));
  await recordHistory('renamed', () => deployment.handle.fetchHistory());
});
