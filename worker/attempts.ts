/** Whether an activity's attempt still counts. Temporal itself is asked, by a heartbeat that it answers. */
import { Context } from '@temporalio/activity';
import { ActivityCancelledError, ActivityNotFoundError, type Client } from '@temporalio/client';
import { ApplicationFailure } from '@temporalio/common';
import type { ConfirmAttempt } from '../activities/leases';

const answerWithinMs = 1_500;

/**
 * Ends with the activity's cancellation when one was requested.
 * @throws {ApplicationFailure} of type `AttemptOver` when another attempt, or none, counts now
 */
export const confirmAttempts =
  (client: Client): ConfirmAttempt =>
  async () => {
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
  };
