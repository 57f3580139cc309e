/**
 * What Temporal itself knows of a deployment that runs while no worker answers for it: what `list` says, since when it is in its
 * phase, and what its workers were last asked to do.
 */
import type { Client, WorkflowExecutionDescription } from '@temporalio/client';
import { searchAttributes } from '../../contract/ids';
import { describeRunning, type ListedDeployment } from './listed';
import type { Target } from '../target';

export interface KnownDeployment extends ListedDeployment {
  /** When its phase began, ISO 8601; `null` where the newest events don't say. */
  readonly since: string | null;
  /** A sentence for each activity that hasn't ended. */
  readonly pending: readonly string[];
}

/** So many of its newest events are looked at. */
const newestEvents = 100;

/** `undefined` when no deployment of the application runs. */
export async function describeKnown(client: Client, target: Target): Promise<KnownDeployment | undefined> {
  const running = await describeRunning(client, target);
  if (running === undefined) return undefined;
  const { listed, description } = running;
  return {
    ...listed,
    since: await phaseSince(client, listed),
    pending: (description.raw.pendingActivities ?? []).map(formatPending),
  };
}

/** Each phase is written down as it begins. */
async function phaseSince(client: Client, { workflowId, runId }: ListedDeployment): Promise<string | null> {
  const { history } = await client.workflowService.getWorkflowExecutionHistoryReverse({
    namespace: client.options.namespace,
    execution: { workflowId, runId },
    maximumPageSize: newestEvents,
  });
  const entered = history?.events?.find(({ upsertWorkflowSearchAttributesEventAttributes: upserted }) =>
    Object.hasOwn(upserted?.searchAttributes?.indexedFields ?? {}, searchAttributes.phase.name),
  );
  return isoOf(entered?.eventTime);
}

type Pending = NonNullable<WorkflowExecutionDescription['raw']['pendingActivities']>[number];

function formatPending({ activityType, attempt, lastFailure, scheduledTime, lastStartedTime }: Pending): string {
  const since = isoOf(lastStartedTime ?? scheduledTime);
  const tried = attempt != null && attempt > 1 ? `, attempt ${attempt}` : '';
  const [why = ''] = (lastFailure?.message ?? '').split('\n');
  const begun = lastStartedTime == null ? 'waits for a worker' : 'was given to a worker';
  return `${activityType?.name} ${begun}${since === null ? '' : ` since ${since}`}${tried}${why === '' ? '' : `: ${why}`}`;
}

const isoOf = (time: { seconds?: { toNumber(): number } | number | null } | null | undefined): string | null =>
  time?.seconds == null ? null : new Date(Number(time.seconds) * 1_000).toISOString();
