/**
 * What the name servers of hosted zones answer: the addresses of a record, the healthy one of two for a failover.
 * https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/health-checks-how-route-53-chooses-records.html
 */
import type { AliasTarget, ResourceRecordSet } from '@aws-sdk/client-route-53';
import type { DnsHealth } from '../elbv2/dns-health';
import type { Elbv2 } from '../elbv2/elbv2';
import { dnsNameOf, nodesOf } from '../elbv2/nodes';
import { nameOf, propagatedRecordsOf, type Route53State } from './state';

export interface Answering {
  readonly state: Route53State;
  readonly elbv2: Elbv2;
  readonly dnsHealth: DnsHealth;
}

/** The addresses of a name; undefined where no hosted zone has it. */
export function addressesOf({ state, elbv2, dnsHealth }: Answering, asked: string): readonly string[] | undefined {
  const name = nameOf(asked);
  const zone = Object.values(state.zones).find((one) => name === one.name || name.endsWith(`.${one.name}`));
  if (zone === undefined) return undefined;
  const sets = propagatedRecordsOf(zone, elbv2.now(), elbv2.timeScale).filter((set) => set.Name === name);
  const ofType = (type: string) =>
    chosen(
      elbv2,
      dnsHealth,
      sets.filter(({ Type }) => Type === type),
    );
  return sets.length === 0 ? undefined : ['A', 'AAAA'].flatMap((type) => valuesOf(elbv2, ofType(type)));
}

/** An unhealthy primary record gives way to a secondary one that isn't unhealthy too. */
function chosen(elbv2: Elbv2, dnsHealth: DnsHealth, sets: readonly ResourceRecordSet[]): ResourceRecordSet | undefined {
  const isHealthy = ({ AliasTarget: alias }: ResourceRecordSet): boolean => {
    if (!alias?.EvaluateTargetHealth) return true;
    const arn = loadBalancerOf(elbv2, alias)?.arn;
    return !dnsHealth.spells.some(({ loadBalancerArn, until }) => loadBalancerArn === arn && until === undefined);
  };
  const inOrder = sets.toSorted(({ Failover: one = '' }, { Failover: other = '' }) => one.localeCompare(other));
  return inOrder.find(isHealthy) ?? inOrder[0];
}

function valuesOf(elbv2: Elbv2, set: ResourceRecordSet | undefined): string[] {
  if (set?.AliasTarget === undefined) return (set?.ResourceRecords ?? []).map(({ Value = '' }) => Value);
  const loadBalancer = loadBalancerOf(elbv2, set.AliasTarget);
  const addresses = loadBalancer === undefined ? [] : nodesOf(elbv2, loadBalancer).map(({ address }) => address);
  return addresses.filter((address) => address.includes(':') === (set.Type === 'AAAA'));
}

/** The load balancer of an alias, whose name may begin with `dualstack.`. */
export function loadBalancerOf(elbv2: Elbv2, { DNSName = '' }: AliasTarget) {
  const name = nameOf(DNSName).replace(/^dualstack\./, '');
  return Object.values(elbv2.state.loadBalancers).find((one) => nameOf(dnsNameOf(elbv2, one)) === name);
}
