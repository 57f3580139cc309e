/**
 * Two versions of cutover side by side on a real Temporal server, with a deployment in every phase under traffic: what the later
 * version can go on with goes over, the rest ends with the workers that began it, new deployments go to the new ones, and then the
 * old ones may stop. No request is lost.
 */
import type { ChildProcess } from 'node:child_process';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Client } from '@temporalio/client';
import type { StartedDeployment } from '../../../client/deployments';
import type { CommandName } from '../../../contract/commands';
import { deploymentIdOf } from '../../../contract/ids';
import type { RunbookRequestInput } from '../../../contract/runbook-requests';
import { phases, type DeploymentStatus, type Phase } from '../../../contract/status';
import { changeSettings } from '../../../local/stack/settings';
import { pinnedTo } from '../../../temporal/worker-deployment';
import { buildIdOf } from '../../../worker/versions/build-id';
import type { UpgradeReport } from '../../../worker/versions/upgrade';
import type { LiveApplication } from '../e2e/live-application';
import { ended, startWorker, thisProgram } from '../e2e/worker-process';
import { cutover, restart, startCluster, type Cluster } from './cluster';
import { laterRelease } from './later-release';

/** Temporal looks every three minutes whether a version is drained. */
const lookOften = `
matching.wv.VersionDrainageStatusVisibilityGracePeriod:
  - value: 1s
matching.wv.VersionDrainageStatusRefreshInterval:
  - value: 1s
`;

const container = (version: string) => ({ servedBy: 'container', version }) as const;
const bundleOf = (program: string) => join(program, 'lib', 'workflow-bundle.js');

let cluster: Cluster;
let temporal: Client;
let later: string;
let laterWorker: ChildProcess | undefined;
const ids = { before: '', later: '' };

beforeAll(async () => {
  cluster = await startCluster(lookOften);
  const { living } = cluster.own;
  await changeSettings(living.stack().settings, [
    { path: ['temporal', 'workerVersioning'], value: true },
    { path: ['zones', 'local', 'desiredCount'], value: 1 },
  ]);
  await restart(cluster.own, 'worker');
  temporal = await living.stackTemporal();
  later = await laterRelease();
  ids.before = buildIdOf(bundleOf(thisProgram));
  ids.later = buildIdOf(bundleOf(later));
}, 300_000);

afterAll(async () => {
  await ended(laterWorker, 'SIGKILL');
  await cluster.close();
  await rm(later, { recursive: true, force: true });
}, 120_000);

/** How a deployment comes into a phase and stays there, and how it goes on. */
interface Way {
  readonly input?: RunbookRequestInput;
  /** What is said once it is in this phase. */
  readonly then?: { readonly in: Phase; readonly say: CommandName };
  readonly goOn?: CommandName;
  /** Whether the later release can go on with it. */
  readonly goesOn: boolean;
}

const paused = (phase: Phase): Pick<Way, 'then' | 'goOn'> => ({ then: { in: phase, say: 'pause' }, goOn: 'resume' });
const baking = { bake: '1h' };
const ways: Record<Phase, Way> = {
  plan: { ...paused('plan'), goesOn: true },
  prepare: { ...paused('prepare'), goesOn: true },
  start: { ...paused('start'), goesOn: true },
  verify: { ...paused('verify'), goesOn: true },
  approve: { input: { approval: 'afterVerify' }, goOn: 'approve', goesOn: true },
  shift: { ...paused('shift'), goesOn: true },
  settle: { ...paused('settle'), input: { settle: '5s' }, goesOn: true },
  bake: { input: baking, goOn: 'promote', goesOn: false },
  retire: { input: baking, then: { in: 'bake', say: 'promote' }, goesOn: false },
  cleanUp: { input: baking, then: { in: 'bake', say: 'promote' }, goesOn: false },
  rollBack: { input: baking, then: { in: 'bake', say: 'rollback' }, goesOn: false },
  hold: { goOn: 'retry', goesOn: true },
};

/** What keeps it there, because no command does: AWS has an outage of this call. */
const outages: Partial<Record<Phase, string>> = {
  cleanUp: 'elasticloadbalancing:DeleteRule',
  retire: 'ecs:UpdateService',
  rollBack: 'ecs:UpdateService',
};

/** Calls that make a phase last long enough to be paused in. */
const slow = [
  'elasticloadbalancing:DescribeListeners',
  'ecs:RegisterTaskDefinition',
  'elasticloadbalancing:DescribeTargetHealth',
  'elasticloadbalancing:ModifyRule',
];

interface InPhase {
  readonly phase: Phase;
  readonly application: LiveApplication;
  readonly run: StartedDeployment;
}

async function living(phase: Phase): Promise<LiveApplication> {
  const { liveApplication, stack } = cluster.own.living;
  const name = `In${phase[0]?.toUpperCase()}${phase.slice(1)}`;
  const entrance = { loadBalancer: stack().loadBalancer, requestsPerSecond: 4 };
  const application = await liveApplication(name, [name], stack().zone, entrance);
  await application.ended(await application.deploy({ version: '2.0' }));
  await application.traffic.expect(name, [container('2.0'), container('3.0')]);
  return application;
}

