/**
 * Runs that ended without their workflow's knowledge. The workflow ID locks workflows, not their activities: after a Terminate
 * a write of the old run may still land while a new run plans.
 */
import { WorkflowNotFoundError, type Client } from '@temporalio/client';
import type { EarlierRuns } from '../../activities/aws/plans/earlier-writes';

/** As many as can have ended within the minute that counts; more are only of one who starts and terminates in a loop. */
const mostRuns = 20;

/**
 * What is known of a workflow's runs that were terminated or timed out within the last minute. The list only names runs, and may
 * still have one as running that has ended: each is asked for how it is. What it doesn't name yet it may only lack together with
 * the run that asks: both have one workflow ID, so one shard of Temporal's, which tells its runs to the list in order.
 * @param asking the run that asks, which began after all the others had ended
 */
export async function earlierRuns({ workflow }: Client, workflowId: string, asking: string): Promise<EarlierRuns> {
  const id = workflowId.replace(/["\\]/g, String.raw`\$&`);
  const lately = new Date(Date.now() - 60_000).toISOString();
  const query = `WorkflowId = "${id}" AND (ExecutionStatus = "Running" OR CloseTime > "${lately}")`;
  const closed: Date[] = [];
  let areAllKnown = false;
  let left = mostRuns;
  for await (const { runId } of workflow.list({ query })) {
    if (left-- === 0) break;
    if (runId === asking) {
      areAllKnown = true;
      continue;
    }
    const run = await workflow.getHandle(workflowId, runId).describe().catch(undefinedWhenMissing);
    if (run?.closeTime && ['TERMINATED', 'TIMED_OUT'].includes(run.status.name)) closed.push(run.closeTime);
  }
  const [lastAbandoned] = closed.toSorted((one, other) => other.getTime() - one.getTime());
  return { areAllKnown, ...(lastAbandoned && { lastAbandoned }) };
}

/** A list may name what retention has deleted. */
function undefinedWhenMissing(error: unknown): undefined {
  if (error instanceof WorkflowNotFoundError) return undefined;
  throw error;
}
