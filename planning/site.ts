/** The AWS account and region that a plan's writes go to, and the run that may make them. */
import type { ZoneSettings } from '../settings/schema';

/** A role that the worker takes on, where a zone is in another account; its ARN may be of any partition. */
export interface AssumedRole {
  readonly arn: string;
  readonly externalId?: string | undefined;
}

/** A region of AWS, and the role to call it with. */
export interface AwsLocation {
  readonly region: string;
  readonly role?: AssumedRole | undefined;
}

/** Where a namespace that is kept in several Temporal clusters was active. */
export interface ActiveCluster {
  readonly name: string;
  /** Grows with every failover; a 64-bit number, as text. */
  readonly failoverVersion: string;
}

/** Where a plan's writes go, and which run may make them: after a Reset in the Temporal UI another run must not. */
export interface Site extends AwsLocation {
  readonly cluster: string;
  readonly runId: string;
  /** For how long more than AWS needs a drain may take until what is left is left over. Absent in old plans: 5 min. */
  readonly drainTimeoutMs?: number;
  /** Where Temporal's namespace was active when this was planned; a run that people retry has it anew. Absent where it has one cluster. */
  readonly activeCluster?: ActiveCluster;
}

/** @param request the run that plans, and where its namespace is active */
export const siteOf = (
  { region, role, cluster, drainTimeout }: ZoneSettings,
  { runId, activeCluster }: { readonly runId: string; readonly activeCluster?: ActiveCluster },
): Site => ({
  region,
  ...(role && { role }),
  cluster,
  runId,
  drainTimeoutMs: drainTimeout,
  ...(activeCluster && { activeCluster }),
});
