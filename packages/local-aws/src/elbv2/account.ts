/** What every account has: its limits and the TLS policies. */
import type {
  DescribeAccountLimitsInput,
  DescribeAccountLimitsOutput,
  DescribeSSLPoliciesInput,
  DescribeSSLPoliciesOutput,
} from '@aws-sdk/client-elastic-load-balancing-v2';
import { fail } from '../protocol/errors';
import { invalid, pageOf, type Elbv2 } from './elbv2';
import { quotas } from './quotas';

/** The limits that the local AWS enforces, by their names in the API reference. */
const limits: Readonly<Record<string, number>> = {
  'application-load-balancers': quotas.loadBalancersPerRegion,
  'target-groups': quotas.targetGroupsPerRegion,
  'targets-per-application-load-balancer': quotas.targetsPerTargetGroup,
  'listeners-per-application-load-balancer': quotas.listenersPerLoadBalancer,
  'rules-per-application-load-balancer': quotas.rulesPerLoadBalancer,
  'target-groups-per-application-load-balancer': quotas.targetGroupsPerLoadBalancer,
  'target-groups-per-action-on-application-load-balancer': quotas.targetGroupsPerAction,
  'condition-values-per-alb-rule': quotas.conditionValuesPerRule,
  'condition-wildcards-per-alb-rule': quotas.wildcardsPerRule,
  'certificates-per-application-load-balancer': quotas.certificatesPerListener,
};

export function describeAccountLimits(_: Elbv2, input: DescribeAccountLimitsInput): DescribeAccountLimitsOutput {
  const all = Object.entries(limits).map(([Name, max]) => ({ Name, Max: `${max}` }));
  const { items, ...next } = pageOf(all, input);
  return { Limits: items, ...next };
}

const tls13 = ['TLS_AES_128_GCM_SHA256', 'TLS_AES_256_GCM_SHA384', 'TLS_CHACHA20_POLY1305_SHA256'];
const forward = [
  'ECDHE-ECDSA-AES128-GCM-SHA256',
  'ECDHE-RSA-AES128-GCM-SHA256',
  'ECDHE-ECDSA-AES256-GCM-SHA384',
  'ECDHE-RSA-AES256-GCM-SHA384',
];

/** Some of AWS's policies. https://docs.aws.amazon.com/elasticloadbalancing/latest/application/describe-ssl-policies.html */
const policies: Readonly<
  Record<string, { readonly protocols: readonly string[]; readonly ciphers: readonly string[] }>
> = {
  'ELBSecurityPolicy-2016-08': { protocols: ['TLSv1', 'TLSv1.1', 'TLSv1.2'], ciphers: forward },
  'ELBSecurityPolicy-TLS13-1-3-2021-06': { protocols: ['TLSv1.3'], ciphers: tls13 },
  'ELBSecurityPolicy-TLS13-1-2-2021-06': { protocols: ['TLSv1.2', 'TLSv1.3'], ciphers: [...tls13, ...forward] },
  'ELBSecurityPolicy-TLS13-1-2-Res-2021-06': { protocols: ['TLSv1.2', 'TLSv1.3'], ciphers: [...tls13, ...forward] },
  'ELBSecurityPolicy-TLS13-1-2-Res-PQ-2025-09': { protocols: ['TLSv1.2', 'TLSv1.3'], ciphers: [...tls13, ...forward] },
};

/** @throws {AwsError} with code `SSLPolicyNotFound` */
export function describeSslPolicies(_: Elbv2, input: DescribeSSLPoliciesInput): DescribeSSLPoliciesOutput {
  const { Names: names = [], LoadBalancerType: type = 'application' } = input;
  if (type !== 'application') invalid(`The local AWS has policies for load balancers of the type 'application' only`);
  const missing = names.find((name) => !(name in policies));
  if (missing !== undefined) fail('SSLPolicyNotFoundException', `SSL policy '${missing}' not found`);
  const wanted = Object.entries(policies).filter(([name]) => names.length === 0 || names.includes(name));
  const { items, ...next } = pageOf(wanted, input);
  return {
    SslPolicies: items.map(([Name, { protocols, ciphers }]) => ({
      Name,
      SslProtocols: [...protocols],
      Ciphers: ciphers.map((cipher, index) => ({ Name: cipher, Priority: index + 1 })),
      SupportedLoadBalancerTypes: ['application'],
    })),
    ...next,
  };
}
