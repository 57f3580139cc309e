/**
 * Runs that ended without their workflow's knowledge. The workflow ID locks workflows, not their activities: after a Terminate
 * a write of the old run may still land while a new run plans.
 */
import { WorkflowNotFoundError, type Client } from '@temporalio/client';

/** As many as can have ended within the minute that counts; more are only of one who starts and terminates in a loop. */
const mostRuns = 20;

/**
 * When the newest run of this workflow closed that was terminated or timed out within the last minute; `undefined` when there is
 * none. The list only names runs, and may still have one as running that has ended: each is asked for how it is.
 * @param besides the run that asks
 */
export async function lastAbandonedRun(
  { workflow }: Client,
  workflowId: string,
  besides: string,
): Promise<Date | undefined> {
  const id = workflowId.replace(/["\\]/g, String.raw`\$&`);
  const lately = new Date(Date.now() - 60_000).toISOString();
  const query = `WorkflowId = "${id}" AND (ExecutionStatus = "Running" OR CloseTime > "${lately}")`;
  const closed: Date[] = [];
  let left = mostRuns;
  for await (const { runId } of workflow.list({ query })) {
    if (left-- === 0) break;
    if (runId === besides) continue;
    const run = await workflow.getHandle(workflowId, runId).describe().catch(undefinedWhenMissing);
    if (run?.closeTime && ['TERMINATED', 'TIMED_OUT'].includes(run.status.name)) closed.push(run.closeTime);
  }
  return closed.toSorted((one, other) => other.getTime() - one.getTime())[0];
}

/** A list may name what retention has deleted. */
function undefinedWhenMissing(error: unknown): undefined {
  if (error instanceof WorkflowNotFoundError) return undefined;
  throw error;
}
