/** Instances, of which only their addresses are asked for. Effect: none. */
import type { Instance } from '@aws-sdk/client-ec2';
import type { AwsClients } from '../client/clients';

/** As many values as a filter takes. */
const valuesOfFilter = 200;

/** The addresses of each instance, every interface's. One DescribeInstances for 200; one that isn't there is left out. */
export async function describeAddresses(
  ec2: AwsClients['ec2'],
  instances: readonly string[],
): Promise<ReadonlyMap<string, readonly string[]>> {
  const found = new Map<string, readonly string[]>();
  for (let from = 0; from < instances.length; from += valuesOfFilter) {
    const { DescribeInstancesCommand } = await import('@aws-sdk/client-ec2');
    const named = { Name: 'instance-id', Values: instances.slice(from, from + valuesOfFilter) };
    const { Reservations = [] } = await (await ec2()).send(new DescribeInstancesCommand({ Filters: [named] }));
    for (const { Instances = [] } of Reservations)
      for (const instance of Instances) found.set(instance.InstanceId ?? '', addressesOf(instance));
  }
  return found;
}

function addressesOf({ PrivateIpAddress, NetworkInterfaces = [] }: Instance): string[] {
  const ofInterfaces = NetworkInterfaces.flatMap(({ PrivateIpAddresses = [], Ipv6Addresses = [] }) => [
    ...PrivateIpAddresses.map((one) => one.PrivateIpAddress),
    ...Ipv6Addresses.map((one) => one.Ipv6Address),
  ]);
  return [PrivateIpAddress, ...ofInterfaces].filter((address) => address !== undefined);
}
