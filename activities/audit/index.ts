/** The activities that write an audit trail down, and look at what stands there. */
import { ApplicationFailure } from '@temporalio/common';
import type { AuditEntry } from '../../contract/audit';
import { chained, readLine, verifyTrail, type AuditReport, type Head } from '../../settings/audit/chain';
import type { Settings } from '../../settings/schema';
import type { AuditSink } from './sink';
import { sinkOf } from './sinks';

export interface AppendRequest {
  readonly zone: string;
  /** What was written last; `null` where a trail begins, or goes on after whoever knew is gone. */
  readonly head: Head | null;
  readonly entries: readonly AuditEntry[];
}

export interface AuditQuestion {
  readonly zone: string;
  readonly head?: Head | undefined;
  readonly final?: boolean | undefined;
}

export type AuditActivities = ReturnType<typeof auditActivities>;

export const auditActivities = ({ settings }: { readonly settings: () => Settings }) => ({
  /**
   * Writes entries down after the head that Temporal knows, whatever stands there: who changed that is found later.
   * Effect: one write. Idempotent: the same entries after the same head are the same lines.
   * Errors: none that ends the retries.
   * @returns the new head; `null` where the settings name no audit any more, and nothing was written
   */
  async appendAudit({ zone, head, entries }: AppendRequest): Promise<Head | null> {
    const { audit } = settings();
    if (audit === undefined) return head;
    const sink = sinkOf(audit);
    const { lines, head: next } = chained(checked(zone), head ?? (await lastOf(sink, zone)), entries);
    await sink.append(zone, lines);
    return next;
  },
});

export const auditDescriptions = ({ settings }: { readonly settings: () => Settings }) => ({
  /**
   * What is wrong with a zone's trail. Effect: none.
   * @throws {ApplicationFailure} of type `InvalidRequest` where the settings name no audit
   */
  async verifyAudit({ zone, head, final }: AuditQuestion): Promise<AuditReport> {
    const { audit } = settings();
    if (audit === undefined)
      throw ApplicationFailure.nonRetryable('The settings of the workers name no audit.', 'InvalidRequest');
    return verifyTrail(await sinkOf(audit).read(checked(zone)), { zone, head, final });
  },
});

/** A zone's name becomes a part of a file's. */
function checked(zone: string): string {
  if (/^[A-Za-z0-9_.-]{1,50}$/.test(zone)) return zone;
  throw ApplicationFailure.nonRetryable('A zone has a name of letters, digits, "_", "." and "-".', 'InvalidRequest');
}

/** The newest line that is whole. Only asked where nobody knows: what stands there is believed then. */
async function lastOf(sink: AuditSink, zone: string): Promise<Head | null> {
  const lines = (await sink.read(zone)).flatMap((text) => readLine(text) ?? []);
  const last = lines.reduce<Head | null>((one, other) => (one && one.sequence > other.sequence ? one : other), null);
  return last && { sequence: last.sequence, hash: last.hash };
}
