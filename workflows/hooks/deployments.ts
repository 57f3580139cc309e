/**
 * Starts a runbook for an operation and follows it. The runbook has a life of its own: it is the application's lock, people
 * steer it, and it goes on when its operation has ended.
 */
import {
  condition,
  ParentClosePolicy,
  setHandler,
  startChild,
  workflowInfo,
  type ChildWorkflowHandle,
} from '@temporalio/workflow';
import { WorkflowExecutionAlreadyStartedError } from '@temporalio/common';
import type { HookDeploymentPlan } from '../../planning/plans/hook-deployment';
import { measureTurn } from '../engine/metrics';
import { workflowTaskTimeout } from '../../contract/ids';
import type { DeploymentOutcome, Runbook } from '../../contract/status';
import { reportSignal, type RunbookReport } from '../../contract/hook-calls';
import { operationsUntil } from './activities';
import { OperationFailed, whyFailed } from './failures';
import type { Operation } from './hook-call';

/** What a deployment is started with. */
export interface Start {
  readonly strategy: Runbook;
  readonly input: object;
}

export interface Following {
  /** Returns once the platform may be told success. @throws OperationFailed otherwise */
  readonly forward: () => Promise<void>;
  /** Once the platform was told: returns when it has ended, or only time or people are waited for; its outcome if it has one. */
  readonly over: () => Promise<DeploymentOutcome | null>;
}

/**
 * Waits for the operation's turn and starts what `choose` wants then; `null` where that is nothing.
 * @param until by when it must have its turn, ISO 8601; `null` to wait as long as it takes
 */
export async function deployInTurn(
  operation: Operation,
  until: string | null,
  choose: (plan: HookDeploymentPlan) => Start | null,
): Promise<Following | null> {
  const { method, request, clock, doing } = operation;
  const { workflowId, startTime } = workflowInfo();
  const told = reports();
  const plan = async () => await operationsUntil(until).planOperation(method, request, until === null ? null : clock);
  for (;;) {
    doing('Looks what is live');
    const { lock, atOnce } = await plan();
    doing(`Waits for its turn with ${lock}`);
    const since = Date.now();
    const turn = await operationsUntil(null).waitForTurn({
      zone: request.zone,
      operation: { workflowId, startedAt: startTime.getTime() },
      lock,
      atOnce,
      until,
    });
    measureTurn(method, request, Date.now() - since);
    if (turn.turn === 'superseded')
      throw new OperationFailed(`${turn.by} came later and takes its place; nothing was changed.`);
    if (turn.turn === 'late')
      throw new OperationFailed(`It had no turn while the platform waited, because ${turn.why}; nothing was changed.`);
    // What was live may have changed while it waited.
    const now = await plan();
    if (now.lock !== lock) continue;
    const start = choose(now);
    if (!start) return null;
    const child = await startRunbook(lock, start, `${request.applicationName}, called by the platform`);
    if (!child) continue;
    operation.started(lock);
    doing(`Follows the deployment ${lock}`);
    return follow(operation, child, told);
  }
}

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
      staticSummary: summary.slice(0, 180),
    });
  } catch (error) {
    // Somebody was quicker: that one comes first.
    if (error instanceof WorkflowExecutionAlreadyStartedError) return undefined;
    throw error;
  }
}

interface Reports {
  readonly newest: () => RunbookReport | undefined;
  /** Whether blue is being retired, or what is proven is not taken back any more. */
  readonly forward: () => boolean;
}

function reports(): Reports {
  let newest: RunbookReport | undefined;
  let forward = false;
  setHandler(reportSignal, (report) => {
    if (newest === undefined || report.order > newest.order) newest = report;
    const { phase, commits, rollingBack } = report;
    forward ||= !rollingBack && (commits || phase === 'retire' || phase === 'cleanUp');
  });
  return { newest: () => newest, forward: () => forward };
}

function follow(
  { request, clock }: Operation,
  child: ChildWorkflowHandle<() => Promise<DeploymentOutcome>>,
  { newest, forward: commits }: Reports,
): Following {
  let ended: { readonly outcome: DeploymentOutcome } | { readonly error: unknown } | undefined;
  child.result().then(
    (outcome) => void (ended = { outcome }),
    (error: unknown) => void (ended = { error }),
  );
  return {
    forward: async () => {
      const leftMs = Math.max(0, Date.parse(clock.answerBy) - Date.now());
      await condition(() => ended !== undefined || commits(), leftMs, { summary: 'The platform wants an answer then' });
      if (ended && 'error' in ended) throw new OperationFailed(whyFailed(ended.error) ?? 'The deployment failed.');
      if (ended) return refuseOther(ended.outcome);
      if (!commits()) throw new OperationFailed(unfinished(newest()));
    },
    over: async () => {
      // A bake that the platform doesn't wait for is no work: others may have its place.
      await condition(() => ended !== undefined || ['hold', 'bake'].includes(newest()?.phase ?? ''));
      return ended && 'outcome' in ended ? ended.outcome : null;
    },
  };

  function refuseOther({ outcome, failure }: DeploymentOutcome): void {
    if (outcome !== 'completed')
      throw new OperationFailed(`${request.applicationName} was rolled back. ${failure ?? 'No reason was given.'}`);
  }
}

function unfinished(report: RunbookReport | undefined): string {
  const where = report ? ` It is in ${report.phase}${report.failure === null ? '' : `: ${report.failure}`}` : '';
  return `The deployment did not end while the platform waited, and goes back to what served before.${where}`;
}
