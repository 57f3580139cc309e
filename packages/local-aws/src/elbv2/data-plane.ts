/**
 * The link to the load balancer's process: it pushes the configuration after every change, and follows the reports on targets
 * and the counts. Either side may be killed and come back: this side tries for ever, and pushes again whenever the other one
 * couldn't be reached.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import type { CountReport, DataPlaneConfiguration, TargetReport, TargetState } from '../load-balancer/configuration';

export interface DataPlaneLink {
  /** The last report while it is fresh; undefined when the load balancer can't be reached. */
  reported(): readonly TargetState[] | undefined;
  /** To be called when there is something new to push. */
  push(): void;
  /** Fetches what was counted since the last time; resolves also when the load balancer can't be reached. */
  count(): Promise<void>;
  close(): Promise<void>;
}

export interface DataPlaneLinkOptions {
  readonly controlUrl: string;
  /** The configuration to push now; resolves when it is stored. */
  readonly configuration: () => Promise<DataPlaneConfiguration>;
  /** Called when a report differs from the one before. */
  readonly onReport: () => void;
  /** Called with what the load balancer counted, possibly more than once with the same. */
  readonly onCounts: (report: CountReport) => void;
}

/** How long a report is fresh after the load balancer last answered. */
const freshForMs = 3_000;
const retryAfterMs = 200;
/** When the load balancer's process is killed, what it counted since the last fetch is lost. */
const countEveryMs = 1_000;
const minuteMs = 60_000;
/** A report takes up to 10 s to answer when nothing changes. */
const reportTimeoutMs = 15_000;

/** Begins to push and to follow at once; never fails when the load balancer can't be reached. */
export function linkDataPlane(options: DataPlaneLinkOptions): DataPlaneLink {
  const closing = new AbortController();
  let report: TargetReport | undefined;
  let lostAt: number | undefined = 0;
  let dirty = true;
  let wake = (): void => undefined;
  const push = (): void => {
    dirty = true;
    wake();
  };
  const heard = (next: TargetReport): void => {
    // After a time without answers it is unknown which configuration the other side has.
    if (lostAt !== undefined) push();
    lostAt = undefined;
    report = next;
    options.onReport();
  };
  const follow = async (): Promise<void> => {
    while (!closing.signal.aborted) {
      const after = lostAt === undefined ? report?.revision : undefined;
      try {
        heard(await fetchReport(options.controlUrl, after, closing.signal));
      } catch {
        lostAt ??= Date.now();
        await pause(closing.signal);
      }
    }
  };
  const pushAll = async (): Promise<void> => {
    while (!closing.signal.aborted) {
      if (!dirty) await new Promise<void>((resolve) => (wake = resolve));
      if (closing.signal.aborted) return;
      dirty = false;
      try {
        await putConfiguration(options.controlUrl, await options.configuration(), closing.signal);
      } catch {
        dirty = true;
        await pause(closing.signal);
      }
    }
  };
  let countedUpTo = 0;
  const count = async (): Promise<void> => {
    const counts = await fetchCounts(options.controlUrl, countedUpTo, closing.signal).catch(() => undefined);
    if (counts === undefined) return;
    options.onCounts(counts);
    // The minute that isn't over is fetched again, and so is the one before, for what was counted at its very end.
    countedUpTo = Math.floor(counts.now / minuteMs) * minuteMs - minuteMs;
  };
  const countAll = async (): Promise<void> => {
    while (!closing.signal.aborted) {
      await count();
      await pause(closing.signal, countEveryMs);
    }
  };
  const loops = [follow(), pushAll(), countAll()];
  return {
    push,
    count,
    reported: () => (lostAt === undefined || Date.now() - lostAt < freshForMs ? report?.targets : undefined),
    close: async () => {
      closing.abort();
      wake();
      await Promise.all(loops);
    },
  };
}

async function fetchReport(controlUrl: string, after: number | undefined, signal: AbortSignal): Promise<TargetReport> {
  const url = `${controlUrl}/targets?after=${after ?? -1}`;
  const response = await fetch(url, { signal: AbortSignal.any([signal, AbortSignal.timeout(reportTimeoutMs)]) });
  if (!response.ok) throw new Error(`The load balancer answers ${response.status} to ${url}.`);
  return (await response.json()) as TargetReport;
}

async function fetchCounts(controlUrl: string, since: number, signal: AbortSignal): Promise<CountReport> {
  const url = `${controlUrl}/counts?since=${since}`;
  const response = await fetch(url, { signal: AbortSignal.any([signal, AbortSignal.timeout(2_000)]) });
  if (!response.ok) throw new Error(`The load balancer answers ${response.status} to ${url}.`);
  return (await response.json()) as CountReport;
}

async function putConfiguration(controlUrl: string, body: DataPlaneConfiguration, signal: AbortSignal): Promise<void> {
  const response = await fetch(`${controlUrl}/configuration`, {
    method: 'PUT',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
    signal: AbortSignal.any([signal, AbortSignal.timeout(5_000)]),
  });
  await response.arrayBuffer();
  if (!response.ok) throw new Error(`The load balancer answers ${response.status} to its configuration.`);
}

async function pause(signal: AbortSignal, ms = retryAfterMs): Promise<void> {
  await sleep(ms, undefined, { signal }).catch(() => undefined);
}
