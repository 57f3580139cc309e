/**
 * A staging: LifeTime deploys versions of applications from one environment to another. It is planned, created, examined, started
 * and followed to its end; what the platform calls meanwhile is shown with it. LifeTime's own deployment goes on whatever
 * becomes of this run, and only a person aborts it.
 */
import {
  allHandlersFinished,
  ApplicationFailure,
  condition,
  continueAsNew,
  upsertSearchAttributes,
  workflowInfo,
} from '@temporalio/workflow';
import { searchAttributes } from '../../contract/ids';
import {
  parseStageRequest,
  type StageRequest,
  type StagingLook,
  type StagingOutcome,
  type StagingPlan,
  type StagingStatus,
} from '../../contract/staging';
import { stepFailure } from '../engine/failures';
import { askedUntilAnswered, lifeTime, watching } from './activities';
import { handleCommands } from './commands';
import { openStaging, type Staging } from './state';

/** What is followed, and for how long. */
type Begun = NonNullable<StageRequest['goesOn']>;

/** @throws {ApplicationFailure} of type `InvalidRequest` when the input can't be read, with one sentence */
export async function stage(input?: unknown): Promise<StagingStatus> {
  const parsed = parseStageRequest(input);
  if ('error' in parsed) throw ApplicationFailure.nonRetryable(parsed.error, 'InvalidRequest');
  const staging = openStaging(parsed.value);
  handleCommands(staging);
  try {
    const begun = parsed.value.goesOn ?? (await begin(staging));
    if (begun !== null) await follow(staging, begun);
  } catch (error) {
    const failure = stepFailure(error);
    if (!failure) throw error;
    end(staging, 'failed', failure.message);
  }
  await condition(allHandlersFinished);
  return staging.status();
}

function end(staging: Staging, outcome: StagingOutcome, failure: string | null = null): null {
  staging.show({ outcome, failure, doing: 'Over', away: null });
  return null;
}

/** @returns `null` where there is nothing to follow */
async function begin(staging: Staging): Promise<Begun | null> {
  const { request, state, show } = staging;
  const isAborted = () => state.aborts;
  const plan = await askedUntilAnswered(staging, () => lifeTime.planStaging(request), isAborted);
  show({ patienceMs: plan.patienceMs, notes: [...state.notes, ...plan.notes] });
  if (plan.operations.length === 0) return end(staging, 'completed');
  if (isAborted()) return end(staging, 'aborted');
  const deployment = await create(staging, plan);
  show({ deployment, doing: 'Asks LifeTime what it would do' });
  const { operations, conflicts } = await askedUntilAnswered(staging, () => lifeTime.examineDeployment(deployment));
  const applications = plan.operations.map(({ name, applicationKey: key }) => {
    const operation = operations.find(({ applicationKey }) => applicationKey === key)?.operation;
    return { name, key, operation: operation || null };
  });
  show({ applications });
  if (conflicts.length > 0 || isAborted()) {
    await askedUntilAnswered(staging, () => lifeTime.discardDeployment(deployment));
    if (isAborted()) return end(staging, 'aborted');
    return end(
      staging,
      'failed',
      `LifeTime sees conflicts, and nothing was started: ${conflicts.slice(0, 5).join('; ')}`,
    );
  }
  const since = new Date().toISOString();
  const until = new Date(Date.now() + plan.followMs).toISOString();
  show({ doing: 'Starts it in LifeTime' });
  await askedUntilAnswered(staging, (again) =>
    lifeTime.commandDeployment({
      deployment,
      command: 'start',
      redeployOutdated: request.redeployOutdated ?? false,
      again,
    }),
  );
  const { zone, patienceMs } = plan;
  return { deployment, applications, since, until, zone, patienceMs, notes: [...state.notes] };
}

