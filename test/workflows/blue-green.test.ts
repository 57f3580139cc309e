import { tagKeys } from '../../planning/names';
import { tagsAtCreation } from '../../planning/tags';
import { recordHistory } from '../suites/replay/histories';
import { inSlotA, listener, listenerArn, liveRule, release, slot } from '../planning/zone';
import { failureOf, holding, theirs, waitingForApproval } from './blue-green';
import { fails, untilCancelled, type Script } from './scripted-activities';
import { openWorld, quick, type World } from './world';

// Concurrent tests begin before beforeAll would have ended.
const opening = openWorld();
afterAll(async () => (await opening).close());

const deploy: World['deploy'] = async (...given) => await (await opening).deploy(...given);

describe('the test route', () => {
  const groupsOf = async (observed: Parameters<World['deploy']>[1]) => {
    const found: unknown[] = [];
    const deployment = await deploy({ ...quick, approval: 'none' }, observed, {
      setRoute: (_site, route, traffic, groups) => {
        if (route.kind === 'test' && traffic !== 'gone') found.push(groups);
        return undefined;
      },
    });
    expect(await deployment.outcome()).toMatchObject({ outcome: 'completed' });
    return found;
  };

  test.concurrent('never holds the Platform Server’s target group, which the default rule keeps attached', async () => {
    const slots = [slot('a'), slot('b', { desiredCount: 2 })];
    expect(await groupsOf({ slots })).toMatchObject([{ blue: null, attachedGroups: ['group-b'] }]);
  });

  test.concurrent('keeps a slot’s attached', async () => {
    expect(await groupsOf(inSlotA())).toMatchObject([{ blue: 'group-a' }]);
  });
});

