/** The operations on load balancers. A new one is active at once; its nodes are in elbv2/nodes.ts. */
import type {
  CreateLoadBalancerInput,
  CreateLoadBalancerOutput,
  DeleteLoadBalancerInput,
  DescribeLoadBalancersInput,
  DescribeLoadBalancersOutput,
  LoadBalancer as LoadBalancerDescription,
  SetIpAddressTypeInput,
  SetIpAddressTypeOutput,
  SetSecurityGroupsInput,
  SetSecurityGroupsOutput,
  SetSubnetsInput,
  SetSubnetsOutput,
} from '@aws-sdk/client-elastic-load-balancing-v2';
import type { Given } from '../operations';
import { fail } from '../protocol/errors';
import { arnOf, hexId } from '../scope';
import { zonesOfSubnets } from '../subnets';
import { loadBalancerAttributeDefaults } from './attributes';
import { invalid, listenersOfLoadBalancer, loadBalancerOf, pageOf, type Elbv2 } from './elbv2';
import { removeListener } from './listeners/listeners';
import { dnsNameOf } from './nodes';
import { checkName } from './names';
import { quotas } from './quotas';
import type { LoadBalancer } from './state';
import { setTags } from './tags';

/** Where Route 53 has the load balancers' names; of us-east-1, in any region. */
export const loadBalancerHostedZone = 'Z35SXDOTRQ7X7K';

/**
 * Creates a load balancer, or returns the one with the same name and settings.
 * @throws {AwsError} with code `DuplicateLoadBalancerName` when the one with that name has other settings
 */
export function createLoadBalancer(elbv2: Elbv2, input: Given<CreateLoadBalancerInput>): CreateLoadBalancerOutput {
  checkName('Load balancer', input.Name);
  if (input.Type !== undefined && input.Type !== 'application') {
    invalid(`The local AWS has load balancers of the type 'application' only, not '${input.Type}'`);
  }
  const subnets = parseSubnets(input);
  const settings = {
    scheme: input.Scheme ?? 'internet-facing',
    subnets,
    securityGroups: input.SecurityGroups ?? [],
    ipAddressType: input.IpAddressType ?? 'ipv4',
  };
  const known = findByName(elbv2, input.Name);
  if (known !== undefined) return { LoadBalancers: [describe(elbv2, sameOrDuplicate(known, settings))] };
  if (Object.keys(elbv2.state.loadBalancers).length >= quotas.loadBalancersPerRegion) {
    fail('TooManyLoadBalancersException', "You've reached the limit on the number of load balancers");
  }
  const arn = arnOf(elbv2.scope, 'elasticloadbalancing', `loadbalancer/app/${input.Name}/${hexId(16)}`);
  const attributes = { ...loadBalancerAttributeDefaults };
  const loadBalancer = { arn, name: input.Name, ...settings, createdAt: elbv2.now(), attributes };
  elbv2.state.loadBalancers[arn] = loadBalancer;
  setTags(elbv2, arn, input.Tags);
  elbv2.changed();
  return { LoadBalancers: [describe(elbv2, loadBalancer)] };
}

export function describeLoadBalancers(elbv2: Elbv2, input: DescribeLoadBalancersInput): DescribeLoadBalancersOutput {
  const all = Object.values(elbv2.state.loadBalancers);
  const missing =
    input.LoadBalancerArns?.find((arn) => elbv2.state.loadBalancers[arn] === undefined) ??
    input.Names?.find((name) => findByName(elbv2, name) === undefined);
  if (missing !== undefined) fail('LoadBalancerNotFoundException', `Load balancers '[${missing}]' not found`);
  const wanted = all.filter(
    ({ arn, name }) => (input.LoadBalancerArns?.includes(arn) ?? true) && (input.Names?.includes(name) ?? true),
  );
  const { items, ...next } = pageOf(wanted, input);
  return { LoadBalancers: items.map((item) => describe(elbv2, item)), ...next };
}

/** Deletes a load balancer with its listeners and rules; target groups stay. It succeeds for one that doesn't exist. */
export function deleteLoadBalancer(elbv2: Elbv2, { LoadBalancerArn: arn }: Given<DeleteLoadBalancerInput>): object {
  const loadBalancer = elbv2.state.loadBalancers[arn];
  if (loadBalancer === undefined) return {};
  if (loadBalancer.attributes['deletion_protection.enabled'] === 'true') {
    fail(
      'OperationNotPermittedException',
      `Load balancer '${arn}' cannot be deleted because deletion protection is enabled`,
    );
  }
  for (const listener of listenersOfLoadBalancer(elbv2, arn)) removeListener(elbv2, listener);
  delete elbv2.state.loadBalancers[arn];
  delete elbv2.state.tags[arn];
  elbv2.changed();
  return {};
}

