/**
 * What the control plane (the ELBv2 API, src/elbv2) tells the data plane (the proxy, src/load-balancer), and what it
 * hears back. Two processes: either may die and come back without the other noticing more than a late answer.
 *
 * - `PUT /configuration` (JSON `DataPlaneConfiguration`): the whole desired state, idempotent; sent after every change, and
 *   again when the control plane or the proxy restarts. The proxy keeps the last one on disk and starts from it.
 * - `GET /targets?after=REVISION` (JSON `TargetReport`): answers at once when the report's revision is not REVISION, else
 *   when it changes or after 10 s.
 * - `GET /counts?since=MINUTE` (JSON `CountReport`): what was counted in the minutes from MINUTE on.
 *
 * Both on the proxy's control port, loopback only. Times in the configuration are AWS's own (seconds, unscaled); the proxy
 * divides them by `timeScale`.
 */
import type { Action, RuleCondition, RuleTransform } from '@aws-sdk/client-elastic-load-balancing-v2';

export interface DataPlaneConfiguration {
  /** Grows with every change; a smaller one than the proxy holds is ignored. */
  readonly version: number;
  readonly timeScale: number;
  /** How long a changed rule waits at most to be batched, and how far the nodes lie apart (seconds, unscaled). */
  readonly propagation: { readonly batchSeconds: number; readonly jitterSeconds: number };
  readonly loadBalancers: readonly LoadBalancerConfiguration[];
  readonly listeners: readonly ListenerConfiguration[];
  readonly targetGroups: readonly TargetGroupConfiguration[];
}

export interface LoadBalancerConfiguration {
  readonly arn: string;
  readonly name: string;
  /** As DescribeLoadBalancerAttributes lists them, e.g. `idle_timeout.timeout_seconds`. */
  readonly attributes: Readonly<Record<string, string>>;
}

export interface ListenerConfiguration {
  readonly arn: string;
  readonly loadBalancerArn: string;
  readonly protocol: 'HTTP' | 'HTTPS';
  readonly port: number;
  /** By ascending priority, the default rule last. */
  readonly rules: readonly RuleConfiguration[];
}

export interface RuleConfiguration {
  readonly arn: string;
  readonly priority: number | 'default';
  readonly conditions: readonly RuleCondition[];
  readonly actions: readonly Action[];
  readonly transforms: readonly RuleTransform[];
}

export interface TargetGroupConfiguration {
  readonly arn: string;
  readonly name: string;
  /** False when no rule of any listener forwards to it: its targets are `unused` and aren't checked. */
  readonly inUse: boolean;
  readonly healthCheck: HealthCheckConfiguration;
  /** As DescribeTargetGroupAttributes lists them, e.g. `deregistration_delay.timeout_seconds`. */
  readonly attributes: Readonly<Record<string, string>>;
  readonly targets: readonly TargetConfiguration[];
}

export interface HealthCheckConfiguration {
  readonly enabled: boolean;
  readonly path: string;
  /** `traffic-port` or a number. */
  readonly port: string;
  readonly intervalSeconds: number;
  readonly timeoutSeconds: number;
  readonly healthyThresholdCount: number;
  readonly unhealthyThresholdCount: number;
  /** E.g. `200` or `200-299,301`. */
  readonly matcher: string;
}

export interface TargetConfiguration {
  /** The target's Id as registered. */
  readonly id: string;
  readonly port: number;
  /** Where it listens; on one machine always a loopback address. */
  readonly address: string;
  /** Milliseconds since the epoch. */
  readonly registeredAt: number;
  /** Set when it is being deregistered: no new requests, those in flight are cut when the deregistration delay is over. */
  readonly drainingSince?: number;
}

export interface CountReport {
  /** Names this process: another one counts from 0. */
  readonly run: string;
  /** Milliseconds since the epoch. */
  readonly now: number;
  readonly counts: readonly MinuteCount[];
}

/** All that a process counted in one minute. */
export interface MinuteCount {
  readonly loadBalancerArn: string;
  /** Empty for what met no target group. */
  readonly targetGroupArn: string;
  /** Its beginning, in milliseconds since the epoch. */
  readonly minute: number;
  /** By the names of CloudWatch's metrics. */
  readonly values: Readonly<Record<string, number>>;
}

export interface TargetReport {
  readonly revision: number;
  readonly targets: readonly TargetState[];
}

/** One target's health as the load balancer sees it; `unused` and `draining` targets are reported too. */
export interface TargetState {
  readonly targetGroupArn: string;
  readonly id: string;
  readonly port: number;
  /** https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_TargetHealth.html */
  readonly state: 'initial' | 'healthy' | 'unhealthy' | 'unused' | 'draining' | 'unavailable';
  readonly reason?: string;
  readonly description?: string;
  /** Milliseconds since the epoch at which `state` began. */
  readonly since: number;
  readonly inFlight: number;
}
