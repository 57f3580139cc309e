/** Subnets, of which only their Availability Zones are asked for. Effect: none. */
import { areServed, unservedSubnets, type UnservedSubnet } from '../../../planning/findings/availability-zones';
import type { ObservedListener } from '../../../planning/routing/listener-rules';
import type { AwsClients } from '../client/clients';

/**
 * The Availability Zone of each subnet. One DescribeSubnets; without any subnet AWS lists some of the account's.
 * @throws {ApplicationFailure} of type `NotFound` when there is no such subnet
 */
export async function describeZones(
  ec2: AwsClients['ec2'],
  subnets: readonly string[],
): Promise<Readonly<Record<string, string>>> {
  const { DescribeSubnetsCommand } = await import('@aws-sdk/client-ec2');
  const asked = subnets.length > 0 ? { SubnetIds: [...subnets] } : { MaxResults: 5 };
  const { Subnets = [] } = await (await ec2()).send(new DescribeSubnetsCommand(asked));
  return Object.fromEntries(
    Subnets.map(({ SubnetId = '', AvailabilityZone = '' }): [string, string] => [SubnetId, AvailabilityZone]),
  );
}

/** The subnets in zones where a load balancer isn't enabled. At most one call: none where all are the load balancers' own. */
export const describeUnserved = async (
  { ec2 }: Pick<AwsClients, 'ec2'>,
  subnets: readonly string[],
  through: readonly Pick<ObservedListener, 'loadBalancerDnsName' | 'zonesOfSubnets'>[],
): Promise<UnservedSubnet[]> =>
  areServed(subnets, through) ? [] : unservedSubnets(await describeZones(ec2, subnets), through);
