/**
 * Every write takes effect and loses its answer, once: the attempt after it finds nothing left to do, and the run goes the same way.
 * `npm test` draws some of the runs; `npm run chaos` takes them all, and looks that no write was left out.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { writeLeaseMs } from '../../contract/ids';
import { tagKeys } from '../../planning/names';
import { tagsAtCreation } from '../../planning/tags';
import type { Observed } from '../../planning/observed/observed';
import type { Runbook } from '../../contract/status';
import { drawSeed, runsAll, sampleOf } from '../drawn';
import { inSlotA, listener, listenerArn, liveRule, release, scaledInSlotA, scaling, slot } from '../planning/zone';
import { holding, waitingForApproval, theirs } from './blue-green';
import { ana, approval, governedBy, rui } from './governed';
import { changesSomething, fails, untilCancelled, type Script } from './scripted-activities';
import { openWorld, quick, type Deployment, type World } from './world';

let world: World;
beforeAll(async () => void (world = await openWorld()));
afterAll(() => world.close());

const unattended = { ...quick, approval: 'none' } as const;
const modules = ['Orders', 'OrdersAPI'];

/** The writes whose answers were lost, in any of the runs. */
const everLost = new Set<string>();

/** @param ofThese the writes that lose answers; default all */
function losingAnswers(ofThese?: readonly string[]): Script {
  const lost = new Set<string>();
  return {
    isLost: (name, call) => {
      if (!(ofThese?.includes(name) ?? changesSomething(name)) || lost.has(call)) return false;
      everLost.add(name);
      return lost.add(call).has(call);
    },
  };
}

interface Run {
  readonly calls: readonly string[];
  readonly outcome: () => Promise<object>;
}

/**
 * The calls in their order, the attempts of one counted once; without watches, which go on beside others. After the last drain, or
 * from the end of the test route on, everything goes side by side.
 */
const wayOf = ({ calls }: Run) => {
  const way = calls.filter((call) => !call.startsWith('watch')).filter((call, at, all) => call !== all[at - 1]);
  const lastDrain = way.lastIndexOf('waitForDrained');
  const tidying = lastDrain < 0 ? way.findIndex((call) => isTidying.test(call)) : lastDrain + 1;
  return tidying < 0 ? way : [...way.slice(0, tidying), ...new Set(way.slice(tidying).toSorted())];
};
const isTidying = /^(setRoute test gone|recordOutcome completed|recordReturn)/;

/** Where others come in between, the attempts of one aren't next to each other. */
const inNoOrder = (way: readonly string[], losing: readonly string[] = []): readonly string[] => {
  const isLost = (call: string) => losing.some((name) => call.startsWith(`${name} `) || call === name);
  return [...way.filter((call) => !isLost(call)), ...new Set(way.filter(isLost))].toSorted();
};

/** How a run of its own goes, with activities that are scripted so. */
type Start = (script: Script) => Promise<Run>;

const deploying =
  (
    input: object,
    from: Partial<Observed>,
    { script = {}, runbook = 'blueGreen', steer }: { script?: Script; runbook?: Runbook; steer?: Steer } = {},
  ): Start =>
  async (more) => {
    const run = await world.deploy(input, from, { ...script, ...more }, runbook);
    await steer?.(run);
    return run;
  };
type Steer = (deployment: Deployment) => Promise<void>;

async function rolledBack(deployment: Deployment): Promise<void> {
  await deployment.until(holding);
  deployment.script({
    confirmRoute: () => undefined,
    waitForRollProgress: () => ({ new: 3, starting: 0, old: 0, draining: 0, complete: true }),
  });
  await deployment.handle.signal('rollback');
}

/** In the bake everything has been changed that a rollback gives back. */
const failingAtTheEnd = {
  script: { confirmRoute: fails('RouteChangedByOthers', 'Rule 7 leads to blue') },
  steer: rolledBack,
} satisfies { readonly script: Script; readonly steer: Steer };
const failingInTheRoll = {
  script: { waitForRollProgress: fails('GreenUnhealthy', 'Task 123 stopped') },
  steer: rolledBack,
} satisfies { readonly script: Script; readonly steer: Steer };

const stepPolicy = { name: 'busy', type: 'StepScaling', step: { AdjustmentType: 'ChangeInCapacity' as const } };

/** Scaled by alarms too. */
const scaled: Partial<Observed> = {
  ...scaledInSlotA(modules),
  slots: scaledInSlotA(modules).slots.map((one) => ({
    ...one,
    service: one.service?.scaling
      ? { ...one.service, scaling: { ...scaling, policies: [...scaling.policies, stepPolicy] } }
      : one.service,
  })),
};
const { image: _image, ...withoutImage } = unattended;

