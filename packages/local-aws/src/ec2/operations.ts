/**
 * EC2: the one VPC of the local AWS, and the subnets and security groups that load balancers and services name. There is no
 * network behind them; any subnet or group that a resource names exists.
 */
import type { EcsState } from '../ecs/state';
import type { Elbv2State } from '../elbv2/state';
import type { Operations } from '../operations';
import { fail } from '../protocol/errors';
import { accountId, arnOf, type Scope } from '../scope';
import { zonesOfSubnets } from '../subnets';

export interface Ec2 {
  readonly scope: Scope;
  readonly elbv2: Elbv2State;
  readonly ecs: EcsState;
}

interface Filter {
  readonly Name?: string;
  readonly Values?: readonly string[];
}

interface Page {
  readonly Filters?: readonly Filter[];
  readonly MaxResults?: number;
  readonly NextToken?: string;
}

type Resource = Readonly<Record<string, string | number | boolean>>;

/** How resources of a kind are named, and the error for an id that none of them has. */
interface Kind {
  readonly idName: string;
  readonly missingCode: string;
  /** What AWS calls it in that error. */
  readonly noun: string;
}

const subnets: Kind = { idName: 'SubnetId', missingCode: 'InvalidSubnetID.NotFound', noun: 'subnet ID' };
const vpcs: Kind = { idName: 'VpcId', missingCode: 'InvalidVpcID.NotFound', noun: 'vpc ID' };
const securityGroups: Kind = { idName: 'GroupId', missingCode: 'InvalidGroup.NotFound', noun: 'security group' };

const instances: Kind = { idName: 'InstanceId', missingCode: 'InvalidInstanceID.NotFound', noun: 'instance ID' };

const defaultVpc = 'vpc-local';

export function ec2Operations(ec2: Ec2): Operations {
  return {
    DescribeSubnets: ({ SubnetIds, ...page }: Page & { readonly SubnetIds?: readonly string[] }) => {
      const { items, ...next } = select(subnetsOf(ec2), subnets, SubnetIds, page);
      return { Subnets: items, ...next };
    },
    DescribeInstances: ({ InstanceIds, ...page }: Page & { readonly InstanceIds?: readonly string[] }) => {
      const { items, ...next } = select(instancesOf(ec2), instances, InstanceIds, page);
      return { Reservations: items.map(reservationOf), ...next };
    },
    DescribeVpcs: ({ VpcIds, ...page }: Page & { readonly VpcIds?: readonly string[] }) => {
      const { items, ...next } = select(vpcsOf(ec2), vpcs, VpcIds, page);
      return { Vpcs: items, ...next };
    },
    DescribeSecurityGroups: ({ GroupIds, ...page }: Page & { readonly GroupIds?: readonly string[] }) => {
      const { items, ...next } = select(groupsOf(ec2), securityGroups, GroupIds, page);
      return { SecurityGroups: items, ...next };
    },
  };
}

function subnetsOf({ scope, elbv2, ecs }: Ec2): Resource[] {
  return [...zonesOfSubnets(scope.region, elbv2, ecs)].map(([SubnetId, AvailabilityZone], index) => ({
    SubnetId,
    SubnetArn: arnOf(scope, 'ec2', `subnet/${SubnetId}`),
    VpcId: vpcOf(elbv2),
    OwnerId: accountId,
    State: 'available',
    CidrBlock: `10.0.${index}.0/24`,
    AvailabilityZone,
    AvailableIpAddressCount: 251,
    DefaultForAz: false,
    MapPublicIpOnLaunch: false,
  }));
}

