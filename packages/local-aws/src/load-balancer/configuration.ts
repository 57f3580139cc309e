/**
 * What the control plane (the ELBv2 API, src/elbv2) sends to the data plane (the proxy, src/load-balancer), and what it gets
 * back. They are two processes: either may die and come back, and the other notices no more than a late answer.
 *
 * - `PUT /configuration` (JSON `DataPlaneConfiguration`): the whole desired state, idempotent; sent after every change, and
 *   again when the control plane or the proxy restarts. The proxy keeps the last one on disk and starts from it.
 * - `GET /targets?after=REVISION` (JSON `TargetReport`): answers at once when the report's revision is not REVISION, else
 *   when it changes or after 10 s.
 * - `GET /counts?since=MINUTE` (JSON `CountReport`): what was counted in the minutes from MINUTE on.
 *
 * All of these are requests to the proxy's control port, on loopback only. Times in the configuration are AWS's own (seconds,
 * unscaled); the proxy divides them by `timeScale`.
 */
import type { Action, RuleCondition, RuleTransform } from '@aws-sdk/client-elastic-load-balancing-v2';

export interface DataPlaneConfiguration {
  /** Grows with every change; the proxy ignores a smaller version than it has. */
  readonly version: number;
  readonly timeScale: number;
  /** How slowly tasks begin to answer; absent: as they do. */
  readonly profile?: 'windows';
  /** What sessions and tokens of known clients are signed with. */
  readonly loginKey: string;
  /** The longest time that a changed rule waits for its batch, and by how much the nodes differ (seconds, unscaled). */
  readonly propagation: { readonly batchSeconds: number; readonly jitterSeconds: number };
  readonly loadBalancers: readonly LoadBalancerConfiguration[];
  readonly listeners: readonly ListenerConfiguration[];
  readonly targetGroups: readonly TargetGroupConfiguration[];
}

export interface LoadBalancerConfiguration {
  readonly arn: string;
  readonly name: string;
  /** The name that has the nodes' addresses in DNS, in lower case. */
  readonly dnsName: string;
  readonly nodes: readonly NodeConfiguration[];
  /** The attributes as DescribeLoadBalancerAttributes lists them, e.g. `idle_timeout.timeout_seconds`. */
  readonly attributes: Readonly<Record<string, string>>;
}

export interface NodeConfiguration {
  /** A loopback address, IPv4 or IPv6. */
  readonly address: string;
  /** The availability zone that it is in. */
  readonly zone: string;
}

export interface ListenerConfiguration {
  readonly arn: string;
  readonly loadBalancerArn: string;
  readonly protocol: 'HTTP' | 'HTTPS';
  readonly port: number;
  /** Of an HTTPS listener, with the default one at the beginning. */
  readonly certificates?: readonly ServerCertificate[];
  readonly sslPolicy?: string;
  /** The rules by ascending priority, with the default rule at the end. */
  readonly rules: readonly RuleConfiguration[];
}

export interface ServerCertificate {
  /** The names that it is for; the first label may be `*`. */
  readonly names: readonly string[];
  /** PEM, as the key is. */
  readonly certificate: string;
  readonly key: string;
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
  /** Whether its targets are asked over TLS, whatever their certificates are. Default: no. */
  readonly secure?: boolean;
  readonly healthCheck: HealthCheckConfiguration;
  /** The attributes as DescribeTargetGroupAttributes lists them, e.g. `deregistration_delay.timeout_seconds`. */
  readonly attributes: Readonly<Record<string, string>>;
  readonly targets: readonly TargetConfiguration[];
}

export interface HealthCheckConfiguration {
  readonly enabled: boolean;
  /** As of the group. */
  readonly secure?: boolean;
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
  /** The availability zone that it is in. */
  readonly zone?: string;
  /** The address on which it listens; on one machine always a loopback address. */
  readonly address: string;
  /** Whether it is a task of ECS with a network of its own. */
  readonly isTask?: boolean;
  /** Milliseconds since the epoch. */
  readonly registeredAt: number;
  /** Set when it is deregistered: it gets no new requests, and those in flight are cut when the deregistration delay is over. */
  readonly drainingSince?: number;
}

export interface CountReport {
  /** Identifies this process; another process counts from 0 again. */
  readonly run: string;
  /** Milliseconds since the epoch. */
  readonly now: number;
  readonly counts: readonly MinuteCount[];
}

/** All that a process counted in one minute. */
export interface MinuteCount {
  readonly loadBalancerArn: string;
  /** Empty for requests that no target group got. */
  readonly targetGroupArn: string;
  /** The beginning of the minute, in milliseconds since the epoch. */
  readonly minute: number;
  /** The counts by the names of CloudWatch's metrics. */
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
