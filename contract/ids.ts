/**
 * What deployments are found by in Temporal: workflow IDs, task queues and search attributes; and the times that client,
 * hooks, workflows and workers must agree on.
 */
// Not all of the package: every command of cutover loads this.
import { defineSearchAttributeKey, SearchAttributeType } from '@temporalio/common/lib/search-attributes';

/** A worker that writes shows a sign of life within this time, or another one does its work: see `activities/leases.ts`. */
export const writeLeaseMs = 4_000;

/** How soon an activity that failed is tried again: at once where it was a moment's fault, and seldom where AWS is away. */
export const activityRetry = { initialInterval: '500ms', backoffCoefficient: 2, maximumInterval: '20s' } as const;

/** The workflow ID of a deployment; Temporal allows one run of it at a time, and so it is the application's lock. */
export const deploymentIdOf = ({
  zone,
  application,
}: {
  readonly zone: string;
  readonly application: string;
}): string => `${zone}/${application}`;

/** The reverse of {@link deploymentIdOf}. An application's name may have a slash, a zone's has none. */
export function parseDeploymentId(workflowId: string): { readonly zone: string; readonly application: string } {
  const [zone = '', ...application] = workflowId.split('/');
  return { zone, application: application.join('/') };
}

/** How long a workflow task may take before another worker gets it: a task takes milliseconds, and Temporal's default is 10 s. */
export const workflowTaskTimeout = '5s';

/**
 * One for each kind of work, so that none takes the room of another: however many deployments wait, a rollback's write begins.
 * - `aws`: writes, and the short reads before them
 * - `waits`: what takes its time and changes nothing, for as many as there are
 * - `questions`: what people ask
 * - `files`: shared folders, by workers that have the mounts
 * - `builds`: images, which take minutes
 */
export const taskQueues = {
  workflows: 'cutover',
  aws: 'cutover-aws',
  waits: 'cutover-waits',
  questions: 'cutover-questions',
  files: 'cutover-files',
  builds: 'cutover-builds',
} as const;

export type WorkerKind = keyof typeof taskQueues;

/** Where the work of a zone goes that has workers of its own. @param taskQueue one of {@link taskQueues} */
export const zoneQueueOf = (taskQueue: string, zone: string): string => `${taskQueue}.${zone}`;

/** The type of the failure by which a worker says that a zone, its one detail, has workers of its own. */
export const servedApart = 'ServedApart';

/** The Worker Deployment that all workers are versions of, where they are versioned. */
export const workerDeploymentName = 'cutover';

export const searchAttributes = {
  zone: defineSearchAttributeKey('CutoverZone', SearchAttributeType.KEYWORD),
  application: defineSearchAttributeKey('CutoverApplication', SearchAttributeType.KEYWORD),
  phase: defineSearchAttributeKey('CutoverPhase', SearchAttributeType.KEYWORD),
  outcome: defineSearchAttributeKey('CutoverOutcome', SearchAttributeType.KEYWORD),
  /** What people are waited for to do: one of {@link waitsFor}. */
  waitsFor: defineSearchAttributeKey('CutoverWaitsFor', SearchAttributeType.KEYWORD),
  /** When it goes on, or back, by itself if nobody does. */
  deadline: defineSearchAttributeKey('CutoverDeadline', SearchAttributeType.DATETIME),
} as const;

/** The values of the search attribute `CutoverWaitsFor`, which are commands or what those give. */
export const waitsFor = ['approval', 'retry', 'resume', 'countersignature'] as const;
