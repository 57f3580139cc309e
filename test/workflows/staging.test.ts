/** A staging on a real Temporal server, with a LifeTime that a test scripts. */
import { ApplicationFailure } from '@temporalio/common';
import type { WorkflowHandle } from '@temporalio/client';
import { Context } from '@temporalio/activity';
import { randomUUID } from 'node:crypto';
import type { CommandRequest, LifeTimeActivities, WatchRequest } from '../../activities/lifetime';
import { stageIdOf, type StagingLook, type StagingPlan, type StagingStatus } from '../../contract/staging';
import { stagingsOf } from '../../client/staging/stagings';
import { recordHistory } from '../suites/replay/histories';
import { openWorld } from './world';

type Script = Partial<Record<keyof LifeTimeActivities, (...args: never[]) => unknown>>;

/** The LifeTime of each staging, by its workflow ID. */
interface Scripted {
  readonly calls: string[];
  readonly script: Script;
  look: StagingLook;
}
const scripted = new Map<string, Scripted>();
const own = () => scripted.get(Context.current().info.workflowExecution?.workflowId ?? '')!;

const plan: StagingPlan = {
  sourceKey: 's',
  targetKey: 't',
  operations: [{ name: 'Orders', applicationKey: 'k', versionKey: 'v', deploymentZoneKey: '' }],
  notes: [],
  zone: 'production',
  patienceMs: 60_000,
  followMs: 3_600_000,
};
const looking = (state: StagingLook['state'], more: Partial<StagingLook> = {}): StagingLook => ({
  state,
  info: state === 'needs_user_intervention' ? 'deploy_prepared' : '',
  messages: 1,
  lastMessage: null,
  away: null,
  operations: [],
  ...more,
});

const usual: Script = {
  planStaging: () => plan,
  createDeployment: () => 'd-1',
  examineDeployment: () => ({ conflicts: [], operations: [{ applicationKey: 'k', operation: 'Deploy 1.5' }] }),
  discardDeployment: () => undefined,
  commandDeployment: ({ command }: CommandRequest) => {
    const states = { start: 'needs_user_intervention', continue: 'finished_successful', abort: 'aborted' } as const;
    own().look = looking(states[command]);
  },
  watchStaging: async ({ seen }: WatchRequest) => {
    const it = own();
    while (JSON.stringify(it.look) === JSON.stringify(seen)) {
      Context.current().heartbeat();
      await Context.current().sleep(50);
    }
    return it.look;
  },
};

const activities = Object.fromEntries(
  Object.keys(usual).map((name) => [
    name,
    async (...args: never[]) => {
      const { calls, script } = own();
      const { command } = Object(args[0]) as { readonly command?: string };
      if (name !== 'watchStaging') calls.push(command ?? name);
      return await (script[name as keyof LifeTimeActivities] ?? usual[name as keyof LifeTimeActivities])?.(...args);
    },
  ]),
);
const opening = openWorld({ activities });
afterAll(async () => (await opening).close());

interface Stage extends Scripted {
  readonly handle: WorkflowHandle;
  readonly until: (isSo: (status: StagingStatus) => boolean) => Promise<StagingStatus>;
  readonly ended: () => Promise<StagingStatus>;
}

