/**
 * Two versions of the workers side by side: what the new one can go on with goes over, the rest ends where it began. `npm test`
 * draws some of the phases, `npm run chaos` has a deployment in each.
 */
import { WorkflowContinuedAsNewError } from '@temporalio/client';
import { TestWorkflowEnvironment } from '@temporalio/testing';
import { DefaultLogger, Runtime } from '@temporalio/worker';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { findTemporal } from '../../local/temporal/find';
import { ask } from '../../client/questions';
import type { CommandName } from '../../contract/commands';
import { searchAttributes } from '../../contract/ids';
import { phases, type Phase } from '../../contract/status';
import { planBlueGreen } from '../../planning/plans/deployment';
import { pinnedTo, readWorkerVersions } from '../../temporal/worker-deployment';
import { claimVersion } from '../../worker/versions/claim';
import { replayInFlight, type Verdict } from '../../worker/versions/replay';
import { upgrade, type UpgradeReport } from '../../worker/versions/upgrade';
import { buildIdOf } from '../../worker/versions/build-id';
import { recordHistory } from '../suites/replay/histories';
import { drawSeed, sampleOf } from '../drawn';
import { inSlotA, observed } from '../planning/zone';
import { fails, planRequest, untilCancelled, type Script } from './scripted-activities';
import { builtBundle, openWorld, quick, type Deployment, type World } from './world';

const namespace = 'default';
const live = { slot: 'a', servedBy: 'container', image: 'orders:1.0.0', version: '1.0.0' };
let environment: TestWorkflowEnvironment;
let folder: string;
let before: World;

/** A later release: it proves the cut in another way, so that nothing that is past the cut can go on with it. */
const laterRelease = () => {
  const path = join(folder, 'later.js');
  writeFileSync(path, readFileSync(builtBundle, 'utf8').replaceAll('.proveReleases(', '.proveReleasesOtherwise('));
  return path;
};

const ids = { before: buildIdOf(builtBundle), later: '' };

beforeAll(async () => {
  Runtime.install({ logger: new DefaultLogger('ERROR') });
  folder = mkdtempSync(join(tmpdir(), 'upgrade-'));
  environment = await TestWorkflowEnvironment.createLocal({
    server: {
      executable: { type: 'existing-path', path: await findTemporal() },
      // Temporal looks every three minutes whether a version is drained.
      extraArgs: [
        'history.timerProcessorMaxTimeShift="10ms"',
        // So that a run that asks again and again is told to begin anew after seconds instead of days.
        'limit.historyCount.suggestContinueAsNew=30',
        'matching.wv.VersionDrainageStatusVisibilityGracePeriod="1s"',
        'matching.wv.VersionDrainageStatusRefreshInterval="1s"',
      ].flatMap((value) => ['--dynamic-config-value', value]),
      searchAttributes: Object.values(searchAttributes),
      log: { format: 'json', level: 'error' },
    },
  });
  ids.later = buildIdOf(laterRelease());
  before = await openWorld({
    address: environment.address,
    namespace,
    buildId: ids.before,
    activities: { describeLive: async () => live },
  });
}, 60_000);
afterAll(async () => {
  await before.close();
  await environment.teardown();
  rmSync(folder, { recursive: true });
});

const ground = (bundle: string) => ({
  connection: environment.connection,
  namespace,
  client: environment.client,
  bundle,
  dataConverter: {},
});

async function claim(bundle: string, inFlight?: readonly Verdict[]): Promise<string[]> {
  const said: string[] = [];
  const say = (line: string) => void said.push(line);
  await claimVersion({
    ...ground(bundle),
    buildId: buildIdOf(bundle),
    replay: async () => inFlight ?? (await replayInFlight(ground(bundle))),
    log: { info: say, warn: say, error: say },
    signal: AbortSignal.timeout(60_000),
  });
  return said;
}

async function upgradeTo(bundle: string, options: { check?: boolean; ramp?: number; wait?: boolean } = {}) {
  const said: string[] = [];
  const { check = false, wait = false, ramp } = options;
  const report = await upgrade({
    ...ground(bundle),
    buildId: buildIdOf(bundle),
    check,
    wait,
    ramp,
    say: (line) => void said.push(line),
    pollMs: 100,
  });
  return { report, said };
}

const versionOf = async ({ handle }: Deployment) => pinnedTo(await handle.describe());
const typeOf = async (handle: Deployment['handle']) => (await handle.describe()).type;
const objections = ({ executions }: UpgradeReport) =>
  Object.fromEntries(executions.map(({ workflowId, objection }) => [workflowId, objection]));

