/**
 * What deployments are found by in Temporal: workflow IDs, task queues and search attributes; and the two time limits that
 * client, hooks, workflows and workers must agree on.
 */
import { defineSearchAttributeKey, SearchAttributeType } from '@temporalio/common';

/** What writes shows a sign of life in this time, or another worker does its work; see `activities/leases.ts`. */
export const writeLeaseMs = 4_000;

/** The workflow ID of a deployment; Temporal allows one run of it at a time, and so it is the application's lock. */
export const deploymentIdOf = ({
  zone,
  application,
}: {
  readonly zone: string;
  readonly application: string;
}): string => `${zone}/${application}`;

/** What {@link deploymentIdOf} made it of; an application's name may have a slash, a zone's has none. */
export function parseDeploymentId(workflowId: string): { readonly zone: string; readonly application: string } {
  const [zone = '', ...application] = workflowId.split('/');
  return { zone, application: application.join('/') };
}

/** After so long a worker that died within a workflow task is given up; Temporal's default is 10 s, and a task takes milliseconds. */
export const workflowTaskTimeout = '5s';

export const taskQueues = { workflows: 'cutover', aws: 'cutover-aws', files: 'cutover-files' } as const;

export const searchAttributes = {
  zone: defineSearchAttributeKey('CutoverZone', SearchAttributeType.KEYWORD),
  application: defineSearchAttributeKey('CutoverApplication', SearchAttributeType.KEYWORD),
  phase: defineSearchAttributeKey('CutoverPhase', SearchAttributeType.KEYWORD),
  outcome: defineSearchAttributeKey('CutoverOutcome', SearchAttributeType.KEYWORD),
} as const;
