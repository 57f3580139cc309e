/** Which addresses a probe may connect to, whatever a name server or a target group says. */
import { ApplicationFailure } from '@temporalio/common';
import { BlockList, isIP } from 'node:net';

const never = new BlockList();
// The machine's metadata and its neighbours; nobody in particular; many at once.
never.addSubnet('169.254.0.0', 16);
never.addSubnet('0.0.0.0', 8);
never.addSubnet('224.0.0.0', 3);
never.addSubnet('fe80::', 10, 'ipv6');
never.addSubnet('ff00::', 8, 'ipv6');
never.addAddress('::', 'ipv6');
never.addAddress('fd00:ec2::254', 'ipv6');
const loopback = new BlockList();
loopback.addSubnet('127.0.0.0', 8);
loopback.addAddress('::1', 'ipv6');

/** Names that never leave the machine (RFC 6761): the local stack's. */
const isLocal = (name: string) => /(?:^|\.)localhost$/i.test(name) || isIP(name) !== 0;

/**
 * @param dnsName of the load balancer that they belong to
 * @throws {ApplicationFailure} of type `NotOurs` when one of them is no load balancer's and no container's
 */
export function refuseAddresses(dnsName: string, addresses: readonly string[]): void {
  const within = (list: BlockList, address: string) =>
    isIP(address) !== 0 && list.check(address, isIP(address) === 4 ? 'ipv4' : 'ipv6');
  const strange = addresses.find(
    (address) => within(never, address) || (within(loopback, address) && !isLocal(dnsName)),
  );
  if (strange === undefined) return;
  throw ApplicationFailure.nonRetryable(
    `${strange} is no address that a load balancer or a container of ${dnsName} can have, so it was not asked: look at who answers for that name.`,
    'NotOurs',
  );
}
