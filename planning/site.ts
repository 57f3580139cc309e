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

/** Where a plan's writes go, and which run may make them: after a Reset in the Temporal UI another run must not. */
export interface Site extends AwsLocation {
  readonly cluster: string;
  readonly runId: string;
  /** For how long more than AWS needs a drain may take until what is left is left over. Absent in old plans: 5 min. */
  readonly drainTimeoutMs?: number;
}

export const siteOf = ({ region, role, cluster, drainTimeout }: ZoneSettings, runId: string): Site => ({
  region,
  ...(role && { role }),
  cluster,
  runId,
  drainTimeoutMs: drainTimeout,
});
