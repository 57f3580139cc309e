/** What happened so far: counts, failures, what answered when, and latencies. */
import { createHistogram } from 'node:perf_hooks';
import type { Answerer, Question } from './judge';
import type { AnsweredSpan, TrafficCounts, TrafficFailure, TrafficReport } from './messages';

const reportedFailures = 50;
/** A release that didn't answer for this long had stopped answering: its next answer begins another span. */
const spanGapMs = 2_000;

export interface TrafficRecord {
  sent(question: Question): void;
  answered(question: Question, by: Answerer, at: number): void;
  failed(failure: TrafficFailure): void;
  /** Records the latency of a whole answer that wasn't a stream. */
  tookMs(latencyMs: number): void;
  report(): TrafficReport;
}

interface Counts {
  sent: number;
  failed: number;
}

type Span = { -readonly [Key in keyof AnsweredSpan]: AnsweredSpan[Key] };

export function createRecord(): TrafficRecord {
  const total: Counts = { sent: 0, failed: 0 };
  const byApplication = new Map<string, Counts>();
  const failures: TrafficFailure[] = [];
  const spans: Span[] = [];
  const openSpans = new Map<string, Span>();
  // In microseconds.
  const latencies = createHistogram();
  let answers = 0;

  const countsOf = (application: string): Counts => {
    const counts = byApplication.get(application) ?? { sent: 0, failed: 0 };
    byApplication.set(application, counts);
    return counts;
  };

  return {
    sent({ application }) {
      total.sent += 1;
      countsOf(application).sent += 1;
    },
    answered({ application, module }, { servedBy, version }, at) {
      answers += 1;
      const key = JSON.stringify([application, module, servedBy, version]);
      const open = openSpans.get(key);
      if (open !== undefined && at - open.lastAt <= spanGapMs) {
        open.lastAt = at;
        open.count += 1;
        return;
      }
      const span = { application, module, servedBy, version, firstAt: at, lastAt: at, count: 1 };
      openSpans.set(key, span);
      spans.push(span);
    },
    failed(failure) {
      total.failed += 1;
      countsOf(failure.application).failed += 1;
      if (failures.length < reportedFailures) failures.push(failure);
    },
    tookMs: (latencyMs) => latencies.record(Math.max(1, Math.round(latencyMs * 1000))),
    report() {
      const ms = (microseconds: number) => Math.round(microseconds / 10) / 100;
      const [p50, p99] = [50, 99].map((percentile) => (latencies.count === 0 ? 0 : latencies.percentile(percentile)));
      return {
        ...total,
        inFlight: total.sent - total.failed - answers,
        byApplication: copyOf(byApplication),
        failures: [...failures],
        answered: spans.map((span) => ({ ...span })),
        latencyMs: { p50: ms(p50 ?? 0), p99: ms(p99 ?? 0), max: latencies.count === 0 ? 0 : ms(latencies.max) },
      };
    },
  };
}

function copyOf(counts: ReadonlyMap<string, Counts>): Readonly<Record<string, TrafficCounts>> {
  return Object.fromEntries([...counts].map(([name, each]) => [name, { ...each }]));
}
