/** What Temporal knows of a zone's audit trail: the run that writes it remembers the line that it wrote last. */
import { WorkflowNotFoundError, type Client } from '@temporalio/client';
import { trailIdOf, trailQuery, type TrailStatus } from '../../contract/audit';

/** `undefined` where nothing was ever written, or nobody remembers it any more. */
export async function describeTrail(client: Client, zone: string): Promise<TrailStatus | undefined> {
  try {
    return await client.workflow.getHandle(trailIdOf(zone)).query(trailQuery);
  } catch (error) {
    if (error instanceof WorkflowNotFoundError) return undefined;
    throw error;
  }
}
