/**
 * A plan's writes belong to the run that made the plan. A Reset in the Temporal UI replays a run's history under a new run ID:
 * the world has moved on since, so its writes are refused before they reach AWS.
 */
import { Context } from '@temporalio/activity';
import { ApplicationFailure } from '@temporalio/common';
import type { Site } from '../planning/site';

/** @throws `PlanOfAnotherRun` when the calling workflow run isn't the one that planned. */
export function refuseOtherRuns(site: Site): void {
  if (Context.current().info.workflowExecution?.runId === site.runId) return;
  throw ApplicationFailure.nonRetryable(
    'This run repeats the plan of an earlier one, which may no longer fit what is live: start a new deployment.',
    'PlanOfAnotherRun',
  );
}
