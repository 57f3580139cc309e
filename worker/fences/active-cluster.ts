/** In which of its clusters a namespace is active, where it is kept in several: Temporal Cloud with replicas, or self-hosted ones. */
import type { Connection } from '@temporalio/client';
import type { DescribeActiveCluster } from './attempts';

const answerWithinMs = 1_500;

/** Asked anew each time; `undefined` for a namespace of one cluster. @throws {Error} when Temporal doesn't answer at once */
export const activeClusterOf =
  (connection: Connection, namespace: string): DescribeActiveCluster =>
  async () => {
    const { isGlobalNamespace, replicationConfig, failoverVersion } = await connection.withDeadline(
      Date.now() + answerWithinMs,
      () => connection.workflowService.describeNamespace({ namespace }),
    );
    if (!isGlobalNamespace) return undefined;
    return { name: replicationConfig?.activeClusterName ?? '', failoverVersion: String(failoverVersion ?? 0) };
  };
