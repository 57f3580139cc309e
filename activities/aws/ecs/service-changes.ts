/** Drift of ECS services: somebody else's change in mid-deployment is told, and never overwritten silently. */
import { ApplicationFailure } from '@temporalio/common';

/** Holds the deployment: what differs, and what retry and rollback would do about it. */
export const serviceChanged = (service: string, how: string): ApplicationFailure =>
  ApplicationFailure.nonRetryable(
    `ECS service ${service} was changed by somebody else: ${how}. Retry looks again and goes on once it is as it was; a rollback gives traffic to blue and takes green down.`,
    'ServiceChangedByOthers',
  );
