/**
 * Runs that ended without their workflow's knowledge. The workflow ID locks workflows, not their activities: after a Terminate
 * a write of the old run may still land while a new run plans.
 */
import type { Client } from '@temporalio/client';

/** When the newest terminated or timed-out run of this workflow closed; `undefined` when there is none. */
export async function lastAbandonedRun({ workflow }: Client, workflowId: string): Promise<Date | undefined> {
  const id = workflowId.replace(/["\\]/g, String.raw`\$&`);
  const query = `WorkflowId = "${id}" AND ExecutionStatus IN ("Terminated", "TimedOut")`;
  let newest: Date | undefined;
  for await (const { closeTime } of workflow.list({ query }))
    if (closeTime && (newest === undefined || closeTime > newest)) newest = closeTime;
  return newest;
}
