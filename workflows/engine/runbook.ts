/**
 * What every runbook shares: reading its input, its handlers, its search attributes, how it ends. The input is read whole
 * before anything else; bad input fails the workflow with one sentence and touches nothing.
 */
import {
  allHandlersFinished,
  ApplicationFailure,
  CancellationScope,
  CancelledFailure,
  condition,
  setHandler,
  sleep,
  upsertSearchAttributes,
  workflowInfo,
} from '@temporalio/workflow';
import type { DeploymentPlan } from '../../planning/plans/deployment';
import type { Slot } from '../../planning/names';
import type { Release } from '../../planning/release/release';
import { resolveRunbookOptions } from '../../settings/runbook';
import { handleCommands } from './commands';
import { dossierOf } from './dossier';
import { obeyPlatform } from './platform-deadline';
import { stepFailure } from './failures';
import { countDeployment } from './metrics';
import { parseDeploymentId, searchAttributes } from '../../contract/ids';
import {
  statusQuery,
  type DeploymentOutcome,
  type Evidence,
  type Phase,
  type RollProgress,
  type Runbook,
} from '../../contract/status';
import type { Parsed } from '../../contract/parsing';
import type { RunbookRequest } from '../../contract/runbook-requests';
import { initialState, statusOf, type RunbookState } from './state';
import { procedureOf } from '../text/phases';
import { deploymentSteps, interruptible, TurnBack, wantsBack, type Steps } from './step';

/** What a runbook's plan tells of itself; a removal has no release, and no green. */
export type PlannedRunbook = Pick<DeploymentPlan, 'options' | 'live'> &
  Partial<Pick<DeploymentPlan, 'release' | 'blue' | 'green'>>;

export interface Execution extends Steps {
  /** Whether somebody wants what remains of traffic steps skipped. */
  promoted: () => boolean;
  /** From now on a failure is looked into: what AWS says of it is kept. */
  examining: (examine: () => Promise<Evidence>) => void;
  /**
   * The plan is made: from now on its options hold, and what is live is known.
   * @param afterBake what the end of the last bake does, where that isn't what it always does
   */
  planned: (plan: PlannedRunbook, afterBake?: string) => void;
  /** Green has this share of live traffic now, in percent. */
  shares: (greenPercent: number) => void;
  /** Blue is proven to serve all live traffic again. */
  restored: (plan: Pick<DeploymentPlan, 'live'>) => void;
  /** A slot is proven to serve all live traffic. */
  serves: (slot: Slot, release: Release) => void;
  /** What people should know of how it went. */
  notes: (note: string) => void;
  /** How far a rolling update is. */
  rolls: (progress: RollProgress) => void;
  /** Lets time pass that no command shortens. */
  elapse: (durationMs: number, summary: string) => Promise<void>;
  /** Runs an action; while it takes longer than a worker needs, the status says what may be missing. */
  expecting: <T>(missing: string, action: () => Promise<T>) => Promise<T>;
  /** The part after which nothing rolls back: what fails there for good is reported as left over. */
  finishing: (body: () => Promise<void>) => Promise<void>;
}

/** A worker that is restarted answers within this. */
const workerPatience = '10s';