const untouched = { approval: 'none', onFailure: 'hold' } as const;

/** How a deployment comes into a phase and stays there, until the gate opens or a person answers. */
interface Way {
  readonly input?: object;
  readonly script?: Script;
  readonly answer?: (deployment: Deployment) => Promise<void>;
  /** Whether the later release can go on with it: what is past the cut it can't. */
  readonly goesOn: boolean;
}

const waysInto = (gate: Promise<void>): Record<Phase, Way> => {
  const answering =
    <T>(answer: T) =>
    async () => {
      await gate;
      return answer;
    };
  const signalling = (command: CommandName) => async (deployment: Deployment) => deployment.handle.signal(command);
  return {
    plan: {
      script: {
        planBlueGreen: async (asked) => {
          await gate;
          return planBlueGreen(planRequest(asked), observed(inSlotA()));
        },
      },
      goesOn: true,
    },
    prepare: { script: { registerTaskDefinition: answering('definition:7') }, goesOn: true },
    start: { script: { waitForReplicas: answering(undefined) }, goesOn: true },
    verify: { script: { verifyModules: answering(undefined) }, goesOn: true },
    approve: { input: { approval: 'afterVerify' }, answer: signalling('approve'), goesOn: true },
    shift: {
      script: { setRoute: async (_site, { kind }) => (kind === 'live' ? await gate : undefined) },
      goesOn: true,
    },
    settle: { script: { proveReleases: answering({ guarded: [] }) }, goesOn: false },
    bake: { input: { bake: '1h' }, answer: signalling('promote'), goesOn: false },
    retire: { script: { waitForDrained: answering(undefined) }, goesOn: false },
    cleanUp: { script: { recordOutcome: answering(undefined) }, goesOn: false },
    rollBack: {
      input: { onFailure: 'rollback' },
      script: { verifyModules: fails('SmokeTestFailed', 'Orders answers 500'), recordOutcome: answering(undefined) },
      goesOn: true,
    },
    hold: {
      script: { waitForReplicas: fails('GreenUnhealthy', 'Task 1 stopped') },
      answer: async (deployment) => {
        deployment.script({ waitForReplicas: () => undefined });
        await deployment.handle.signal('retry');
      },
      goesOn: true,
    },
  };
};

test('a version that would strand what unversioned workers began makes itself current for nothing', async () => {
  const stranded = {
    workflowId: 'production/Bank',
    runId: '1',
    type: 'blueGreen',
    version: null,
    objection: 'it went on',
  };
  expect(await claim(builtBundle, [stranded])).toEqual([
    expect.stringContaining('production/Bank (blueGreen): it went on. Let the workers of before end it'),
  ]);
  expect(await readWorkerVersions(ground(builtBundle))).toMatchObject({ current: null });
});

test('the first worker makes its version the current one, and a question finds a worker whatever its version', async () => {
  expect(await claim(builtBundle)).toEqual([`Version ${ids.before} is the current one.`]);
  const workflowId = 'describe/live/production/Orders/1';
  const args = [{ kind: 'live', zone: 'production', application: 'Orders' }];
  const question = await environment.client.workflow.start('describe', { taskQueue: 'cutover', workflowId, args });
  expect(await question.result()).toEqual(live);
  expect(pinnedTo(await question.describe())).toBeNull();
  expect(await ask(environment.client, { kind: 'live', zone: 'production', application: 'Orders' })).toEqual(live);
  await recordHistory('question', () => question.fetchHistory());
});

test('a timer that finds its application being deployed, for days, begins anew instead of filling its history', async () => {
  const waiting = await before.deploy(quick);
  const { workflow } = environment.client;
  const { workflowId: lock } = waiting.handle;
  const timer = await workflow.start('keepWarm', {
    taskQueue: 'cutover',
    workflowId: `warm/${lock}`,
    args: [{ lock, keepMs: 0, kept: { service: 'service-a', taskDefinition: 'definition-a' } }],
  });
  const first = workflow.getHandle(timer.workflowId, timer.firstExecutionRunId, { followRuns: false });
  await expect(first.result()).rejects.toThrow(WorkflowContinuedAsNewError);
  await waiting.handle.signal('reject');
  await waiting.outcome();
  // The lock is free: the retirement runs under it, and the timer is over.
  await timer.result();
});

