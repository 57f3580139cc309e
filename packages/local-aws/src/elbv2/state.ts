/** The resources of ELBv2 as they are stored. Keys are ARNs. */
import type {
  Action,
  Certificate,
  RuleCondition,
  RuleTransform,
  MutualAuthenticationAttributes,
} from '@aws-sdk/client-elastic-load-balancing-v2';
import type { HealthCheckConfiguration } from '../load-balancer/configuration';

export interface Elbv2State {
  /** Grows with every change that concerns the load balancer. */
  version: number;
  /** What sessions and tokens of known clients are signed with; made at the first start. */
  loginKey?: string;
  readonly loadBalancers: Record<string, LoadBalancer>;
  readonly listeners: Record<string, Listener>;
  readonly rules: Record<string, Rule>;
  readonly targetGroups: Record<string, TargetGroup>;
  /** The tags of every resource. */
  readonly tags: Record<string, Record<string, string>>;
}

export interface LoadBalancer {
  readonly arn: string;
  readonly name: string;
  readonly scheme: string;
  subnets: readonly string[];
  securityGroups: readonly string[];
  ipAddressType: string;
  readonly createdAt: number;
  readonly attributes: Record<string, string>;
}

export interface Listener {
  readonly arn: string;
  readonly loadBalancerArn: string;
  protocol: 'HTTP' | 'HTTPS';
  port: number;
  certificates: Certificate[];
  /** Certificates besides the default one, for the names that clients ask for (SNI). */
  moreCertificates?: readonly string[];
  attributes?: Record<string, string>;
  sslPolicy?: string;
  mutualAuthentication?: MutualAuthenticationAttributes;
}

export interface Rule {
  readonly arn: string;
  readonly listenerArn: string;
  /** From 1 to 50000, or `default` for the listener's default rule. */
  priority: number | 'default';
  conditions: readonly RuleCondition[];
  actions: readonly Action[];
  transforms: readonly RuleTransform[];
}

export interface TargetGroup {
  readonly arn: string;
  readonly name: string;
  readonly protocol: string;
  readonly protocolVersion: string;
  readonly port: number;
  readonly vpcId: string;
  readonly targetType: 'ip' | 'instance';
  readonly ipAddressType: string;
  healthCheck: HealthCheckConfiguration & { readonly protocol: string };
  readonly attributes: Record<string, string>;
  targets: Target[];
}

export interface Target {
  readonly id: string;
  readonly port: number;
  readonly availabilityZone?: string;
  readonly registeredAt: number;
  drainingSince?: number;
}

export function emptyElbv2(): Elbv2State {
  return { version: 0, loadBalancers: {}, listeners: {}, rules: {}, targetGroups: {}, tags: {} };
}