/** Runs `body` as one execution of a runbook; cancelling it rolls back while that is possible. */
export async function runbook<Request extends RunbookRequest>(
  strategy: Runbook,
  parsed: Parsed<Request>,
  body: (run: Execution, request: Request) => Promise<void>,
): Promise<DeploymentOutcome> {
  if ('error' in parsed) throw ApplicationFailure.nonRetryable(parsed.error, 'InvalidRequest');
  const request = parsed.value;
  const state = initialState(strategy, { image: null, ...request });
  state.restorable = true;
  const interrupts = interruptible();
  let options = resolveRunbookOptions(request);
  let examine: () => Promise<Evidence> = () => Promise.resolve({ tasks: [], targets: [], events: [] });
  const investigate = (phase: Phase, failure: string) => dossierOf(state, phase, failure, examine);
  const turnBack = (by: string, why: string) => {
    state.accepted = { name: 'rollback', by, reason: why };
    interrupts.interrupt();
  };
  const platform = obeyPlatform(state, { turnBack, show: () => steps.show() });
  const steps = deploymentSteps(state, () => options, interrupts, investigate, platform.report);
  const listen = () =>
    handleCommands(state, () => {
      if (wantsBack(state)) interrupts.interrupt();
      steps.show();
    });
  listen();
  setHandler(statusQuery, () => statusOf(state), { description: 'Everything about this deployment as it is now.' });
  const cancelled = whenCancelled(() => {
    if (!state.restorable) return;
    state.accepted = { name: 'rollback', by: 'the cancellation request' };
    interrupts.interrupt();
  });
  identify();

  const run: Execution = {
    ...steps,
    promoted: () => state.promoted,
    examining: (look) => {
      examine = look;
    },
    planned: (plan, afterBake) => {
      options = plan.options;
      state.afterBake = afterBake ?? null;
      state.way = procedureOf(strategy, options.strategy);
      listen();
      state.request = { ...state.request, image: plan.release?.image ?? null };
      state.live = plan.live;
      if (plan.blue && plan.green)
        state.desired = {
          blue: plan.blue.kind === 'platformServer' ? 0 : plan.blue.desiredCount,
          green: plan.green.service.desiredCount,
        };
      if (state.way === 'blueGreen') state.greenPercent = 0;
      steps.show();
    },
    shares: (greenPercent) => {
      state.greenPercent = greenPercent;
      steps.show();
    },
    restored: (plan) => {
      state.live = plan.live;
      if (state.way === 'blueGreen') state.greenPercent = 0;
      steps.show();
    },
    serves: (slot, { image, version }) => {
      state.live = { slot, servedBy: 'container', image, version };
      state.proven = true;
      platform.report();
      steps.show();
    },
    notes: (note) => {
      state.note = state.note === null ? note : `${state.note} ${note}`;
    },
    rolls: (progress) => {
      state.replicas = progress;
      steps.show();
    },
    elapse: (durationMs, summary) => sleep(durationMs, { summary }),
    expecting: async (missing, action) => {
      const patience = new CancellationScope();
      const told = patience
        .run(async () => {
          await sleep(workerPatience, { summary: 'Time enough for a worker to answer' });
          state.missing = missing;
          steps.show();
        })
        .catch(() => undefined);
      try {
        return await action();
      } finally {
        patience.cancel();
        await told;
        state.missing = null;
        steps.show();
      }
    },
    finishing: async (finish) => {
      state.restorable = false;
      steps.show();
      await finish().catch((error: unknown) => {
        if (!(error instanceof TurnBack)) throw error;
        state.failure = `Left over: ${error.reason}`;
      });
    },
  };

  await CancellationScope.nonCancellable(() => body(run, request)).catch((error: unknown) => {
    if (error instanceof TurnBack) turnedBack(state, error);
    else throw refused(state, error);
  });
  platform.ended();
  state.outcome = state.rollingBack ? 'rolledBack' : 'completed';
  countDeployment(state, state.outcome);
  upsertSearchAttributes([{ key: searchAttributes.outcome, value: state.outcome }]);
  steps.show();
  await CancellationScope.nonCancellable(() => condition(allHandlersFinished));
  if (cancelled() && state.rollingBack) throw new CancelledFailure('Rolled back because it was cancelled.');
  return outcomeOf(state);
}

function turnedBack(state: RunbookState, { reason }: TurnBack): void {
  state.failure = reason;
  state.rollingBack = true;
}

/** Invalid input ends the workflow as failed, with its one sentence; anything else is a bug of ours, kept as it is. */
function refused(state: RunbookState, error: unknown): unknown {
  const failure = stepFailure(error);
  if (failure === undefined) return error;
  state.failure = failure.message;
  state.outcome = 'failed';
  countDeployment(state, state.outcome);
  upsertSearchAttributes([{ key: searchAttributes.outcome, value: state.outcome }]);
  return ApplicationFailure.nonRetryable(failure.message, failure.type);
}

/** Calls back once when the workflow is asked to cancel; tells afterwards whether it was. */
function whenCancelled(react: () => void): () => boolean {
  let cancelled = false;
  CancellationScope.current().cancelRequested.catch(() => {
    cancelled = true;
    react();
  });
  return () => cancelled;
}

/** All of them at once and first thing: a run started "like this one" would otherwise show the old run's values. */
function identify(): void {
  const { zone, application } = parseDeploymentId(workflowInfo().workflowId);
  upsertSearchAttributes([
    { key: searchAttributes.zone, value: zone },
    { key: searchAttributes.application, value: application },
    { key: searchAttributes.phase, value: 'plan' },
    { key: searchAttributes.outcome, value: null },
  ]);
}

function outcomeOf(state: RunbookState): DeploymentOutcome {
  return {
    outcome: state.outcome ?? 'completed',
    strategy: state.strategy,
    ...parseDeploymentId(workflowInfo().workflowId),
    image: state.request.image,
    live: state.live ?? { slot: null, servedBy: 'platform-server', image: null, version: null },
    phases: secondsByPhase(state),
    approved: state.approved,
    failure: state.failure,
    note: state.note,
    dossier: state.dossier,
    by: state.request.by ?? null,
    reason: state.request.reason ?? null,
  };
}

function secondsByPhase({ steps }: RunbookState): DeploymentOutcome['phases'] {
  const seconds: Partial<Record<Phase, number>> = {};
  for (const { phase, started, ended } of steps)
    seconds[phase] = Math.round(((seconds[phase] ?? 0) + ((ended ?? started) - started) / 1000) * 1000) / 1000;
  return seconds;
}
