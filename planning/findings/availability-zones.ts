/**
 * Availability Zones in which tasks may be placed and the load balancer isn't: their targets are `unused`, and such a replica never
 * becomes healthy. https://docs.aws.amazon.com/elasticloadbalancing/latest/application/application-load-balancers.html
 */
import { finding, type Finding } from '../doctor';
import type { ObservedListener } from '../routing/listener-rules';
import type { ObservedService, ServiceSettings } from '../observed/observed';
import type { NetworkSettings } from '../../settings/tasks/service';

/** The subnets of a service's tasks; none where its tasks have no network of their own. */
export const subnetsOf = ({ networkConfiguration }: ServiceSettings = {}): readonly string[] =>
  networkConfiguration?.awsvpcConfiguration?.subnets ?? [];

/** Where the next replicas are placed: in the settings' subnets, else in those of what is there. */
export const subnetsOfNext = (
  network: NetworkSettings | undefined,
  services: readonly Pick<ObservedService, 'settings'>[],
): string[] => [...new Set(network?.subnets ?? services.flatMap(({ settings }) => subnetsOf(settings)))];

/** Whether it can be told without asking EC2: every subnet is one of each load balancer's own, or theirs isn't known. */
export const areServed = (subnets: readonly string[], listeners: readonly Through[]): boolean =>
  listeners.every(({ zonesOfSubnets }) => !zonesOfSubnets || subnets.every((subnet) => subnet in zonesOfSubnets));

type Through = Pick<ObservedListener, 'loadBalancerDnsName' | 'zonesOfSubnets'>;

/** A subnet whose targets a load balancer sends nothing to. */
export interface UnservedSubnet {
  readonly subnet: string;
  readonly zone: string;
  readonly loadBalancer: string;
}

/** @param zones the Availability Zone of each subnet */
export const unservedSubnets = (
  zones: Readonly<Record<string, string>>,
  listeners: readonly Through[],
): UnservedSubnet[] =>
  listeners.flatMap(({ zonesOfSubnets, loadBalancerDnsName }) => {
    const enabled = Object.values(zonesOfSubnets ?? {});
    if (enabled.length === 0) return [];
    return Object.entries(zones)
      .filter(([, zone]) => !enabled.includes(zone))
      .map(([subnet, zone]) => ({ subnet, zone, loadBalancer: loadBalancerDnsName }));
  });

/** The same for who reads a plan. */
export const unservedSentence = (unserved: UnservedSubnet): string =>
  `${says(unserved).replace(/^t/, 'T')}. ${wayOut(unserved)}`;

const says = ({ subnet, zone, loadBalancer }: UnservedSubnet) =>
  `tasks may be placed in ${subnet}, in ${zone}, where the load balancer ${loadBalancer} is not enabled: a target there stays "unused", and its replica never becomes healthy`;

const wayOut = ({ zone }: UnservedSubnet) =>
  `Enable ${zone} for the load balancer, or leave that subnet out of the "network" of the settings.`;

/** One finding a subnet, however many applications are placed there: an error, for a replica may be placed there at any time. */
export function findUnserved(unserved: readonly UnservedSubnet[]): Finding[] {
  const check = 'availability zones';
  if (unserved.length === 0)
    return [finding({ check, state: 'ok', says: 'tasks are placed only where the load balancer is enabled' })];
  return unserved.map((one) => finding({ check, state: 'error', says: says(one), next: wayOut(one) }));
}