async function stage(script: Script = {}): Promise<Stage> {
  const { client } = await opening;
  const to = `Production ${randomUUID()}`;
  const workflowId = stageIdOf(to);
  const it: Scripted = { calls: [], script, look: looking('saved') };
  scripted.set(workflowId, it);
  const args = [{ applications: ['Orders'], from: 'Development', to, by: 'Ana' }];
  const handle = await client.workflow.start('stage', { workflowId, taskQueue: 'cutover', args });
  const until: Stage['until'] = async (isSo) => {
    for (;;) {
      const status = await handle.query<StagingStatus>('status');
      if (isSo(status)) return status;
      if (status.outcome !== null) throw new Error(`It ended first: ${JSON.stringify(status)}`);
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  };
  return Object.assign(it, { handle, until, ended: () => handle.result() as Promise<StagingStatus> });
}

const isAsked = ({ waitingFor }: StagingStatus) => waitingFor !== null;
const away = ApplicationFailure.retryable('lifetime.example.com gave no whole answer (ECONNREFUSED).', 'LifeTimeAway');
/** Fails for the first times, then does as usual. */
const awayAtFirst = (name: keyof LifeTimeActivities, times = 1) => ({
  [name]: async (...args: never[]) => {
    if (times-- > 0) throw away;
    return await usual[name]?.(...args);
  },
});

test('a staging is made, started, let on by a person and followed to its end', async () => {
  const it = await stage();
  const asked = await it.until(isAsked);
  expect(asked).toMatchObject({
    deployment: 'd-1',
    state: 'needs_user_intervention',
    waitingFor: expect.stringContaining('waits before it deploys'),
    commands: ['approve', 'abort'],
    applications: [{ name: 'Orders', operation: 'Deploy 1.5' }],
  });
  const described = await it.handle.describe();
  expect(described.searchAttributes).toMatchObject({
    CutoverWaitsFor: ['approval'],
    CutoverZone: ['production'],
    CutoverApplication: ['Orders'],
  });
  await it.handle.executeUpdate('approve', { args: [{ by: 'Ben', reason: 'tested' }] });
  expect(await it.ended()).toMatchObject({
    outcome: 'completed',
    state: 'finished_successful',
    waitingFor: null,
    notes: ['approve by Ben: tested'],
  });
  expect(it.calls).toEqual(['planStaging', 'createDeployment', 'examineDeployment', 'start', 'continue']);
  await recordHistory('staged', () => it.handle.fetchHistory());
});

test('a LifeTime that is away is asked again and told, before the start, at a command and while it is followed', async () => {
  const it = await stage(awayAtFirst('createDeployment'));
  expect((await it.until(({ away: why }) => why !== null)).away).toContain('ECONNREFUSED');
  await it.until(isAsked);
  it.look = looking('needs_user_intervention', { away: 'gone', messages: 2 });
  await it.until(({ away: why }) => why === 'gone');
  Object.assign(it.script, awayAtFirst('commandDeployment'), awayAtFirst('watchStaging'));
  await it.handle.executeUpdate('approve');
  expect(await it.ended()).toMatchObject({ outcome: 'completed', away: null });
  expect(it.calls.filter((call) => call === 'createDeployment')).toHaveLength(2);
  expect(it.calls.filter((call) => call === 'continue')).toHaveLength(2);
});

test('a LifeTime that stays away is given up before anything is started, and what may be there is told', async () => {
  const it = await stage({
    planStaging: () => ({ ...plan, patienceMs: 0 }),
    createDeployment: () => Promise.reject(away),
  });
  expect(await it.ended()).toMatchObject({
    outcome: 'failed',
    failure: expect.stringContaining('ECONNREFUSED'),
    notes: [expect.stringMatching(/may be a deployment in LifeTime.*\(cutover stage:production/)],
  });
  expect(it.calls).toEqual(['planStaging', 'createDeployment']);
});

test('conflicts are told, nothing is started, and the plan is discarded', async () => {
  const it = await stage({ examineDeployment: () => ({ conflicts: ['Orders needs Core 2.0'], operations: [] }) });
  expect(await it.ended()).toMatchObject({
    outcome: 'failed',
    failure: expect.stringContaining('Orders needs Core 2.0'),
  });
  expect(it.calls.slice(-2)).toEqual(['examineDeployment', 'discardDeployment']);
});

test('an abort before the start discards the plan', async () => {
  let go = () => {};
  const held = new Promise<void>((resolve) => (go = resolve));
  const it = await stage({ createDeployment: () => held.then(() => 'd-1') });
  while (!it.calls.includes('createDeployment')) await new Promise((resolve) => setTimeout(resolve, 20));
  await it.handle.signal('abort', null);
  await it.until(({ commands }) => commands.length === 0);
  go();
  expect(await it.ended()).toMatchObject({ outcome: 'aborted' });
  expect(it.calls).toEqual(['planStaging', 'createDeployment', 'examineDeployment', 'discardDeployment']);
});

test('a command that doesn’t fit is refused with a sentence; LifeTime’s own refusal too; an abort ends it', async () => {
  const it = await stage();
  await it.until(isAsked);
  it.look = looking('running');
  await it.until(({ state }) => state === 'running');
  await expect(it.handle.executeUpdate('approve')).rejects.toMatchObject({
    cause: { message: 'approve was refused: LifeTime waits for nobody now.' },
  });
  const refusal = ApplicationFailure.nonRetryable('LifeTime answered 400 to POST: too late.', 'LifeTimeRefused', 400);
  it.script.commandDeployment = () => Promise.reject(refusal);
  await expect(it.handle.executeUpdate('abort', { args: [{ by: 'Ana' }] })).rejects.toMatchObject({
    cause: { message: expect.stringContaining('too late') },
  });
  delete it.script.commandDeployment;
  await it.handle.executeUpdate('abort', { args: [{ by: 'Ana' }] });
  expect(await it.ended()).toMatchObject({ outcome: 'aborted', failure: null });
});

test('what is refused, what has nothing to do and what takes too long end with a sentence, and none is stuck', async () => {
  const [refused, nothing, long, errors] = await Promise.all([
    stage({ planStaging: () => Promise.reject(ApplicationFailure.nonRetryable('No Orders.', 'StagingRefused')) }),
    stage({ planStaging: () => ({ ...plan, operations: [], notes: ['Orders is there already in this version.'] }) }),
    stage({ planStaging: () => ({ ...plan, followMs: 0 }) }),
    stage({
      commandDeployment: () => {
        own().look = looking('finished_with_errors', { lastMessage: 'Deploying failed' });
      },
    }),
  ]);
  expect(await refused.ended()).toMatchObject({ outcome: 'failed', failure: 'No Orders.' });
  expect(await nothing.ended()).toMatchObject({
    outcome: 'completed',
    notes: ['Orders is there already in this version.'],
  });
  expect(await long.ended()).toMatchObject({ outcome: 'unfollowed', failure: expect.stringContaining('d-1 goes on') });
  expect(await errors.ended()).toMatchObject({
    outcome: 'failed',
    failure: 'LifeTime finished with errors: Deploying failed',
  });
});

test('the same staging asked for again is the one that runs; another into that environment is refused', async () => {
  const { client } = await opening;
  const stagings = stagingsOf(client);
  const to = `Twice ${randomUUID()}`;
  scripted.set(stageIdOf(to), { calls: [], script: {}, look: looking('saved') });
  const request = { applications: ['Orders'], from: 'Development', to };
  const first = await stagings.start(request);
  expect(await stagings.start({ ...request, applications: ['ORDERS'], by: 'Ben' })).toEqual({
    ...first,
    attached: true,
  });
  await expect(stagings.start({ ...request, applications: ['Billing'] })).rejects.toThrow(
    /one deployment into an environment at a time/,
  );
  while (!isAsked(await stagings.status(to))) await new Promise((resolve) => setTimeout(resolve, 20));
  await stagings.command(to, 'abort', { by: 'Ana' });
  expect(await stagings.ended(first)).toMatchObject({ outcome: 'aborted' });
});