/** Behind two load balancers, under the name from before a rename, and with tags that the settings want no more. */
function renamed(): Partial<Observed> {
  const { liveListener, slots } = inSlotA();
  const rules = liveListener.rules.map((one) => ({ ...one, tags: { ...one.tags, [tagKeys.application]: 'Sales' } }));
  const failureDetection = { deploymentCircuitBreaker: { enable: true, rollback: true } };
  const tagged = { tags: tagsAtCreation({ Owner: 'ops' }), failureDetection };
  return {
    liveListener: { ...liveListener, rules },
    slots: slots.map(({ slot: name, service }) => slot(name, { ...service, arn: `service-arn-${name}`, ...tagged })),
  };
}

function throughTwo(): Partial<Observed> {
  const arn = listenerArn.replace('/main/', '/public/');
  const { slots } = inSlotA();
  const other = {
    settings: { listener: arn, testListener: `${arn}t`, address: 'https://shop.example.com', hosts: [] },
    liveListener: listener(arn, liveRule('public-a', ['Orders'])),
    testListener: listener(`${arn}t`),
    elsewhere: [],
    slots: slots.map((one) => ({ ...one, targetGroupArn: `public-${one.slot}` })),
  };
  return { ...inSlotA(), others: [other] };
}

/** What served before has its replicas still. */
function warm(): Partial<Observed> {
  const { liveListener, slots } = inSlotA(modules);
  const withWarm = slots.map((one) =>
    one.slot === 'b' && one.service ? { ...one, service: { ...one.service, desiredCount: 3 } } : one,
  );
  return { liveListener, slots: withWarm, earlier: { taskDefinitionArn: 'definition-b', containerDefinitions: [] } };
}

const configured: Script = {
  mountsConfigurations: () => true,
  publishConfiguration: () => ({ sha256: 'new', path: '/configurations/new' }),
  describeCopies: () => ['new', 'old'].map((sha256) => ({ sha256, mark: '' })),
};

interface Scenario {
  readonly ends: object;
  readonly start: Start;
  /** The writes that lose answers. Default: all. */
  readonly losing?: readonly string[];
  /** Whether several things go on at once, in no order. Default: false. */
  readonly atOnce?: true;
}

const answered = { answered: 'success' };
const completed = { outcome: 'completed' };
const wentBack = { outcome: 'rolledBack' };
const scenarios: Readonly<Record<string, Scenario>> = {
  'a blue-green deployment': { ends: completed, start: deploying(unattended, scaled) },
  'its rollback': { ends: wentBack, start: deploying(unattended, scaled, failingAtTheEnd) },
  'a rolling update': { ends: completed, start: deploying(unattended, scaled, { runbook: 'rollingUpdate' }) },
  'the rollback of a roll': {
    ends: wentBack,
    start: deploying(unattended, scaled, { ...failingInTheRoll, runbook: 'rollingUpdate' }),
  },
  'a removal': { ends: completed, start: deploying(withoutImage, scaled, { runbook: 'removeApplication' }) },
  'the rollback of a removal': {
    ends: wentBack,
    start: deploying(withoutImage, scaled, { ...failingAtTheEnd, runbook: 'removeApplication' }),
  },
  'an adoption': {
    ends: completed,
    start: deploying({ ...unattended, deleteAdopted: true }, theirs()),
    losing: ['markAdopted', 'settleAdoption', 'deleteService', 'deleteTargetGroup'],
  },
  'the rollback of an adoption': {
    ends: wentBack,
    start: deploying(unattended, theirs(), failingAtTheEnd),
    losing: ['markAdopted', 'setRoute', 'unmarkAdopted'],
  },
  'a cut through two load balancers': {
    ends: completed,
    start: deploying(unattended, throughTwo()),
    losing: ['setRoutes'],
  },
  'a rename, with other tags, of what ECS judges': {
    ends: completed,
    start: deploying(unattended, renamed()),
    losing: ['recordName', 'setTags', 'setFailureDetection'],
  },
  'an undo by one cut': {
    ends: completed,
    start: deploying({ bake: '0s', settle: '0s' }, warm(), { runbook: 'undo' }),
    losing: ['recordReturn'],
  },
  'a deployment with its configuration': {
    ends: completed,
    start: deploying(
      unattended,
      { ...inSlotA(modules), release: { ...release('2.0.0', modules), configuration: 'new' } },
      { script: configured },
    ),
    losing: ['publishConfiguration', 'removeCopies'],
  },
  'a deployment that one person alone approved, and another looked at later': {
    ends: completed,
    start: deploying({ ...quick, by: 'Eva' }, inSlotA(), { script: governedBy('minimum: 2'), steer: countersigned }),
    losing: ['recordApprovals', 'recordCountersignature'],
  },
  'a build for the platform': { ends: answered, start: async (script) => await world.call('ContainerBuild', script) },
  'a call of the platform': {
    ends: answered,
    start: async (script) => await world.call('ContainerRun', script),
    losing: ['enterTurns', 'writeAnswer'],
    atOnce: true,
  },
};

