/**
 * Starts a runbook for a hook call and follows it. The runbook has a life of its own: it is the application's lock, people steer it,
 * and it goes on when its call has ended.
 */
import { WorkflowExecutionAlreadyStartedError } from '@temporalio/common';
import {
  condition,
  log,
  ParentClosePolicy,
  patched,
  setHandler,
  startChild,
  type ChildWorkflowHandle,
} from '@temporalio/workflow';
import type { HookDeploymentPlan } from '../../planning/plans/hook-deployment';
import { plainSummary } from '../../contract/text';
import { parseReport, reportSignal, type RunbookReport } from '../../contract/hook-calls';
import { workflowTaskTimeout } from '../../contract/ids';
import type { DeploymentOutcome, Runbook } from '../../contract/status';
import { stepFailure } from '../engine/failures';
import { measureTurn } from '../engine/metrics';
import { deploymentsUntil, hookActivitiesUntil } from './activities';
import { HookCallFailed, whyFailed } from './failures';
import type { HookCall } from './hook-call';
import { earlierTurnOf, turnOf, type Turn } from './turn';

/** What a deployment is started with. */
export interface Start {
  readonly strategy: Runbook;
  readonly input: object;
}

/** A deployment that a hook call started, and follows. */
export interface FollowedDeployment {
  /** Returns once the platform may be answered success. @throws {HookCallFailed} when it may not, or not in time */
  readonly waitUntilForward: () => Promise<void>;
  /** Returns its outcome once it has ended; `null` as soon as only time or people are waited for. */
  readonly waitUntilOver: () => Promise<DeploymentOutcome | null>;
  readonly isOver: () => boolean;
}

/** How it goes about a deployment that it has its turn for. */
export interface InTurn<Result> {
  /** By when it must have its turn, ISO 8601; `null` to wait as long as it takes. */
  readonly until: string | null;
  /** What to start, by the plan for what is live when its turn has come; `null` for nothing. */
  readonly choose: (plan: HookDeploymentPlan) => Start | null;
  readonly follow: (deployment: FollowedDeployment) => Promise<Result>;
}

/**
 * Waits for the call's turn, starts what `choose` wants then, and has its turn until `follow` has returned.
 * @returns `null` where `choose` wants nothing, and where there is nothing of the application
 * @throws {HookCallFailed} when it has no turn in time, or a newer call takes its place
 */
export async function deployInTurn<Result>(
  call: HookCall,
  { until, choose, follow: followed }: InTurn<Result>,
): Promise<Result | null> {
  const reports = collectReports();
  const turn = patched('turns-in-a-workflow') ? turnOf(call, until) : earlierTurnOf(call, until);
  let deployment: FollowedDeployment | undefined;
  try {
    for (;;) {
      const plan = await takeTurn(call, turn, until);
      const start = plan && choose(plan);
      if (!start) return null;
      const child = await startRunbook(plan.lock, start, `${call.request.applicationName}, called by the platform`);
      // Another deployment was quicker: that one comes first.
      if (!child) continue;
      turn.started({ lock: plan.lock, runId: child.firstExecutionRunId });
      call.show({ runbook: plan.lock, doing: `Follows the deployment ${plan.lock}` });
      deployment = follow(call, child, reports);
      return await followed(deployment);
    }
  } finally {
    await turn.leave(deployment?.isOver() ?? true);
  }
}

/**
 * Only a publish may make what isn't there: any other call of an application that was never built here would only keep others waiting,
 * and anybody with the URL can make up as many as he likes.
 * @returns the plan for what is live when its turn has come; `null` where it needs none, for there is nothing of the application
 */
async function takeTurn(call: HookCall, turn: Turn, until: string | null): Promise<HookDeploymentPlan | null> {
  const { method, request } = call;
  const clock = until === null ? null : call.clock;
  for (;;) {
    call.show({ doing: 'Looks what is live' });
    const before = await hookActivitiesUntil(until).planOperation(method, request, clock);
    if (before.isUnknown && method !== 'ContainerRun') {
      measureTurn(method, request, 0);
      return null;
    }
    call.show({ doing: `Waits for its turn with ${before.lock}`, isKnown: true });
    await turn.take(before);
    // What is live may have changed while it waited.
    const plan = await hookActivitiesUntil(until).planOperation(method, request, clock);
    if (plan.lock === before.lock) return plan;
  }
}

