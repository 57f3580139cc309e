/** Whether an activity's attempt still counts. Temporal itself is asked, by a heartbeat that it answers. */
import { Context } from '@temporalio/activity';
import { ActivityCancelledError, ActivityNotFoundError, type Client } from '@temporalio/client';
import { ApplicationFailure } from '@temporalio/common';
import type { ConfirmAttempt } from '../../activities/leases';

const answerWithinMs = 1_500;

/** Where the namespace is active now. */
export type DescribeActiveCluster = () => Promise<ActiveCluster | undefined>;
type ActiveCluster = NonNullable<Parameters<ConfirmAttempt>[0]>;

/**
 * Ends with the activity's cancellation when one was requested.
 * @throws {ApplicationFailure} of type `AttemptOver` when another attempt, or none, counts now; of type `ActiveClusterChanged` when
 * the namespace is active in another cluster than it was for the plan
 */
export const confirmAttempts =
  (client: Client, describeActive: DescribeActiveCluster): ConfirmAttempt =>
  async (planned) => {
    const context = Context.current();
    const { taskToken } = context.info;
    try {
      await client.withDeadline(Date.now() + answerWithinMs, () => client.activity.heartbeat(taskToken));
    } catch (error) {
      // The worker hears of it with its own next heartbeat, and only then is the activity's end taken for a cancellation.
      if (error instanceof ActivityCancelledError) return await context.cancelled;
      const why =
        error instanceof ActivityNotFoundError
          ? 'Temporal counts on another attempt by now'
          : 'Temporal could not say whether this attempt counts';
      throw ApplicationFailure.retryable(`${why}, so nothing was written.`, 'AttemptOver');
    }
    if (planned) await confirmCluster(planned, describeActive);
  };

async function confirmCluster(planned: ActiveCluster, describeActive: DescribeActiveCluster): Promise<void> {
  const now = await describeActive().catch(() => {
    throw ApplicationFailure.retryable(
      'Temporal could not say in which cluster it is active, so nothing was written.',
      'AttemptOver',
    );
  });
  if (now === undefined || now.failoverVersion === planned.failoverVersion) return;
  throw ApplicationFailure.create({
    type: 'ActiveClusterChanged',
    nonRetryable: true,
    message: `Temporal's namespace was active in cluster ${planned.name} for this plan, and is in ${now.name} since a failover: what was done last may be missing here, so nothing was written. See that no worker goes on there, and that AWS is as the status says; then retry.`,
    details: [now],
  });
}