async function bringInto(phase: Phase, application: LiveApplication): Promise<InPhase> {
  const { input, then } = ways[phase];
  const run = await application.deploy({ version: '3.0', startSeconds: 2 }, { ...input, onFailure: 'hold' });
  if (then !== undefined) {
    await whenIn(then.in, application);
    await application.deployments.command(application.target, then.say, { by: 'Ana' });
  }
  await whenIn(phase, application);
  return { phase, application, run };
}

async function whenIn(phase: Phase, application: LiveApplication): Promise<DeploymentStatus> {
  return await application.until((status) => status.phase === phase);
}

const handleOf = ({ application, run }: InPhase) =>
  temporal.workflow.getHandle(deploymentIdOf(application.target), run.runId);
const versionOf = async (one: InPhase) => pinnedTo(await handleOf(one).describe());
const upgraded = async (...words: string[]) =>
  JSON.parse(await cutover(cluster.own, later, 'upgrade', '--json', ...words)) as UpgradeReport;

/** One after the other into what an outage keeps them in: it strikes everybody. */
async function bringEach(
  applications: ReadonlyMap<Phase, LiveApplication>,
): Promise<{ all: InPhase[]; mend(): Promise<void> }> {
  const { setFault } = cluster.own.living;
  const enter = async (phase: Phase) => await bringInto(phase, applications.get(phase)!);
  const mends: (() => Promise<void>)[] = [];
  await setFault({ kind: 'accessDenied', operation: 'ecs:RegisterTaskDefinition', times: 1 });
  const all = [await enter('hold')];
  const hurry: (() => Promise<void>)[] = [];
  for (const operation of slow) hurry.push(await setFault({ kind: 'latency', operation, latencyMs: 1_500 }));
  const others = phases.filter((phase) => phase !== 'hold' && outages[phase] === undefined);
  all.push(...(await Promise.all(others.map(enter))));
  for (const mend of hurry) await mend();
  // Before any of them is to be kept there, all have come as far as the bake.
  const late = Object.keys(outages) as Phase[];
  const runs = await Promise.all(
    late.map(async (phase) => {
      const application = applications.get(phase)!;
      const run = await application.deploy({ version: '3.0', startSeconds: 2 }, { ...baking, onFailure: 'hold' });
      await whenIn('bake', application);
      return { phase, application, run };
    }),
  );
  for (const one of runs) {
    const operation = outages[one.phase] ?? '';
    mends.push(await setFault({ kind: 'error', operation, code: 'ServiceUnavailable', status: 503 }));
    await one.application.deployments.command(one.application.target, ways[one.phase].then!.say, { by: 'Ana' });
    await whenIn(one.phase, one.application);
  }
  all.push(...runs);
  return { all, mend: async () => void (await Promise.all(mends.map((mend) => mend()))) };
}

test('deployments in every phase end with the version that can end them, new ones begin with the new, and no request is lost', async () => {
  const applications = new Map<Phase, LiveApplication>();
  // A few at a time: each of them starts processes.
  for (let at = 0; at < phases.length; at += 4)
    await Promise.all(phases.slice(at, at + 4).map(async (phase) => applications.set(phase, await living(phase))));
  const { all, mend } = await bringEach(applications);
  expect(new Set(all.map(({ phase }) => phase))).toEqual(new Set(phases));

  laterWorker = await startWorker(cluster.own.living.stack(), { program: later });
  const { executions, moved } = await upgraded('--no-wait');
  const goOn = all.filter(({ phase }) => ways[phase].goesOn);
  const stay = all.filter(({ phase }) => !ways[phase].goesOn);
  const idsOf = (some: readonly InPhase[]) =>
    some.map(({ application }) => deploymentIdOf(application.target)).toSorted();
  const deployments = executions.filter(({ type }) => type === 'blueGreen');
  expect(deployments.flatMap(({ workflowId, objection }) => (objection ? [workflowId] : [])).toSorted()).toEqual(
    idsOf(stay),
  );
  expect(moved.filter((id) => idsOf(all).includes(id)).toSorted()).toEqual(idsOf(goOn));
  for (const { phase, application } of all)
    expect((await application.deployments.status(application.target)).phase).toBe(phase);

  await mend();
  for (const { phase, application } of all) {
    const { goOn: say } = ways[phase];
    if (say !== undefined) await application.deployments.command(application.target, say, { by: 'Ana' });
  }
  for (const one of all) {
    const ending = await one.application.deployments.ended(one.run);
    expect([one.phase, ending, await versionOf(one)]).toMatchObject([
      one.phase,
      { result: { outcome: one.phase === 'rollBack' ? 'rolledBack' : 'completed' } },
      ways[one.phase].goesOn ? ids.later : ids.before,
    ]);
  }

  const [first] = all;
  const begun = await first!.application.deploy({ version: '3.0' });
  await first!.application.ended(begun);
  expect(await versionOf({ ...first!, run: begun })).toBe(ids.later);

  const { versions } = await upgraded();
  expect(versions).toEqual(
    expect.arrayContaining([
      { buildId: ids.later, state: 'current', mayStop: false },
      { buildId: ids.before, state: 'drained', mayStop: true },
    ]),
  );
  await sleep(1_000);
  for (const { phase, application } of all) {
    const { failures, sent } = await application.traffic.report();
    expect([phase, failures]).toEqual([phase, []]);
    expect(sent).toBeGreaterThan(0);
  }
});
