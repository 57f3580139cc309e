/**
 * What a run tells the audit trail of its zone. It hands over as it goes, waits for nothing meanwhile, and doesn't end before
 * Temporal has all of it. Only where the settings name an audit, which its plan knows: until then it is kept.
 */
import {
  CancellationScope,
  getExternalWorkflowHandle,
  ParentClosePolicy,
  sleep,
  startChild,
  workflowInfo,
} from '@temporalio/workflow';
import { entriesSignal, trailIdOf, type AuditEntry, type AuditEvent } from '../../contract/audit';
import { parseDeploymentId, workflowTaskTimeout } from '../../contract/ids';
import { auditTrail } from './trail';

export interface RunAudit {
  /** `null` until the plan says it. */
  audited: boolean | null;
  number: number;
  waiting: AuditEntry[];
  /** Ends when everything so far is handed over. */
  handingOver: Promise<void>;
}

export const startAudit = (): RunAudit => ({
  audited: null,
  number: 0,
  waiting: [],
  handingOver: Promise.resolve(),
});

export type Facts = Readonly<Record<string, string | number | boolean | null | undefined>>;

/** Something happened. What isn't known is left out. @param workflow the deployment that it is about */
export function tell(audit: RunAudit, event: AuditEvent, facts: Facts, workflow = workflowInfo().workflowId): void {
  if (audit.audited === false) return;
  const { runId: run } = workflowInfo();
  const known = Object.entries(facts).filter((fact): fact is [string, string | number | boolean] => fact[1] != null);
  audit.waiting.push({
    event,
    at: new Date().toISOString(),
    application: parseDeploymentId(workflow).application,
    workflow,
    run,
    number: ++audit.number,
    facts: Object.fromEntries(known.map(([name, fact]) => [name, typeof fact === 'string' ? shortened(fact) : fact])),
  });
  if (audit.audited) handOver(audit, workflow);
}

/** A failure may hold what AWS said at length. */
const shortened = (text: string) => Array.from(text.slice(0, 4_001)).slice(0, 4_000).join('');

/** The plan says whether the settings name an audit. */
export function knowAudited(audit: RunAudit, audited: boolean, workflow = workflowInfo().workflowId): void {
  audit.audited = audited;
  if (audited) handOver(audit, workflow);
  else audit.waiting = [];
}

function handOver(audit: RunAudit, workflow: string): void {
  const entries = audit.waiting.splice(0);
  const { zone } = parseDeploymentId(workflow);
  if (entries.length === 0) return;
  audit.handingOver = audit.handingOver.then(() => CancellationScope.nonCancellable(() => deliver(zone, entries)));
}

/** Until Temporal has it, which is there as long as this run is. */
async function deliver(zone: string, entries: readonly AuditEntry[]): Promise<void> {
  for (let pauseMs = 500; ; pauseMs = Math.min(2 * pauseMs, 60_000)) {
    if (await reachesTrail(zone, entries)) return;
    if (await beginsTrail(zone, entries)) return;
    await sleep(pauseMs, { summary: 'The audit trail begins elsewhere' });
  }
}

const reachesTrail = (zone: string, entries: readonly AuditEntry[]): Promise<boolean> =>
  getExternalWorkflowHandle(trailIdOf(zone))
    .signal(entriesSignal, entries)
    .then(
      () => true,
      () => false,
    );

async function beginsTrail(zone: string, entries: readonly AuditEntry[]): Promise<boolean> {
  try {
    await startChild(auditTrail, {
      workflowId: trailIdOf(zone),
      workflowTaskTimeout,
      args: [{ zone, entries }],
      staticSummary: `The audit trail of ${zone}`,
      parentClosePolicy: ParentClosePolicy.ABANDON,
    });
    return true;
  } catch {
    // Another run has begun it: it can be reached now.
    return false;
  }
}