/** Whatever is registered by an instance's ID is one. Nothing runs there, so its address is made of its ID's last four digits. */
function instancesOf({ elbv2 }: Ec2): Resource[] {
  const targets = Object.values(elbv2.targetGroups).flatMap((group) =>
    group.targetType === 'instance' ? Object.values(group.targets).map(({ id }) => ({ id, vpcId: group.vpcId })) : [],
  );
  return [...new Map(targets.map(({ id, vpcId }) => [id, vpcId]))].map(([InstanceId, VpcId]) => ({
    InstanceId,
    VpcId,
    PrivateIpAddress: `10.0.${Number.parseInt(InstanceId.slice(-4, -2), 16)}.${Number.parseInt(InstanceId.slice(-2), 16)}`,
  }));
}

/** Each was launched alone, and has one interface. */
const reservationOf = (instance: Resource) => ({
  OwnerId: accountId,
  Instances: [
    {
      ...instance,
      NetworkInterfaces: [{ PrivateIpAddresses: [{ Primary: true, PrivateIpAddress: instance['PrivateIpAddress'] }] }],
    },
  ],
});

function vpcsOf({ elbv2 }: Ec2): Resource[] {
  const ids = new Set([vpcOf(elbv2), ...Object.values(elbv2.targetGroups).map(({ vpcId }) => vpcId)]);
  return [...ids].map((VpcId) => ({
    VpcId,
    OwnerId: accountId,
    State: 'available',
    CidrBlock: '10.0.0.0/16',
    IsDefault: VpcId === defaultVpc,
  }));
}

function groupsOf({ elbv2, ecs }: Ec2): Resource[] {
  const ids = new Set([
    ...Object.values(elbv2.loadBalancers).flatMap(({ securityGroups }) => securityGroups),
    ...networksOf(ecs).flatMap(({ securityGroups }) => securityGroups ?? []),
  ]);
  return [...ids].map((GroupId) => ({
    GroupId,
    GroupName: GroupId.replace(/^sg-/, 'group-'),
    Description: 'Named by a load balancer or a service.',
    VpcId: vpcOf(elbv2),
    OwnerId: accountId,
  }));
}

function networksOf({ services }: EcsState) {
  return Object.values(services).flatMap(({ settings }) => settings.networkConfiguration?.awsvpcConfiguration ?? []);
}

function vpcOf({ targetGroups }: Elbv2State): string {
  return Object.values(targetGroups)[0]?.vpcId ?? defaultVpc;
}

/** The resources with one of the ids that pass every filter. A filter that isn't known here is refused rather than ignored. */
function select(
  all: readonly Resource[],
  { idName, missingCode, noun }: Kind,
  ids: readonly string[] = [],
  page: Page,
): { items: Resource[]; NextToken?: string } {
  const missing = ids.find((id) => !all.some((one) => one[idName] === id));
  if (missing !== undefined) fail(missingCode, `The ${noun} '${missing}' does not exist`);
  const named = all.filter((one) => ids.length === 0 || ids.includes(String(one[idName])));
  const items = named.filter((one) => (page.Filters ?? []).every((filter) => matches(one, filter)));
  const start = page.NextToken === undefined ? 0 : Number(page.NextToken);
  if (!Number.isInteger(start)) fail('InvalidNextToken', 'The token is not valid.');
  const end = start + (page.MaxResults ?? 1000);
  return end < items.length
    ? { items: items.slice(start, end), NextToken: `${end}` }
    : { items: items.slice(start, end) };
}

/** The filter `vpc-id` is the member `VpcId`; a value may have `*` and `?`. No resource here has tags. */
function matches(resource: Resource, { Name: name = '', Values: values = [] }: Filter): boolean {
  const member = name.replace(/(^|-)([a-z])/g, (_, _dash, letter: string) => letter.toUpperCase());
  const value = resource[member];
  if (name.startsWith('tag')) return false;
  if (value === undefined) return fail('InvalidParameterValue', `The filter '${name}' is invalid`);
  return values.some((pattern) => {
    const expression = pattern
      .replace(/[.+^${}()|[\]\\]/g, '\\$&')
      .replaceAll('*', '.*')
      .replaceAll('?', '.');
    return new RegExp(`^${expression}$`).test(String(value));
  });
}