async function countersigned(deployment: Deployment): Promise<void> {
  const status = await deployment.until(waitingForApproval);
  const broken = approval(ana, status, { breakGlass: true, reason: 'checkout is down' });
  await deployment.handle.executeUpdate('approve', { args: [broken] });
  await deployment.outcome();
  const { workflow, run } = status.approvals!;
  const glass = world.client.workflow.getHandle(`countersign/${workflow}/${run}`);
  await glass.executeUpdate('countersign', { args: [approval(rui, status, { approval: 'countersign' })] });
  await glass.result();
}

describe(`no write is answered at first (seed ${drawSeed})`, () => {
  test.concurrent.each(sampleOf(Object.entries(scenarios), 3))('%s goes the same way', async (_what, scenario) => {
    const { ends, start, losing, atOnce } = scenario;
    const [one, other] = await Promise.all([start({}), start(losingAnswers(losing))]);
    expect(await one.outcome()).toMatchObject(ends);
    expect(await other.outcome()).toMatchObject(ends);
    const [way, same] = [wayOf(one), wayOf(other)];
    if (atOnce) expect(inNoOrder(same, losing)).toEqual(inNoOrder(way, losing));
    else expect(same).toEqual(way);
    expect(other.calls.length).toBeGreaterThan(one.calls.length);
  });
});

describe('of every write', () => {
  const sources = join(__dirname, '../../activities');
  const texts = readdirSync(sources, { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.ts'))
    .map((file) => readFileSync(join(sources, file), 'utf8'));
  const { names } = changesSomething;

  (runsAll ? test : test.skip)('the answer was lost', () =>
    expect(everLost).toEqual(new Set(names.filter(changesSomething))),
  );

  test('the name says that it is one: what has an effect, or writes under a lease, is called otherwise than a read', () => {
    const effects = texts.flatMap((text) =>
      [...text.matchAll(/\/\*\*((?:(?!\*\/).)*)\*\/\s*(?:export )?(?:async )?(?:function )?(\w+)/gs)].flatMap(
        ([, doc = '', name = '']) => (/Effect: (?!none|files and folders that are gone again)/.test(doc) ? [name] : []),
      ),
    );
    const leased = texts.flatMap((text) =>
      text.split(/^ {2}(?=(?:async )?\w+(?:\(|: async))/m).flatMap((part) => {
        const [, name = ''] = /^(?:async )?(\w+)/.exec(part) ?? [];
        return part.includes('writing(aws, ') ? [name] : [];
      }),
    );
    const found = [...new Set([...effects, ...leased])].filter((name) => names.includes(name));
    expect(found.length).toBeGreaterThan(25);
    expect(found.filter((name) => !changesSomething(name))).toEqual([]);
  });
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
    const waiting = pendingActivities?.find(({ activityType }) => activityType?.name === 'cutAtOnce');
    await world.client.workflowService.updateActivityOptions({
      namespace: world.client.options.namespace,
      execution: { workflowId },
      id: waiting?.activityId ?? '',
      activityOptions: { scheduleToCloseTimeout: { seconds: 1 as never } },
      updateMask: { paths: ['schedule_to_close_timeout'] },
    });
    expect(await deployment.outcome()).toMatchObject({
      outcome: 'rolledBack',
      failure: expect.stringMatching(/cutAtOnce did not end in time/),
    });
    const { events = [] } = await deployment.handle.fetchHistory();
    const since = events?.slice(events.findIndex(({ activityTaskTimedOutEventAttributes: end }) => end)) ?? [];
    const next = since.find(
      ({ timerStartedEventAttributes: timer, activityTaskScheduledEventAttributes: activity }) => timer ?? activity,
    );
    expect(Number(next?.timerStartedEventAttributes?.startToFireTimeout?.seconds) * 1000).toBe(writeLeaseMs);
  },
);