/** Subnets give the nodes their zones; traffic still comes over loopback. */
export function setSubnets(elbv2: Elbv2, input: Given<SetSubnetsInput>): SetSubnetsOutput {
  const loadBalancer = loadBalancerOf(elbv2, input.LoadBalancerArn);
  loadBalancer.subnets = parseSubnets(input);
  if (input.IpAddressType !== undefined) loadBalancer.ipAddressType = input.IpAddressType;
  elbv2.changed();
  const { AvailabilityZones, IpAddressType } = describe(elbv2, loadBalancer);
  return { AvailabilityZones, IpAddressType };
}

/**
 * Security groups are stored and shown, and nothing else.
 * @throws {AwsError} with code `InvalidSecurityGroup`
 */
export function setSecurityGroups(elbv2: Elbv2, input: Given<SetSecurityGroupsInput>): SetSecurityGroupsOutput {
  const loadBalancer = loadBalancerOf(elbv2, input.LoadBalancerArn);
  const wrong = input.SecurityGroups.find((id) => !id.startsWith('sg-'));
  if (wrong !== undefined) fail('InvalidSecurityGroupException', `Security group '${wrong}' is not valid`);
  loadBalancer.securityGroups = input.SecurityGroups;
  elbv2.changed();
  return { SecurityGroupIds: [...loadBalancer.securityGroups] };
}

/** With IPv6 the load balancer has a node there, where this machine has it. */
export function setIpAddressType(elbv2: Elbv2, input: Given<SetIpAddressTypeInput>): SetIpAddressTypeOutput {
  const loadBalancer = loadBalancerOf(elbv2, input.LoadBalancerArn);
  const types = ['ipv4', 'dualstack', 'dualstack-without-public-ipv4'];
  if (!types.includes(input.IpAddressType))
    invalid(`IP address type '${input.IpAddressType}' must be one of '${types.join(', ')}'`);
  loadBalancer.ipAddressType = input.IpAddressType;
  elbv2.changed();
  return { IpAddressType: input.IpAddressType };
}

function parseSubnets(input: Pick<SetSubnetsInput, 'Subnets' | 'SubnetMappings'>): string[] {
  const subnets = input.Subnets ?? input.SubnetMappings?.map((mapping) => mapping.SubnetId ?? '') ?? [];
  if (new Set(subnets).size < 2) invalid('At least two subnets in two different Availability Zones must be specified');
  return subnets;
}

function findByName({ state }: Elbv2, name: string): LoadBalancer | undefined {
  return Object.values(state.loadBalancers).find((loadBalancer) => loadBalancer.name === name);
}

function sameOrDuplicate(known: LoadBalancer, wanted: object): LoadBalancer {
  const settings = new Map<string, unknown>(Object.entries(known));
  const same = Object.entries(wanted).every(
    ([name, value]) => JSON.stringify(settings.get(name)) === JSON.stringify(value),
  );
  if (same) return known;
  return fail(
    'DuplicateLoadBalancerNameException',
    `A load balancer with the same name '${known.name}' exists, but with different settings`,
  );
}

function describe(elbv2: Elbv2, loadBalancer: LoadBalancer): LoadBalancerDescription {
  const zones = zonesOfSubnets(elbv2.scope.region, elbv2.state);
  return {
    LoadBalancerArn: loadBalancer.arn,
    LoadBalancerName: loadBalancer.name,
    DNSName: dnsNameOf(elbv2, loadBalancer),
    CanonicalHostedZoneId: loadBalancerHostedZone,
    CreatedTime: new Date(loadBalancer.createdAt),
    Scheme: loadBalancer.scheme as 'internet-facing',
    VpcId: 'vpc-local',
    State: { Code: 'active' },
    Type: 'application',
    AvailabilityZones: loadBalancer.subnets.map((SubnetId) => ({
      ZoneName: zones.get(SubnetId),
      SubnetId,
      LoadBalancerAddresses: [],
    })),
    SecurityGroups: [...loadBalancer.securityGroups],
    IpAddressType: loadBalancer.ipAddressType as 'ipv4',
    EnablePrefixForIpv6SourceNat: 'off',
  };
}
