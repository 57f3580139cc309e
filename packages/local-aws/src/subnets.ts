/**
 * The Availability Zones of subnets, which have no network behind them: where a load balancer or a service lists a subnet first, its
 * place in that list is its zone. So the subnets of a load balancer are in different zones, and a service's third subnet is in one
 * that a load balancer of two subnets isn't in.
 */
import type { EcsState } from './ecs/state';
import type { Elbv2State } from './elbv2/state';

/** The zones by subnet, such as `us-east-1a`. Load balancers come first, and services in the order of their creation. */
export function zonesOfSubnets(region: string, elbv2: Elbv2State, ecs?: EcsState): Map<string, string> {
  const lists = [
    ...Object.values(elbv2.loadBalancers).map(({ subnets }) => subnets),
    ...Object.values(ecs?.services ?? {}).map(
      ({ settings }) => settings.networkConfiguration?.awsvpcConfiguration?.subnets ?? [],
    ),
  ];
  const zones = new Map<string, string>();
  for (const subnets of lists) {
    for (const [index, subnet] of subnets.entries()) if (!zones.has(subnet)) zones.set(subnet, zoneAt(region, index));
  }
  return zones;
}

/** The zone of a load balancer's subnet, as {@link zonesOfSubnets} says it: it is asked for with every look at a target. */
export function zoneOfSubnet(region: string, { loadBalancers }: Elbv2State, subnet: string): string | undefined {
  for (const { subnets } of Object.values(loadBalancers)) {
    const index = subnets.indexOf(subnet);
    if (index >= 0) return zoneAt(region, index);
  }
  return undefined;
}

/** The zone of a list's subnet at this index, where no resource lists it yet. */
export function zoneAt(region: string, index: number): string {
  return `${region}${'abcdef'.charAt(index % 6)}`;
}