/** Nobody knows what an unanswered attempt made: each looks for it first, by a marker that stays the same over all of them. */
async function create(staging: Staging, plan: StagingPlan): Promise<string> {
  const { request } = staging;
  const { workflowId, firstExecutionRunId, startTime } = workflowInfo();
  const marker = `(cutover ${workflowId} ${firstExecutionRunId})`;
  staging.show({ doing: 'Makes a deployment in LifeTime' });
  const notes = `${request.reason ?? 'Staged'}${request.by === undefined ? '' : `, by ${request.by}`}`;
  try {
    return await askedUntilAnswered(staging, () =>
      lifeTime.createDeployment(plan, notes, marker, startTime.toISOString()),
    );
  } catch (error) {
    if (stepFailure(error)?.type !== 'LifeTimeRefused')
      staging.note(`There may be a deployment in LifeTime that was never started: its notes hold ${marker}.`);
    throw error;
  }
}

async function follow(staging: Staging, begun: Begun): Promise<void> {
  const { state, show } = staging;
  const { deployment, applications, since, until, zone: callsIn } = begun;
  const applicationKeys = applications.map(({ key }) => key);
  if (callsIn !== null) upsertSearchAttributes([{ key: searchAttributes.zone, value: callsIn }]);
  let seen: StagingLook | null = null;
  for (;;) {
    const look = await lookOnce(staging, { deployment, applicationKeys, since, callsIn, seen }, until);
    if (look === null) {
      const where = `LifeTime's deployment ${deployment} goes on, and is no longer followed`;
      end(staging, 'unfollowed', `${where}: it had not ended in time.`);
      return;
    }
    seen = look;
    show({ ...look, doing: doings[look.state ?? 'saved'] ?? 'Follows it' });
    // Aborted in the moment when it was being started.
    if (state.aborts && look.state === 'running') await abortNow(staging, deployment);
    const ending = look.state && endings[look.state];
    if (ending) {
      conclude(staging, ending);
      return;
    }
    if (workflowInfo().continueAsNewSuggested && !state.aborts) {
      await condition(allHandlersFinished);
      await continueAsNew<typeof stage>({ ...staging.request, goesOn: { ...begun, notes: [...state.notes] } });
    }
  }
}

const doings: Readonly<Record<string, string>> = {
  running: 'LifeTime deploys',
  needs_user_intervention: 'LifeTime waits for people',
  aborting: 'LifeTime aborts it',
};

const endings: Readonly<Record<string, StagingOutcome>> = {
  aborted: 'aborted',
  finished_successful: 'completed',
  finished_with_warnings: 'completed',
  finished_with_errors: 'failed',
};

function conclude(staging: Staging, outcome: StagingOutcome): void {
  const { state } = staging;
  if (state.state === 'finished_with_warnings') staging.note('LifeTime finished with warnings: look at its log.');
  const said = state.lastMessage === null ? '' : `: ${state.lastMessage}`;
  end(staging, outcome, outcome === 'failed' ? `LifeTime finished with errors${said}` : null);
}

type Watched = Parameters<typeof watching.watchStaging>[0];

/** @returns `null` once it has been followed for long enough */
async function lookOnce(staging: Staging, watched: Watched, until: string): Promise<StagingLook | null> {
  let look: StagingLook | undefined;
  for (let pauseMs = 1_000; look === undefined; pauseMs = Math.min(2 * pauseMs, 30_000)) {
    const leftMs = Date.parse(until) - Date.now();
    if (leftMs <= 0) return null;
    try {
      look = await watching.watchStaging(watched);
    } catch (error) {
      const failure = stepFailure(error);
      if (failure === undefined || failure.type === 'LifeTimeRefused') throw error;
      // An hour without news is no trouble.
      if (failure.type !== 'Timeout') staging.show({ away: failure.message });
      await condition(() => false, Math.min(pauseMs, leftMs), { summary: 'It is looked at again' });
    }
  }
  return look;
}

async function abortNow(staging: Staging, deployment: string): Promise<void> {
  await askedUntilAnswered(staging, (again) => lifeTime.commandDeployment({ deployment, command: 'abort', again }));
}
