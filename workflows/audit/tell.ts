/**
 * What a run tells those of its zone that listen: the audit trail, and the news. It hands over as it goes, waits for nothing
 * meanwhile, and doesn't end before Temporal has all of it. Only where the settings name them, which its plan knows: until then
 * it is kept.
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
import { newsIdOf } from '../../contract/news';
import { zoneNews } from '../news/zone-news';
import { auditTrail } from './trail';

/** Whom the settings name, as plans and refusals say. Default: nobody. */
export interface Listening {
  readonly audited?: boolean | undefined;
  readonly notified?: boolean | undefined;
}

export interface RunAudit {
  /** `null` until the plan says it. */
  listeners: readonly Listener[] | null;
  number: number;
  waiting: AuditEntry[];
  /** Ends when everything so far is handed over. */
  handingOver: Promise<void>;
}

export const startAudit = (): RunAudit => ({
  listeners: null,
  number: 0,
  waiting: [],
  handingOver: Promise.resolve(),
});

/** A run of the zone that takes entries. */
interface Listener {
  readonly idOf: (zone: string) => string;
  readonly begin: typeof auditTrail | typeof zoneNews;
  readonly summary: (zone: string) => string;
  readonly hears: (event: AuditEvent) => boolean;
}

const trailOf: Listener = {
  idOf: trailIdOf,
  begin: auditTrail,
  summary: (zone) => `The audit trail of ${zone}`,
  hears: (event) => !['waits', 'hold', 'sick'].includes(event),
};

const newsOf: Listener = {
  idOf: newsIdOf,
  begin: zoneNews,
  summary: (zone) => `The news of ${zone}`,
  hears: (event) => ['start', 'waits', 'hold', 'sick', 'cut', 'end'].includes(event),
};

/** Whether the settings name an audit, as far as the plan said. */
export const isAudited = ({ listeners }: RunAudit): boolean => listeners?.includes(trailOf) ?? false;

export type Facts = Readonly<Record<string, string | number | boolean | null | undefined>>;

/** Something happened. What isn't known is left out. @param workflow the deployment that it is about */
export function tell(audit: RunAudit, event: AuditEvent, facts: Facts, workflow = workflowInfo().workflowId): void {
  const { listeners } = audit;
  if (listeners && !listeners.some(({ hears }) => hears(event))) return;
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
  if (listeners) handOver(audit, workflow);
}

/** A failure may hold what AWS said at length. */
const shortened = (text: string) => Array.from(text.slice(0, 4_001)).slice(0, 4_000).join('');

/** The plan says who listens. */
export function knowListening(audit: RunAudit, listening: Listening, workflow = workflowInfo().workflowId): void {
  const { audited = false, notified = false } = listening;
  audit.listeners = [...(audited ? [trailOf] : []), ...(notified ? [newsOf] : [])];
  handOver(audit, workflow);
}

function handOver(audit: RunAudit, workflow: string): void {
  const entries = audit.waiting.splice(0);
  const { zone } = parseDeploymentId(workflow);
  const deliveries = (audit.listeners ?? []).flatMap((listener) => {
    const heard = entries.filter(({ event }) => listener.hears(event));
    return heard.length === 0 ? [] : [() => deliver(listener, zone, heard)];
  });
  if (deliveries.length === 0) return;
  audit.handingOver = audit.handingOver.then(() =>
    CancellationScope.nonCancellable(async () => void (await Promise.all(deliveries.map((one) => one())))),
  );
}

/** Until Temporal has it, which is there as long as this run is. */
async function deliver(listener: Listener, zone: string, entries: readonly AuditEntry[]): Promise<void> {
  for (let pauseMs = 500; ; pauseMs = Math.min(2 * pauseMs, 60_000)) {
    if (await reaches(listener, zone, entries)) return;
    if (await begins(listener, zone, entries)) return;
    await sleep(pauseMs, { summary: `${listener.summary(zone)} begins elsewhere` });
  }
}

const reaches = ({ idOf }: Listener, zone: string, entries: readonly AuditEntry[]): Promise<boolean> =>
  getExternalWorkflowHandle(idOf(zone))
    .signal(entriesSignal, entries)
    .then(
      () => true,
      () => false,
    );

async function begins(
  { idOf, begin, summary }: Listener,
  zone: string,
  entries: readonly AuditEntry[],
): Promise<boolean> {
  try {
    await startChild(begin, {
      workflowId: idOf(zone),
      workflowTaskTimeout,
      args: [{ zone, entries }],
      staticSummary: summary(zone),
      parentClosePolicy: ParentClosePolicy.ABANDON,
    });
    return true;
  } catch {
    // Another run has begun it: it can be reached now.
    return false;
  }
}
