/**
 * What a write may be for: the settings of the run's zone say it, and no input does. Each of these says, as a clause, how an input
 * differs from the settings; `undefined` where it doesn't. An input differs where somebody edited the settings while a deployment is
 * under way, and where somebody made it up.
 */
import { isDeepStrictEqual } from 'node:util';
import { loadBalancerOf } from '../../settings/listeners';
import type { ZoneSettings } from '../../settings/schema';
import { zoneThroughEach } from '../listeners/others';
import type { ServiceSettings } from '../observed/observed';
import type { PriorityRange } from '../routing/rule-set';
import type { Site } from '../site';
import { planServiceSettings } from '../twin/service-settings';

/** Region, role and cluster. */
export function otherSite(site: Site, { region, role, cluster }: ZoneSettings): string | undefined {
  if (site.region !== region) return differing('region', site.region, region);
  if (site.cluster !== cluster) return differing('cluster', site.cluster, cluster);
  return sameValue(site.role, role) ? undefined : differing('role', formatRole(site.role), formatRole(role));
}

const formatRole = (role: Site['role']) =>
  role ? `${role.arn}${role.externalId === undefined ? '' : ` (external ID ${role.externalId})`}` : 'none';

/** @param arn of a listener, or of a rule on one */
export function otherListener(arn: string, zone: ZoneSettings): string | undefined {
  const own = listenersOf(zone);
  const isOwn = own.some((one) => arn === one || arn.startsWith(`${one.replace(':listener/', ':listener-rule/')}/`));
  if (isOwn) return undefined;
  const what = arn.includes(':listener-rule/') ? 'rule' : 'listener';
  return differing(what, arn, `the listeners ${own.join(' and ')}`);
}

/** The same for another port of the application's service, which any listener of the zone's load balancers may lead to. */
export function otherLoadBalancer(arn: string, zone: ZoneSettings): string | undefined {
  const own = [...new Set(listenersOf(zone).map(loadBalancerOf))];
  if (own.includes(loadBalancerOf(arn.replace(':listener-rule/', ':listener/')))) return undefined;
  return differing('listener', arn, `the load balancers ${own.join(' and ')}`);
}

const listenersOf = (zone: ZoneSettings): string[] =>
  zoneThroughEach(zone).flatMap(({ listener, testListener }) => [listener, ...(testListener ? [testListener] : [])]);

export function otherPriorities({ from, to }: PriorityRange, { priorities: own }: ZoneSettings): string | undefined {
  if (from === own.from && to === own.to) return undefined;
  return differing('priorities', `${from} to ${to}`, `${own.from} to ${own.to}`);
}

/** What of a service the settings decide alone; where they say nothing it is as its twin's, or as AWS has it. */
const decided = [
  'networkConfiguration',
  'serviceRegistries',
  'volumeConfigurations',
  'enableExecuteCommand',
  'capacityProviderStrategy',
] as const satisfies readonly (keyof ServiceSettings)[];

export function otherService(given: ServiceSettings, zone: ZoneSettings): string | undefined {
  const wanted = planServiceSettings(zone, {}, given.networkConfiguration ? 'awsvpc' : 'bridge');
  const member = decided.find((name) => wanted[name] !== undefined && !sameValue(given[name], wanted[name]));
  return member && differing(member, JSON.stringify(given[member]), JSON.stringify(wanted[member]));
}

export function otherVpc(vpcId: string | undefined, { targetGroup: { vpc } }: ZoneSettings): string | undefined {
  return vpc === undefined || vpcId === vpc ? undefined : differing('VPC', vpcId, vpc);
}

export const differing = (what: string, given: string | undefined, own: string): string =>
  `the ${what} ${given ?? 'that AWS chooses'}, where the settings have ${own}`;

/** Whether two values are one as JSON, however their members are ordered. */
export const sameValue = (one: unknown, other: unknown): boolean => isDeepStrictEqual(asJson(one), asJson(other));

const asJson = (value: unknown): unknown => (value === undefined ? null : JSON.parse(JSON.stringify(value)));
