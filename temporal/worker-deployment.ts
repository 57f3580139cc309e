/**
 * The Worker Deployment `cutover` and its versions, as Temporal keeps them: new executions go to the current one, and each stays
 * with the one that it began on. https://docs.temporal.io/production-deployment/worker-deployments/worker-versioning
 */
import type { Connection, WorkflowExecutionDescription } from '@temporalio/client';
import { temporal } from '@temporalio/proto';
import { workerDeploymentName } from '../contract/ids';

/** A namespace, and how it is reached. */
export interface TemporalNamespace {
  readonly connection: Pick<Connection, 'workflowService'>;
  readonly namespace: string;
}

/** What Temporal does with a version: `draining` has executions that are pinned to it, `drained` has none left. */
export type VersionState = 'inactive' | 'current' | 'ramping' | 'draining' | 'drained';

export interface WorkerVersions {
  /** The build ID that new executions go to; `null` while there is none. */
  readonly current: string | null;
  /** The build ID that a part of the new executions goes to, in percent. */
  readonly ramping: { readonly buildId: string; readonly percentage: number } | null;
  readonly versions: readonly { readonly buildId: string; readonly state: VersionState }[];
  /** Refuses a change of what somebody else has changed since. */
  readonly conflictToken: Uint8Array;
}

const { WorkerDeploymentVersionStatus: Status } = temporal.api.enums.v1;
const states: Readonly<Record<number, VersionState>> = {
  [Status.WORKER_DEPLOYMENT_VERSION_STATUS_CURRENT]: 'current',
  [Status.WORKER_DEPLOYMENT_VERSION_STATUS_RAMPING]: 'ramping',
  [Status.WORKER_DEPLOYMENT_VERSION_STATUS_DRAINING]: 'draining',
  [Status.WORKER_DEPLOYMENT_VERSION_STATUS_DRAINED]: 'drained',
};

const notFound = 5;

/** `undefined` when no versioned worker has ever polled. */
export async function readWorkerVersions({
  connection,
  namespace,
}: TemporalNamespace): Promise<WorkerVersions | undefined> {
  const request = { namespace, deploymentName: workerDeploymentName };
  const answer = await connection.workflowService.describeWorkerDeployment(request).catch((error: unknown) => {
    if ((error as { code?: unknown }).code === notFound) return undefined;
    throw error;
  });
  const info = answer?.workerDeploymentInfo;
  if (!info) return undefined;
  const { currentDeploymentVersion, rampingDeploymentVersion, rampingVersionPercentage } = info.routingConfig ?? {};
  const ramping = rampingDeploymentVersion?.buildId;
  return {
    current: currentDeploymentVersion?.buildId ?? null,
    ramping: ramping ? { buildId: ramping, percentage: rampingVersionPercentage ?? 0 } : null,
    versions: (info.versionSummaries ?? []).map(({ deploymentVersion, status }) => ({
      buildId: deploymentVersion?.buildId ?? '',
      state: states[status ?? 0] ?? 'inactive',
    })),
    conflictToken: answer.conflictToken ?? new Uint8Array(),
  };
}

/** @throws a gRPC error of code `FAILED_PRECONDITION` when it was changed since, or when no worker polls a queue that is needed */
export async function makeCurrent(
  { connection, namespace }: TemporalNamespace,
  { conflictToken }: WorkerVersions,
  buildId: string,
): Promise<void> {
  const deploymentName = workerDeploymentName;
  await connection.workflowService.setWorkerDeploymentCurrentVersion({
    namespace,
    deploymentName,
    buildId,
    conflictToken,
  });
}

/** Sends a part of the new executions to a version. @param percentage from 0 to 100 */
export async function rampTo(
  { connection, namespace }: TemporalNamespace,
  { conflictToken }: WorkerVersions,
  { buildId, percentage }: { readonly buildId: string; readonly percentage: number },
): Promise<void> {
  await connection.workflowService.setWorkerDeploymentRampingVersion({
    namespace,
    deploymentName: workerDeploymentName,
    buildId,
    percentage,
    conflictToken,
  });
}

const { PINNED_OVERRIDE_BEHAVIOR_PINNED } = temporal.api.workflow.v1.VersioningOverride.PinnedOverrideBehavior;

/** Pins an execution to another version, from its next workflow task on. */
export async function moveExecution(
  { connection, namespace }: TemporalNamespace,
  workflowExecution: { readonly workflowId: string; readonly runId: string },
  buildId: string,
): Promise<void> {
  const version = { deploymentName: workerDeploymentName, buildId };
  await connection.workflowService.updateWorkflowExecutionOptions({
    namespace,
    workflowExecution,
    workflowExecutionOptions: {
      versioningOverride: { pinned: { behavior: PINNED_OVERRIDE_BEHAVIOR_PINNED, version } },
    },
    updateMask: { paths: ['versioning_override'] },
  });
}

/** The build ID that an execution is pinned to; `null` when it goes on with any worker. */
export function pinnedTo({ raw }: WorkflowExecutionDescription): string | null {
  const { versioningOverride, behavior, deploymentVersion } = raw.workflowExecutionInfo?.versioningInfo ?? {};
  const override = versioningOverride?.pinned?.version?.buildId;
  if (override) return override;
  const isPinned = behavior === temporal.api.enums.v1.VersioningBehavior.VERSIONING_BEHAVIOR_PINNED;
  return (isPinned && deploymentVersion?.buildId) || null;
}
