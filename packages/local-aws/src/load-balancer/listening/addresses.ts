/** IP addresses and CIDR blocks, IPv4 and IPv6, for `source-ip` conditions. */
import { BlockList, isIPv4, isIPv6 } from 'node:net';

/** Node shows an IPv4 client of a dual-stack socket as `::ffff:127.0.0.1`, for which the load balancer has `127.0.0.1`. */
export function plainAddress(address: string | undefined): string {
  if (address === undefined) return '';
  return address.startsWith('::ffff:') ? address.slice(7) : address;
}

/** Whether an address is in any of the blocks; a block that isn't in CIDR notation contains nothing. */
export function blockMatcher(blocks: readonly string[]): (address: string) => boolean {
  const list = new BlockList();
  for (const block of blocks) {
    const [network = '', prefix = ''] = block.split('/');
    const bits = Number(prefix);
    if (isIPv4(network) && bits <= 32) list.addSubnet(network, bits, 'ipv4');
    else if (isIPv6(network) && bits <= 128) list.addSubnet(network, bits, 'ipv6');
  }
  return (address) => list.check(address, isIPv6(address) ? 'ipv6' : 'ipv4');
}
