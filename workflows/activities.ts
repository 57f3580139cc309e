/**
 * The activities as runbooks call them. Writes and reads are short and retried by Temporal; waits run as long as they need
 * and heartbeat, so that a worker that dies is noticed within seconds.
 */
import { ActivityCancellationType, proxyActivities } from '@temporalio/workflow';
import type { AwsActivities, AwsWaits } from '../activities/aws/index';
import type { AwsDescriptions } from '../activities/aws/questions';
import type { FileActivities } from '../activities/files/index';
import type { ProbeActivities } from '../activities/probes/index';
import { taskQueues, writeLeaseMs } from '../contract/ids';
import {
  awsSummaries,
  fileSummaries,
  planningSummaries,
  probeSummaries,
  summarized,
  waitSummaries,
} from './text/activity-summaries';

const retry = { initialInterval: '500ms', backoffCoefficient: 2, maximumInterval: '20s' } as const;

/** After 10 minutes of retries the step holds. */
const stepOptions = {
  startToCloseTimeout: '2m',
  heartbeatTimeout: writeLeaseMs,
  scheduleToCloseTimeout: '10m',
  // TRY_CANCEL, the default, would let a rollback race the write that it undoes.
  cancellationType: ActivityCancellationType.WAIT_CANCELLATION_COMPLETED,
  retry,
} as const;

/** Writes, under leases, with the reads before them. */
export const aws = summarized<AwsActivities>(
  proxyActivities<AwsActivities>({ taskQueue: taskQueues.aws, ...stepOptions }),
  awsSummaries,
);

/** Shared folders, by workers that have the mounts. */
export const files = summarized<FileActivities>(
  proxyActivities<FileActivities>({ taskQueue: taskQueues.files, ...stepOptions }),
  fileSummaries,
);

type Planning = Pick<
  AwsActivities,
  'planBlueGreen' | 'planRollingUpdate' | 'planUndo' | 'planRemoval' | 'planUpdateConfiguration' | 'planRetirement'
>;

/** Reads a whole zone. */
export const planning = summarized<Planning>(
  proxyActivities<Planning>({ taskQueue: taskQueues.aws, ...stepOptions }),
  planningSummaries,
);

/** What AWS says about a failure: worth a few tries, but not worth waiting for. */
export const evidence = proxyActivities<Pick<AwsActivities, 'describeEvidence'>>({
  taskQueue: taskQueues.aws,
  startToCloseTimeout: '15s',
  heartbeatTimeout: writeLeaseMs,
  scheduleToCloseTimeout: '30s',
  retry: { ...retry, maximumAttempts: 3 },
});

const tidyingOptions = {
  startToCloseTimeout: '1m',
  heartbeatTimeout: writeLeaseMs,
  scheduleToCloseTimeout: '2m',
  cancellationType: ActivityCancellationType.WAIT_CANCELLATION_COMPLETED,
  retry: { ...retry, maximumAttempts: 3 },
} as const;

/** Tidies up after a deployment that is over: worth a few tries, and never worth waiting for. */
export const tidying = {
  aws: proxyActivities<Pick<AwsActivities, 'describeConfigurationReferences'>>({
    taskQueue: taskQueues.aws,
    ...tidyingOptions,
  }),
  files: proxyActivities<Pick<FileActivities, 'describeCopies' | 'removeCopies'>>({
    taskQueue: taskQueues.files,
    ...tidyingOptions,
  }),
};

const waitOptions = {
  taskQueue: taskQueues.aws,
  startToCloseTimeout: '7d',
  heartbeatTimeout: writeLeaseMs,
  cancellationType: ActivityCancellationType.WAIT_CANCELLATION_COMPLETED,
  // What is waited for may come at any moment: an AWS that was away must not cost twenty more seconds.
  retry: { ...retry, maximumInterval: '3s' },
} as const;

export const waits = summarized<AwsWaits>(proxyActivities<AwsWaits>(waitOptions), waitSummaries);
export const probes = summarized<ProbeActivities>(proxyActivities<ProbeActivities>(waitOptions), probeSummaries);

/** Asked by a person who waits: an answer or an error within half a minute. */
export const descriptions = proxyActivities<AwsDescriptions>({
  taskQueue: taskQueues.aws,
  startToCloseTimeout: '25s',
  scheduleToCloseTimeout: '30s',
  retry,
});

/** The same of shared folders, by workers that have the mounts. */
export const folders = proxyActivities<Pick<FileActivities, 'examineFiles'>>({
  taskQueue: taskQueues.files,
  startToCloseTimeout: '12s',
  heartbeatTimeout: writeLeaseMs,
  scheduleToCloseTimeout: '15s',
  retry,
});

/** Ends when nobody looks any more. */
export const watching = proxyActivities<Pick<AwsDescriptions, 'watchTopology'>>({
  ...waitOptions,
  startToCloseTimeout: '1h',
});
