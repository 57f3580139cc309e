/** Two versions of the workers side by side: what the new one can go on with goes over, the rest ends where it began. */
import { WorkflowContinuedAsNewError } from '@temporalio/client';
import { TestWorkflowEnvironment } from '@temporalio/testing';
import { DefaultLogger, Runtime } from '@temporalio/worker';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { findTemporal } from '../../local/temporal/find';
import { ask } from '../../client/questions';
import { searchAttributes } from '../../contract/ids';
import { pinnedTo, readWorkerVersions } from '../../temporal/worker-deployment';
import { claimVersion } from '../../worker/versions/claim';
import { replayInFlight, type Verdict } from '../../worker/versions/replay';
import { upgrade, type UpgradeReport } from '../../worker/versions/upgrade';
import { buildIdOf } from '../../worker/versions/build-id';
import { recordHistory } from '../suites/replay/histories';
import { inSlotA } from '../planning/zone';
import { holding, waitingForApproval } from './blue-green';
import { fails, untilCancelled } from './scripted-activities';
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
const objections = ({ executions }: UpgradeReport) =>
  Object.fromEntries(executions.map(({ workflowId, objection }) => [workflowId, objection]));

const untouched = { approval: 'none', onFailure: 'hold' } as const;

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

test('deployments in every phase go on: with the new version where their history allows it, else with their own', async () => {
  const { deploy } = before;
  const waiting = await deploy(quick);
  const held = await deploy(
    { ...quick, ...untouched },
    {},
    { waitForReplicas: fails('GreenUnhealthy', 'Task 1 stopped') },
  );
  const sharing = await deploy({ ...quick, ...untouched, shift: [{ percent: 10, bake: '1h' }, { percent: 100 }] });
  const working = await deploy({ ...quick, ...untouched }, {}, { waitForReplicas: untilCancelled });
  const baking = await deploy({ ...quick, ...untouched, bake: '1h' });
  const rolling = await deploy(
    { ...quick, ...untouched },
    inSlotA(),
    { waitForRollProgress: untilCancelled },
    'rollingUpdate',
  );
  await waiting.until(waitingForApproval);
  await held.until(holding);
  await sharing.until(({ phase, greenPercent }) => phase === 'bake' && greenPercent === 10);
  await working.until(({ phase }) => phase === 'start');
  await baking.until(({ phase }) => phase === 'bake');
  await rolling.until(({ phase }) => phase === 'shift');
  const goOn = [waiting, held, sharing, working, rolling];

  const later = laterRelease();
  const checked = await upgradeTo(later, { check: true });
  expect(objections(checked.report)).toEqual({
    ...Object.fromEntries(goOn.map(({ handle }) => [handle.workflowId, null])),
    [baking.handle.workflowId]: 'the new code would have gone another way',
  });
  expect(checked.said).toContainEqual(
    expect.stringContaining(`${baking.handle.workflowId} (blueGreen) stays on ${ids.before}, because`),
  );
  expect(checked.said).toContain(`${waiting.handle.workflowId} (blueGreen) goes on`);

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
  expect(await versionOf(baking)).toBe(ids.before);
  expect(await versionOf(await deploy(quick))).toBeNull();

  await waiting.handle.signal('approve');
  held.script({ waitForReplicas: () => undefined });
  await held.handle.signal('retry');
  await sharing.handle.signal('rollback');
  await working.handle.signal('rollback');
  rolling.script({ waitForRollProgress: () => ({ new: 3, starting: 0, old: 0, draining: 0, complete: true }) });
  await rolling.handle.signal('rollback');
  await baking.handle.signal('rollback');
  expect(await waiting.outcome()).toMatchObject({ outcome: 'completed' });
  expect(await held.outcome()).toMatchObject({ outcome: 'completed' });
  for (const deployment of [sharing, working, rolling, baking])
    expect(await deployment.outcome()).toMatchObject({ outcome: 'rolledBack' });
  expect(waiting.calls.filter((call) => call.startsWith('proveReleases'))).toEqual([]);

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
