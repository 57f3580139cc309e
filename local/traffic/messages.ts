/** The options, requests and reports of the traffic generator, which all cross to or from a process of its own. */

export interface TrafficApplication {
  readonly name: string;
  /** Each gets requests under `/<Module>/`. */
  readonly modules: readonly string[];
}

export interface TrafficOptions {
  /** E.g. `http://127.0.0.1:8080`. */
  readonly loadBalancer: string;
  /** With HTTPS: the file with the certificate of the authority that the load balancer's is trusted by. Default: Node's own. */
  readonly certificateAuthority?: string;
  /** All of its nodes get requests: its name, and the DNS server that knows it. Default: only the address above. */
  readonly nodes?: { readonly name: string; readonly resolver: string };
  /** The Host header; the load balancer's own address by default. */
  readonly host?: string;
  /** Sent with every request, for users who have logged in; none by default. */
  readonly cookie?: string;
  /** Sent with every request as well, as a CDN adds them; none by default. */
  readonly headers?: Readonly<Record<string, string>>;
  readonly applications: readonly TrafficApplication[];
  /** For all modules of all applications together, without the streams; 100 by default. */
  readonly requestsPerSecond?: number;
  /** How long an answer may take (a stream: beyond its own time) before it counts as lost; 30 s by default. */
  readonly timeoutMs?: number;
  /** How long each stream lasts; 3 s by default. */
  readonly streamMs?: number;
  /** After so long the next stream of each application begins; half of `streamMs` by default, so that two are open at any time. */
  readonly streamEveryMs?: number;
}

/** What may answer for an application; without a version, any version may. */
export interface Allowed {
  readonly servedBy: string;
  readonly version?: string;
  /** The name that it answers with, if that differs after a rename. Default: the name in the requests. */
  readonly application?: string;
}

/** `cutShort` is an answer without its end, `wronglyServed` one from a release that may not answer. */
export type FailureKind = 'refused' | 'reset' | 'cutShort' | 'status' | 'wronglyServed' | 'timedOut';

export interface TrafficFailure {
  /** When the failure was noticed, and when the request was sent, in milliseconds since the epoch. */
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
  /** The connection's error, or the first 200 characters of what arrived. */
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

/** Numbers of requests: all that were sent, and those that failed. */
export interface TrafficCounts {
  readonly sent: number;
  readonly failed: number;
}

export interface TrafficReport extends TrafficCounts {
  /** Sent and not answered yet; neither failed nor fine. */
  readonly inFlight: number;
  readonly byApplication: Readonly<Record<string, TrafficCounts>>;
  /** The first 50 failures. */
  readonly failures: readonly TrafficFailure[];
  readonly answered: readonly AnsweredSpan[];
  /** The latencies of whole answers that weren't streams. */
  readonly latencyMs: { readonly p50: number; readonly p99: number; readonly max: number };
}

export type TrafficCommand =
  | { readonly do: 'report' }
  | { readonly do: 'setApplications'; readonly applications: readonly TrafficApplication[] }
  | { readonly do: 'expect'; readonly application: string; readonly allowed?: readonly Allowed[] }
  | { readonly do: 'stop' };

/** From parent to child. Each is answered with the report of that moment. */
export interface TrafficRequest {
  readonly id: number;
  readonly command: TrafficCommand;
}

/** From child to parent. */
export interface TrafficResponse {
  readonly id: number;
  readonly report: TrafficReport;
}