test(`deployments in every phase go on (seed ${drawSeed}): with the new version where their history allows it, else with their own`, async () => {
  const { deploy } = before;
  let open = () => {};
  const ways = waysInto(new Promise((resolve) => (open = resolve)));
  const isPast = (phase: Phase): boolean => !ways[phase].goesOn;
  const drawnPhases = [
    ...sampleOf(
      phases.filter((phase) => !isPast(phase)),
      2,
    ),
    ...sampleOf(phases.filter(isPast), 1),
  ];
  const inEachPhase = await Promise.all(
    drawnPhases.map(async (phase) => {
      const { input, script = {} } = ways[phase];
      return { phase, ...ways[phase], run: await deploy({ ...quick, ...untouched, ...input }, inSlotA(), script) };
    }),
  );
  const sharing = await deploy({ ...quick, ...untouched, shift: [{ percent: 10, bake: '1h' }, { percent: 100 }] });
  const rolling = await deploy(
    { ...quick, ...untouched },
    inSlotA(),
    { waitForRollProgress: untilCancelled },
    'rollingUpdate',
  );
  for (const { phase, run } of inEachPhase) await run.until((status) => status.phase === phase);
  await sharing.until(({ phase, greenPercent }) => phase === 'bake' && greenPercent === 10);
  await rolling.until(({ phase }) => phase === 'shift');
  const goOn = [sharing, rolling, ...inEachPhase.flatMap(({ goesOn, run }) => (goesOn ? [run] : []))];
  const stay = inEachPhase.flatMap(({ goesOn, run }) => (goesOn ? [] : [run]));

  const later = laterRelease();
  const checked = await upgradeTo(later, { check: true });
  expect(objections(checked.report)).toEqual({
    ...Object.fromEntries(goOn.map(({ handle }) => [handle.workflowId, null])),
    ...Object.fromEntries(stay.map(({ handle }) => [handle.workflowId, 'the new code would have gone another way'])),
  });
  for (const { handle } of stay)
    expect(checked.said).toContainEqual(
      expect.stringContaining(`${handle.workflowId} (blueGreen) stays on ${ids.before}, because`),
    );
  for (const { handle } of goOn)
    expect(checked.said).toContain(`${handle.workflowId} (${await typeOf(handle)}) goes on`);

  const after = await openWorld({
    address: environment.address,
    namespace,
    bundle: later,
    buildId: ids.later,
    activities: { proveReleasesOtherwise: async () => ({ guarded: [] }) },
  });
  expect((await claim(later))[0]).toMatch(/waits until "cutover upgrade"/);

  const ramped = await upgradeTo(later, { ramp: 10 });
  expect(ramped.said.at(-1)).toContain(`10 % of new deployments go to ${ids.later}`);
  expect(await readWorkerVersions(ground(later))).toMatchObject({
    current: ids.before,
    ramping: { buildId: ids.later, percentage: 10 },
  });

  const { report, said } = await upgradeTo(later);
  expect(new Set(report.moved)).toEqual(new Set(goOn.map(({ handle }) => handle.workflowId)));
  expect(said.at(-1)).toContain(`${ids.before} must go on`);
  for (const deployment of goOn) expect(await versionOf(deployment)).toBe(ids.later);
  for (const deployment of stay) expect(await versionOf(deployment)).toBe(ids.before);
  for (const { phase, run } of inEachPhase) expect((await run.status()).phase).toBe(phase);

  const begun = await deploy({ ...quick, ...untouched });
  expect(await begun.outcome()).toMatchObject({ outcome: 'completed' });
  expect(await versionOf(begun)).toBe(ids.later);

  open();
  for (const { answer, run } of inEachPhase) await answer?.(run);
  await sharing.handle.signal('rollback');
  rolling.script({ waitForRollProgress: () => ({ new: 3, starting: 0, old: 0, draining: 0, complete: true }) });
  await rolling.handle.signal('rollback');
  for (const { phase, run } of inEachPhase)
    expect([phase, await run.outcome()]).toMatchObject([
      phase,
      { outcome: phase === 'rollBack' ? 'rolledBack' : 'completed' },
    ]);
  for (const deployment of [sharing, rolling])
    expect(await deployment.outcome()).toMatchObject({ outcome: 'rolledBack' });
  // By whom each was gone on with: only the version of before proves in this way.
  const proven = ({ calls }: Deployment) => calls.some((call) => call.startsWith('proveReleases'));
  expect([stay.every(proven), goOn.some(proven)]).toEqual([true, false]);

  const drained = await upgradeTo(later, { wait: true });
  expect(drained.report.versions).toEqual(
    expect.arrayContaining([
      { buildId: ids.later, state: 'current', mayStop: false },
      { buildId: ids.before, state: 'drained', mayStop: true },
    ]),
  );
  expect(drained.said.at(-1)).toBe(`The workers of version ${ids.before} may stop.`);
  await after.close();
});
