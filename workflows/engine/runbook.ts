/**
 * How every runbook is run: reading its input, its handlers, its search attributes, how it ends. The input is read whole before
 * anything else; bad input fails the workflow with one sentence and touches nothing.
 */
import {
  allHandlersFinished,
  ApplicationFailure,
  CancellationScope,
  CancelledFailure,
  condition,
  setHandler,
  workflowInfo,
} from '@temporalio/workflow';
import { parseDeploymentId, searchAttributes } from '../../contract/ids';
import type { Parsed } from '../../contract/parsing';
import type { RunbookRequest } from '../../contract/runbook-requests';
import { statusQuery, type DeploymentOutcome, type Outcome, type Runbook } from '../../contract/status';
import { startExecution, takeCommands, type Execution } from './execution';
import { knowListening, tell } from '../audit/tell';
import { stepFailure } from './failures';
import { requestRollback, TurnBack } from './interrupts';
import { countDeployment } from './metrics';
import { runOf, type Run } from './run';
import { approvedFacts, type RunbookState } from './state';
import { outcomeOf, search, searchableWait, showStatus, statusOf } from './status';

/**
 * Runs `body` as one execution of a runbook; cancelling it rolls back while that is possible.
 * @throws {ApplicationFailure} of type `InvalidRequest` when the input, or what it asks for, is wrong
 * @throws {CancelledFailure} when it rolled back because it was cancelled
 */
export async function runRunbook<Request extends RunbookRequest>(
  runbook: Runbook,
  parsed: Parsed<Request>,
  body: (run: Run, request: Request) => Promise<void>,
): Promise<DeploymentOutcome> {
  if ('error' in parsed) throw ApplicationFailure.nonRetryable(parsed.error, 'InvalidRequest');
  const execution = startExecution(runbook, parsed.value);
  const { state } = execution;
  takeCommands(execution);
  setHandler(statusQuery, () => statusOf(state), { description: 'Everything about this deployment as it is now.' });
  const wasCancelled = rollBackWhenCancelled(execution);
  setSearchAttributes(state);

  await CancellationScope.nonCancellable(() => body(runOf(execution), parsed.value)).catch(async (error: unknown) => {
    if (!(error instanceof TurnBack)) throw await refusalOf(state, error);
    state.failure = error.reason;
    state.rollingBack = true;
  });
  const told = execution.platform.ended();
  recordOutcome(state, state.rollingBack ? 'rolledBack' : 'completed');
  showStatus(state);
  await CancellationScope.nonCancellable(async () => {
    await told;
    await condition(allHandlersFinished);
  });
  await state.audit.handingOver;
  if (wasCancelled() && state.rollingBack) throw new CancelledFailure('Rolled back because it was cancelled.');
  return outcomeOf(state);
}

/** @returns whether the workflow was asked to cancel so far */
function rollBackWhenCancelled({ state, interrupts }: Execution): () => boolean {
  let isCancelled = false;
  CancellationScope.current().cancelRequested.catch(() => {
    isCancelled = true;
    if (state.restorable) requestRollback(state, interrupts, { by: 'the cancellation request' });
  });
  return () => isCancelled;
}

/** All of them at once and first thing: a run started "like this one" would otherwise show the old run's values. */
function setSearchAttributes(state: RunbookState): void {
  const { zone, application } = parseDeploymentId(workflowInfo().workflowId);
  search(state, [
    { key: searchAttributes.zone, value: zone },
    { key: searchAttributes.application, value: application },
    { key: searchAttributes.phase, value: 'plan' },
    { key: searchAttributes.outcome, value: null },
    ...searchableWait(state, null),
  ]);
}

/** Invalid input ends the workflow as failed, with its one sentence; anything else is a bug of ours, kept as it is. */
async function refusalOf(state: RunbookState, error: unknown): Promise<unknown> {
  const failure = stepFailure(error);
  if (failure === undefined) return error;
  state.failure = failure.message;
  if (failure.listening) knowListening(state.audit, failure.listening);
  recordOutcome(state, 'failed');
  showStatus(state);
  await state.audit.handingOver;
  return ApplicationFailure.nonRetryable(failure.message, failure.type);
}

function recordOutcome(state: RunbookState, outcome: Outcome): void {
  state.outcome = outcome;
  tell(state.audit, 'end', { outcome, failure: state.failure, ...approvedFacts(state) });
  countDeployment(state, outcome);
  search(state, [{ key: searchAttributes.outcome, value: outcome }, ...searchableWait(state, null)]);
}
