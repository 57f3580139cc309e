/**
 * The nodes of load balancers: where they listen, and in which zone each is. One machine has several loopback addresses; each is
 * a node.
 *
 * On AWS a node is in the zone of one of the load balancer's subnets, and its IPv4 and IPv6 address are the same node's. Here an
 * IPv6 address is a node of its own, which is harder: it gets changes at another time.
 */
import { once } from 'node:events';
import { createServer } from 'node:net';
import type { LoadBalancerConfiguration } from '../load-balancer/configuration';
import { zonesOfSubnets } from '../subnets';
import type { Elbv2 } from './elbv2';
import type { LoadBalancer } from './state';

/** Those that a load balancer has at first. Linux has all of 127.0.0.0/8, macOS only the first. */
const wanted = ['127.0.0.1', '127.0.0.2', '127.0.0.3', '::1'];

/** The addresses that this machine has. */
export async function loopbackAddresses(): Promise<readonly string[]> {
  const usable = await Promise.all(wanted.map(canListen));
  return wanted.filter((_, index) => usable[index]);
}

async function canListen(address: string): Promise<boolean> {
  const server = createServer();
  const bound = once(server, 'listening').then(
    () => true,
    () => false,
  );
  server.listen(0, address);
  const can = await bound;
  if (can) await new Promise((resolve) => server.close(resolve));
  return can;
}

/** The nodes of a load balancer now; one without IPv6 has none there. */
export function nodesOf(
  { addresses, scope, state }: Elbv2,
  { subnets, ipAddressType }: LoadBalancer,
): LoadBalancerConfiguration['nodes'] {
  const zones = zonesOfSubnets(scope.region, state);
  return addresses()
    .filter((address) => !address.includes(':') || ipAddressType !== 'ipv4')
    .map((address, index) => ({ address, zone: zones.get(subnets[index % subnets.length] ?? '') ?? '' }));
}

/** As AWS forms it, but under `.localhost`, a name that never leaves the machine (RFC 6761). */
export function dnsNameOf({ scope }: Elbv2, { arn, name, scheme }: LoadBalancer): string {
  const number = Number.parseInt(arn.slice(-8), 16);
  return `${scheme === 'internal' ? 'internal-' : ''}${name}-${number}.${scope.region}.elb.localhost`.toLowerCase();
}
