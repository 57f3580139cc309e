/**
 * What deployments are found by in Temporal: workflow IDs, task queues and search attributes; and the two time limits that
 * client, hooks, workflows and workers must agree on.
 */
import { defineSearchAttributeKey, SearchAttributeType } from '@temporalio/common';

/** A worker that writes shows a sign of life within this time, or another one does its work: see `activities/leases.ts`. */
export const writeLeaseMs = 4_000;

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

export const taskQueues = { workflows: 'cutover', aws: 'cutover-aws', files: 'cutover-files' } as const;

/** The Worker Deployment that all workers are versions of, where they are versioned. */
export const workerDeploymentName = 'cutover';

export const searchAttributes = {
  zone: defineSearchAttributeKey('CutoverZone', SearchAttributeType.KEYWORD),
  application: defineSearchAttributeKey('CutoverApplication', SearchAttributeType.KEYWORD),
  phase: defineSearchAttributeKey('CutoverPhase', SearchAttributeType.KEYWORD),
  outcome: defineSearchAttributeKey('CutoverOutcome', SearchAttributeType.KEYWORD),
} as const;
