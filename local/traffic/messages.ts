/** What the traffic generator is told and what it tells; it runs in a process of its own, and everything here crosses over. */

export interface TrafficApplication {
  readonly name: string;
  /** Each is asked under `/<Module>/`. */
  readonly modules: readonly string[];
}

export interface TrafficOptions {
  /** E.g. `http://127.0.0.1:8080`. */
  readonly loadBalancer: string;
  /** The Host header; the load balancer's own address by default. */
  readonly host?: string;
  readonly applications: readonly TrafficApplication[];
  /** Over all modules of all applications, without the streams; 100 by default. */
  readonly requestsPerSecond?: number;
  /** How long an answer may take (a stream: beyond its own time) before it counts as lost; 30 s by default. */
  readonly timeoutMs?: number;
  /** How long each stream lasts; 3 s by default. */
  readonly streamMs?: number;
}

/** Who may answer for an application; without a version any will do. */
export interface Allowed {
  readonly servedBy: string;
  readonly version?: string;
  /** What it calls itself, where it is renamed; the name it is asked by otherwise. */
  readonly application?: string;
}

export type FailureKind = 'refused' | 'reset' | 'cutShort' | 'status' | 'wronglyServed' | 'timedOut';

export interface TrafficFailure {
  /** When it was noticed, and when the request was sent: milliseconds since the epoch. */
  readonly at: number;
  readonly sentAt: number;
  readonly kind: FailureKind;
  readonly application: string;
  readonly module: string;
  readonly url: string;
  readonly connection: 'new' | 'keepAlive';
  /** True for one of the long streaming answers. */
  readonly streaming: boolean;
  /** Absent when no status arrived. */
  readonly status?: number;
  /** The connection's error, or what arrived, its first 200 characters. */
  readonly received: string;
}

/** A stretch of time in which one release answered for a module; two stretches overlap while both answer. */
export interface AnsweredSpan {
  readonly application: string;
  readonly module: string;
  readonly servedBy: string;
  readonly version: string;
  /** Milliseconds since the epoch. */
  readonly firstAt: number;
  readonly lastAt: number;
  readonly count: number;
}

export interface TrafficCounts {
  readonly sent: number;
  readonly failed: number;
}

export interface TrafficReport extends TrafficCounts {
  /** Sent and not answered yet; neither failed nor fine. */
  readonly inFlight: number;
  readonly byApplication: Readonly<Record<string, TrafficCounts>>;
  /** The first 50. */
  readonly failures: readonly TrafficFailure[];
  readonly answered: readonly AnsweredSpan[];
  /** Of whole answers that weren't streams. */
  readonly latencyMs: { readonly p50: number; readonly p99: number; readonly max: number };
}

export type TrafficCommand =
  | { readonly do: 'report' }
  | { readonly do: 'setApplications'; readonly applications: readonly TrafficApplication[] }
  | { readonly do: 'expect'; readonly application: string; readonly allowed?: readonly Allowed[] }
  | { readonly do: 'stop' };

/** Parent to child. Every one is answered with a report of the moment. */
export interface TrafficRequest {
  readonly id: number;
  readonly command: TrafficCommand;
}

/** Child to parent. */
export interface TrafficResponse {
  readonly id: number;
  readonly report: TrafficReport;
}
