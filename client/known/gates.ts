/** How the gates of a deployment stand while they are judged, from the newest heartbeat of what judges them. */
import type { Client, WorkflowExecutionDescription } from '@temporalio/client';
import { z } from 'zod';
import type { GateStanding } from '../../planning/gates/standing';
import { decodePayload } from '../../temporal/data-converter';

const standings = z.array(
  z.object({
    gate: z.string(),
    verdict: z.enum(['passes', 'fails', 'missing']),
    says: z.string(),
    at: z.string(),
    failingSince: z.string().nullable(),
    failing: z.array(z.string()).exactOptional(),
    accepted: z.array(z.string()).exactOptional(),
  }),
);

/** `undefined` while nothing is judged, and where it hasn't said anything yet. */
export async function describeGates(
  { options }: Client,
  { raw }: Pick<WorkflowExecutionDescription, 'raw'>,
): Promise<readonly GateStanding[] | undefined> {
  const judging = (raw.pendingActivities ?? []).find(({ activityType }) => activityType?.name === 'judgeGates');
  const [payload] = judging?.heartbeatDetails?.payloads ?? [];
  const told = payload && (await decodePayload<unknown>(options.loadedDataConverter, payload));
  return typeof told === 'string' ? standings.parse(JSON.parse(told)) : undefined;
}