describe('promises', () => {
  test.concurrent('containers that a terminated run left are stopped once green serves', async () => {
    const slots = [slot('a'), slot('b', { desiredCount: 2 })];
    const deployment = await deploy({ ...quick, approval: 'none' }, { slots });
    expect(await deployment.outcome()).toMatchObject({ outcome: 'completed', live: { slot: 'a' } });
    const positions = ['proveReleases green', 'setDesiredCount service-b 0', 'setRoute test gone'].map((call) =>
      deployment.calls.indexOf(call),
    );
    expect(positions).not.toContain(-1);
    expect(positions).toEqual(positions.toSorted((one, other) => one - other));
  });

  test.concurrent('a green that never gets healthy leaves all traffic on blue, and holds with the cause', async () => {
    const why = 'Task 123 stopped: EssentialContainerExited; container application exited with code 1';
    const deployment = await deploy(quick, inSlotA(), { waitForReplicas: fails('GreenUnhealthy', why) });
    const status = await deployment.until(holding);
    expect(status).toMatchObject({ heldIn: 'start', failure: why, live: { slot: 'a', version: '1.0.0' } });
    expect(status.dossier).toMatchObject({ phase: 'start', failure: why, tasks: ['Task 123 stopped'], unread: null });
    expect(deployment.calls).not.toContain('setRoute live green 100');
    await deployment.handle.executeUpdate('rollback', { args: [{ by: 'Ana', reason: 'broken build' }] });
    expect(await deployment.outcome()).toMatchObject({ outcome: 'rolledBack', live: { slot: 'a' } });
    await recordHistory('held-then-rolled-back', () => deployment.handle.fetchHistory());
  });

  test.concurrent('what ran in green’s slot, in no rule, stays as it was until green is prepared', async () => {
    const refused = fails('AccessDenied', 'CreateRule: AWS refused permission.');
    const setRoute: NonNullable<Script['setRoute']> = (_site, { kind }, traffic) =>
      kind === 'test' && traffic !== 'gone' ? refused() : undefined;
    const rolledBack = async (isAttached: boolean) => {
      const slots = [{ ...slot('a', { desiredCount: 2 }), isAttached }, slot('b', { desiredCount: 0 })];
      const deployment = await deploy(quick, { slots }, { setRoute });
      expect(await deployment.until(holding)).toMatchObject({ heldIn: 'prepare' });
      await deployment.handle.executeUpdate('rollback', { args: [{ by: 'Ana' }] });
      expect(await deployment.outcome()).toMatchObject({ outcome: 'rolledBack' });
      return deployment.calls;
    };
    const counts = (calls: readonly string[]) => calls.filter((call) => call.startsWith('setDesiredCount'));
    expect(counts(await rolledBack(true))).toEqual(['setDesiredCount Orders-05ee7b6a-a 0']);
    const calls = await rolledBack(false);
    expect(calls).toContain('setRoute test gone');
    expect(counts(calls)).toEqual([]);
  });

  test.concurrent('live traffic moves only once green is verified and approved', async () => {
    const deployment = await deploy(quick, inSlotA());
    await deployment.until(waitingForApproval);
    expect(deployment.calls).toEqual(expect.arrayContaining(['waitForReplicas', 'verifyModules']));
    expect(deployment.calls.filter((call) => call.startsWith('setRoute live'))).toEqual([]);
    await deployment.handle.signal('reject', { by: 'Ana' });
    expect(await deployment.outcome()).toMatchObject({ outcome: 'rolledBack', failure: 'Rejected by Ana.' });
    await recordHistory('rejected', () => deployment.handle.fetchHistory());
  });

  test.concurrent('blue keeps its capacity until green is proven and baked', async () => {
    const deployment = await deploy({ ...quick, approval: 'none' }, inSlotA());
    expect(await deployment.outcome()).toMatchObject({ outcome: 'completed' });
    const order = [
      'verifyModules',
      'setRoute live green 100',
      'proveReleases green',
      'setDesiredCount service-a 0',
      'setRoute test gone',
    ];
    const positions = order.map((call) => deployment.calls.indexOf(call));
    expect(positions).toEqual(positions.toSorted((one, other) => one - other));
    expect(positions).not.toContain(-1);
    await recordHistory('completed-from-slot', () => deployment.handle.fetchHistory());
  });

  test.concurrent('bad input ends it with one sentence, and nothing is called', async () => {
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
  });

  test.concurrent('a refused plan fails with the planner’s sentence, and nothing is changed', async () => {
    const deployment = await deploy(
      quick,
      {},
      { planBlueGreen: fails('InvalidRequest', 'There is no image orders:2.0.0.') },
    );
    expect((await failureOf(deployment))?.message).toBe('There is no image orders:2.0.0.');
    expect(await deployment.status()).toMatchObject({ outcome: 'failed', failure: 'There is no image orders:2.0.0.' });
    const { currentDetails } = await deployment.handle.query<{ currentDetails?: string }>(
      '__temporal_workflow_metadata',
    );
    expect(currentDetails).toMatch(/^### Ended before it began: nothing was changed\s+\*\*Why:\*\* There is no image/);
    expect(deployment.calls).toEqual(['mountsConfigurations', 'planBlueGreen']);
    await recordHistory('refused', () => deployment.handle.fetchHistory());
  });
});

test.concurrent(
  'no worker with the configuration folders: the status says so within seconds, and it goes on once one is there',
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

test.concurrent('shares grow step by step, each settled, and a rollback in between gives all of it back', async () => {
  const shift = [{ percent: 10 }, { percent: 50, bake: '1h' }, { percent: 100 }];
  const only = { release: release('2.0.0', ['Orders']) };
  const deployment = await deploy({ ...quick, approval: 'none', shift }, { ...inSlotA(), ...only });
  await deployment.until(({ phase, deadline }) => phase === 'bake' && deadline !== null);
  const shares = () => deployment.calls.filter((call) => call.startsWith('setRoute live'));
  expect(shares()).toEqual(['setRoute live green 10', 'setRoute live green 50']);
  await deployment.handle.executeUpdate('rollback', { args: [{}] });
  expect(await deployment.outcome()).toMatchObject({ outcome: 'rolledBack' });
  expect(shares().at(-1)).toBe('setRoute live before');
  await recordHistory('rolled-back-at-half', () => deployment.handle.fetchHistory());
});

test.concurrent('a dossier says that AWS could not be asked, instead of hiding the failure', async () => {
  const deployment = await deploy(quick, inSlotA(), {
    setService: fails('AwsRefused', 'CreateService: no'),
    describeEvidence: fails('AccessDenied', 'ListTasks: AWS refused permission'),
  });
  const { failure, dossier } = await deployment.until(holding);
  expect(failure).toBe('CreateService: no');
  expect(dossier).toMatchObject({ tasks: [], unread: 'ListTasks: AWS refused permission' });
  await deployment.handle.signal('rollback');
  await deployment.outcome();
});

test.concurrent('a failure after the bake never rolls back: it ends as completed, with what is left over', async () => {
  const deployment = await deploy({ ...quick, approval: 'none', holdTimeout: '1s' }, inSlotA(), {
    waitForDrained: fails('AwsRefused', 'blue does not drain'),
  });
  expect(await deployment.outcome()).toMatchObject({
    outcome: 'completed',
    live: { image: 'orders:2.0.0' },
    failure: expect.stringMatching(/^Left over: blue does not drain/),
  });
  await recordHistory('completed-with-left-over', () => deployment.handle.fetchHistory());
});

test.concurrent('what doesn’t drain is told in the status, and noted as left over when its time is over', async () => {
  const task = 'task 1f, protected from scale-in until 2030-01-01T00:00:00.000Z';
  let end = () => undefined as void;
  const ended = new Promise<void>((resolve) => (end = resolve));
  const found = { since: 1, left: [task], limit: '6m' };
  const deployment = await deploy({ ...quick, approval: 'none' }, inSlotA(), {
    waitForDrained: async (...[, , , seen]: unknown[]) => {
      if (!seen) return { ...found, isOver: false };
      await ended;
      return { ...found, isOver: true };
    },
  });
  const { waitingFor, phase } = await deployment.until(
    ({ waitingFor: wanted }) => wanted?.includes('drained') ?? false,
  );
  expect(phase).toBe('retire');
  expect(waitingFor).toBe(`service-a isn't drained: ${task} is left. It is left over after 6m in all.`);
  end();
  expect(await deployment.outcome()).toMatchObject({
    outcome: 'completed',
    failure: null,
    note: `Left over of service-a after 6m: ${task}. Nothing waits for it.`,
  });
});

test.concurrent(
  'what bears other tags than the settings want gets them, and ECS judges again, each once, when nothing can go back any more',
  async () => {
    const failureDetection = { deploymentCircuitBreaker: { enable: true, rollback: true } };
    const tagged = { tags: tagsAtCreation({ Owner: 'ops' }), failureDetection };
    const { liveListener, slots } = inSlotA();
    const found = {
      liveListener,
      slots: slots.map(({ slot: name, service }) => slot(name, { ...service, arn: `service-arn-${name}`, ...tagged })),
    };
    const given: unknown[] = [];
    const deployment = await deploy({ ...quick, approval: 'none' }, found, {
      setTags: (_site, arns, wanted) => void given.push(arns, wanted),
    });
    expect(await deployment.outcome()).toMatchObject({ outcome: 'completed' });
    expect(given).toEqual([['service-arn-a', 'service-arn-b'], {}]);
    const positions = ['setDesiredCount service-a 0', 'setTags', 'setFailureDetection'].map((call) =>
      deployment.calls.indexOf(call),
    );
    expect(positions).not.toContain(-1);
    expect(positions).toEqual(positions.toSorted((one, other) => one - other));

    const back = await deploy({ ...quick, onFailure: 'rollback' }, found, {
      waitForReplicas: fails('GreenUnhealthy', 'Task 123 stopped'),
    });
    expect(await back.outcome()).toMatchObject({ outcome: 'rolledBack' });
    expect(back.calls).not.toContain('setTags');
    expect(back.calls).not.toContain('setFailureDetection');
  },
);

test.concurrent('green that breaks during the bake holds, with blue still there', async () => {
  const deployment = await deploy({ ...quick, approval: 'none', bake: '1h' }, inSlotA(), {
    watchReplicas: fails('GreenUnhealthy', 'Target 10.0.0.1:80 is unhealthy'),
  });
  const { failure } = await deployment.until(holding);
  expect(failure).toBe('Target 10.0.0.1:80 is unhealthy');
  expect(deployment.calls).not.toContain('setDesiredCount service-a 0');
  await deployment.handle.signal('rollback');
  expect(await deployment.outcome()).toMatchObject({ outcome: 'rolledBack' });
});

test.concurrent('a watch that fails in passing as its time is over holds nothing up', async () => {
  const asked: string[] = [];
  const deployment = await deploy({ ...quick, approval: 'none', bake: '2s' }, inSlotA(), {
    watchReplicas: async () => {
      await untilCancelled().catch(() => asked.push('to end'));
      throw new Error('The connection was reset.');
    },
  });
  expect(await deployment.outcome()).toMatchObject({ outcome: 'completed', failure: null });
  expect(asked).not.toEqual([]);
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
  const { liveListener, slots } = inSlotA();
  const rules = liveListener.rules.map((one) => ({ ...one, tags: { ...one.tags, [tagKeys.application]: 'Sales' } }));
  const deployment = await deploy({ ...quick, approval: 'none' }, { liveListener: { ...liveListener, rules }, slots });
  expect(await deployment.outcome()).toMatchObject({ outcome: 'completed', failure: null });
  const order = ['setRoute test gone', 'deleteService service-a', 'deleteTargetGroup group-a', 'recordName'];
  const positions = order.map((call) => deployment.calls.indexOf(call));
  expect(positions).not.toContain(-1);
  expect(positions).toEqual(positions.toSorted((one, other) => one - other));
  await recordHistory('renamed', () => deployment.handle.fetchHistory());
});

test.concurrent(
  'through two load balancers it is one cut, proven through both before blue goes, and one way back',
  async () => {
    const { slots } = inSlotA();
    const arn = listenerArn.replace('/main/', '/public/');
    const others = [
      {
        settings: { listener: arn, testListener: `${arn}t`, address: 'https://shop.example.com', hosts: [] },
        liveListener: listener(arn, liveRule('public-a', ['Orders'])),
        testListener: listener(`${arn}t`),
        elsewhere: [],
        slots: slots.map((one) => ({ ...one, targetGroupArn: `public-${one.slot}` })),
      },
    ];
    const deployment = await deploy({ ...quick, approval: 'none', bake: '1h' }, { ...inSlotA(), others });
    await deployment.until(({ phase }) => phase === 'bake');
    const { calls } = deployment;
    const count = (call: string) => calls.filter((one) => one === call).length;
    expect(count('createTargetGroup')).toBe(2);
    expect(count('setService')).toBe(1);
    expect(count('setRoutes live and live green 100')).toBe(1);
    expect(count('proveReleases green')).toBe(2);
    await deployment.handle.signal('rollback', { by: 'Ana' });
    expect(await deployment.outcome()).toMatchObject({ outcome: 'rolledBack' });
    expect(count('setRoutes live and live before')).toBe(1);
    expect(count('proveReleases blue')).toBe(2);
    expect(count('setRoute test gone')).toBe(2);
  },
);
