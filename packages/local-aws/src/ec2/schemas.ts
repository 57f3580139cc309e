/**
 * Schemas of the four operations of EC2 that a deployer calls, written by hand in the SDK's form: its own client for EC2 has
 * some seven hundred operations.
 * https://docs.aws.amazon.com/AWSEC2/latest/APIReference/
 */
import type { StaticListSchema, StaticOperationSchema, StaticStructureSchema, $SchemaRef } from '@smithy/types';

const namespace = 'com.amazonaws.ec2';
const text = 0;
const boolean = 2;
const number = 1;

/** A member's schema and its name on the wire. */
type Members = Readonly<Record<string, readonly [schema: $SchemaRef, name: string]>>;

function structure(name: string, members: Members): StaticStructureSchema {
  const schemas = Object.values(members).map(([schema, xmlName]): $SchemaRef => [schema, { xmlName }]);
  return [3, namespace, name, 0, Object.keys(members), schemas];
}

/** A list in an answer, whose items are elements `<item>`. */
function items(name: string, schema: $SchemaRef): StaticListSchema {
  return [1, namespace, name, 0, [schema, { xmlName: 'item' }]];
}

/** A list in a form, whose items are `Name.1`, `Name.2` and so on. */
function flat(name: string, schema: $SchemaRef): StaticListSchema {
  return [1, namespace, name, { xmlFlattened: 1 }, schema];
}

const filter = structure('Filter', { Name: [text, 'Name'], Values: [flat('ValueStringList', text), 'Value'] });
const tags = items('TagList', structure('Tag', { Key: [text, 'key'], Value: [text, 'value'] }));

function describe(
  name: string,
  ids: readonly [member: string, wireName: string],
  answer: readonly [member: string, wireName: string, item: StaticStructureSchema],
): StaticOperationSchema {
  const input = structure(`${name}Request`, {
    [ids[0]]: [flat('IdStringList', text), ids[1]],
    Filters: [flat('FilterList', filter), 'Filter'],
    MaxResults: [number, 'MaxResults'],
    NextToken: [text, 'NextToken'],
  });
  const output = structure(`${name}Result`, {
    [answer[0]]: [items(`${answer[0]}List`, answer[2]), answer[1]],
    NextToken: [text, 'nextToken'],
  });
  return [9, namespace, name, 0, input, output];
}

const subnet = structure('Subnet', {
  SubnetId: [text, 'subnetId'],
  SubnetArn: [text, 'subnetArn'],
  VpcId: [text, 'vpcId'],
  OwnerId: [text, 'ownerId'],
  State: [text, 'state'],
  CidrBlock: [text, 'cidrBlock'],
  AvailabilityZone: [text, 'availabilityZone'],
  AvailableIpAddressCount: [number, 'availableIpAddressCount'],
  DefaultForAz: [boolean, 'defaultForAz'],
  MapPublicIpOnLaunch: [boolean, 'mapPublicIpOnLaunch'],
  Tags: [tags, 'tagSet'],
});
const privateAddress = structure('InstancePrivateIpAddress', {
  PrivateIpAddress: [text, 'privateIpAddress'],
  Primary: [boolean, 'primary'],
});
const networkInterface = structure('InstanceNetworkInterface', {
  PrivateIpAddresses: [items('InstancePrivateIpAddressList', privateAddress), 'privateIpAddressesSet'],
});
const instance = structure('Instance', {
  InstanceId: [text, 'instanceId'],
  VpcId: [text, 'vpcId'],
  PrivateIpAddress: [text, 'privateIpAddress'],
  NetworkInterfaces: [items('InstanceNetworkInterfaceList', networkInterface), 'networkInterfaceSet'],
});
const reservation = structure('Reservation', {
  OwnerId: [text, 'ownerId'],
  Instances: [items('InstanceList', instance), 'instancesSet'],
});
const vpc = structure('Vpc', {
  VpcId: [text, 'vpcId'],
  OwnerId: [text, 'ownerId'],
  State: [text, 'state'],
  CidrBlock: [text, 'cidrBlock'],
  IsDefault: [boolean, 'isDefault'],
  Tags: [tags, 'tagSet'],
});
const securityGroup = structure('SecurityGroup', {
  GroupId: [text, 'groupId'],
  GroupName: [text, 'groupName'],
  Description: [text, 'groupDescription'],
  VpcId: [text, 'vpcId'],
  OwnerId: [text, 'ownerId'],
  Tags: [tags, 'tagSet'],
});

/** The names are those by which an SDK's client exports its schemas. */
export const ec2Schemas: Readonly<Record<string, StaticOperationSchema>> = {
  DescribeSubnets$: describe('DescribeSubnets', ['SubnetIds', 'SubnetId'], ['Subnets', 'subnetSet', subnet]),
  DescribeInstances$: describe(
    'DescribeInstances',
    ['InstanceIds', 'InstanceId'],
    ['Reservations', 'reservationSet', reservation],
  ),
  DescribeVpcs$: describe('DescribeVpcs', ['VpcIds', 'VpcId'], ['Vpcs', 'vpcSet', vpc]),
  DescribeSecurityGroups$: describe(
    'DescribeSecurityGroups',
    ['GroupIds', 'GroupId'],
    ['SecurityGroups', 'securityGroupInfo', securityGroup],
  ),
};
