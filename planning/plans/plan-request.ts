/** What every planner is asked: for which application, where, and how, with every option resolved. */
import type { ResolvedRunbookOptions } from '../../settings/runbook';
import type { ZoneSettings } from '../../settings/schema';
import type { ApplicationIdentity } from '../names';
import type { PlannedDemand } from '../approvals/demand';
import type { ActiveCluster } from '../site';
import type { ReleaseRecord } from '../release/release';

export interface PlanRequest {
  readonly runId: string;
  /** Default: the run's namespace is in one Temporal cluster. */
  readonly activeCluster?: ActiveCluster;
  readonly application: ApplicationIdentity;
  readonly options: ResolvedRunbookOptions;
  readonly zone: ZoneSettings;
  /** Replicas of an application that comes from the Platform Server. */
  readonly desiredCount: number;
  /** Modules that are published under another path than their own name. */
  readonly paths: Readonly<Record<string, string>>;
  /** Modules of other applications, with their application's name. */
  readonly others?: () => Readonly<Record<string, string>>;
  /** What the release's record is to say beside the run. */
  readonly record: Pick<ReleaseRecord, 'strategy' | 'by' | 'reason'>;
  /** What its approvals must be, beside what they are for. Default: anybody's. */
  readonly demand?: PlannedDemand;
}