/** @returns `undefined` when a run under this ID goes on already */
async function startRunbook(
  workflowId: string,
  { strategy, input }: Start,
  summary: string,
): Promise<ChildWorkflowHandle<() => Promise<DeploymentOutcome>> | undefined> {
  try {
    return await startChild<() => Promise<DeploymentOutcome>>(strategy, {
      workflowId,
      workflowTaskTimeout,
      args: [input] as never,
      parentClosePolicy: ParentClosePolicy.ABANDON,
      staticSummary: plainSummary(summary),
    });
  } catch (error) {
    if (error instanceof WorkflowExecutionAlreadyStartedError) return undefined;
    throw error;
  }
}

interface Reports {
  readonly newest: () => RunbookReport | undefined;
  /** How often it was said that blue is being retired, or that what is proven is not taken back any more. */
  readonly saidForward: () => number;
  /** The newest was somebody else's. */
  readonly forgetNewest: () => void;
}

/** Must be called before the runbook starts: its first report comes at once. */
function collectReports(): Reports {
  let newest: RunbookReport | undefined;
  let saidForward = 0;
  setHandler(reportSignal, (sent?: unknown) => {
    const parsed = parseReport(sent);
    if ('error' in parsed) return log.warn(`The signal report was ignored: ${parsed.error}`);
    const report = parsed.value;
    if (newest === undefined || report.order > newest.order) newest = report;
    const { phase, commits, rollingBack } = report;
    if (!rollingBack && (commits || phase === 'retire' || phase === 'cleanUp')) saidForward += 1;
  });
  const forgetNewest = (): void => {
    newest = undefined;
  };
  return { newest: () => newest, saidForward: () => saidForward, forgetNewest };
}

function follow(
  { request, clock }: HookCall,
  child: ChildWorkflowHandle<() => Promise<DeploymentOutcome>>,
  { newest, saidForward, forgetNewest }: Reports,
): FollowedDeployment {
  let ended: { readonly outcome: DeploymentOutcome } | { readonly error: unknown } | undefined;
  child.result().then(
    (outcome) => {
      ended = { outcome };
    },
    (error: unknown) => {
      ended = { error };
    },
  );
  return {
    waitUntilForward: async () => {
      let disproven = 0;
      for (;;) {
        const leftMs = Math.max(0, Date.parse(clock.answerBy) - Date.now());
        const summary = 'The platform wants an answer then';
        await condition(() => ended !== undefined || saidForward() > disproven, leftMs, { summary });
        if (ended && 'error' in ended) throw new HookCallFailed(whyFailed(ended.error) ?? 'The deployment failed.');
        if (ended) return refuseRollback(request.applicationName, ended.outcome);
        const said = saidForward();
        if (said === disproven) throw new HookCallFailed(formatUnfinished(newest()));
        if (!patched('deployments-are-asked') || (await saysSo(child, clock.answerBy))) return;
        log.warn(
          'A report said that the deployment goes back no more, and the deployment says that it may: somebody else sent it.',
        );
        // What was said since may be true.
        disproven = said;
        forgetNewest();
      }
    },
    waitUntilOver: async () => {
      // A bake that the platform doesn't wait for is no work, and a person's answer isn't either: others may have its place.
      const isNoWork = ['hold', 'bake', ...(patched('approvals-are-no-work') ? ['approve'] : [])];
      await condition(() => ended !== undefined || isNoWork.includes(newest()?.phase ?? ''));
      return ended && 'outcome' in ended ? ended.outcome : null;
    },
    isOver: () => ended !== undefined,
  };
}

/** Whether the deployment itself says that it goes back no more: anybody who reaches Temporal can send a report. */
async function saysSo(
  { workflowId, firstExecutionRunId: runId }: ChildWorkflowHandle<() => Promise<DeploymentOutcome>>,
  until: string,
): Promise<boolean> {
  try {
    return await deploymentsUntil(until).isForward({ workflowId, runId });
  } catch (error) {
    if (stepFailure(error) === undefined) throw error;
    throw new HookCallFailed('The deployment could not be asked in time whether it goes back.');
  }
}

function refuseRollback(applicationName: string, { outcome, failure }: DeploymentOutcome): void {
  if (outcome !== 'completed')
    throw new HookCallFailed(`${applicationName} was rolled back. ${failure ?? 'No reason was given.'}`);
}

function formatUnfinished(report: RunbookReport | undefined): string {
  const where = report ? ` It is in ${report.phase}${report.failure === null ? '' : `: ${report.failure}`}` : '';
  return `The deployment did not end while the platform waited, and goes back to what served before.${where}`;
}
