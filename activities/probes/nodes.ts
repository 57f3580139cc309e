/** The nodes of a load balancer, as its name has them while something is asked. */
import { lookup, Resolver } from 'node:dns/promises';
import {
  countingAnswers,
  familyOf,
  familyWithoutRoute,
  formatLeftOut,
  type AddressAnswer,
  type Family,
} from '../../planning/proof/nodes';
import type { RouteAddress } from '../../planning/routing/live-and-test-routes';

/** A name's addresses are asked for again after so long: they change as the load balancer scales. */
const freshForMs = 1_000;

export interface Nodes {
  /** Every address that the name has, or had since this began: a change must have reached each of the nodes. */
  addresses(): Promise<string[]>;
  /** Those of a round's answers that count. */
  counting<Answer extends AddressAnswer>(answers: readonly Answer[]): Answer[];
  /** What was left out, as a sentence; `undefined` when nothing. */
  leftOut(): string | undefined;
}

export function nodesOf(route: RouteAddress): Nodes {
  const known = new Set<string>();
  let listed: string[] = [];
  let listedAt = -Infinity;
  let without: Family | undefined;
  return {
    async addresses() {
      if (performance.now() - listedAt > freshForMs) {
        listed = await describeAddresses(route);
        listedAt = performance.now();
        listed.forEach((address) => known.add(address));
      }
      return [...known].filter((address) => familyOf(address) !== without);
    },
    counting(answers) {
      without ??= familyWithoutRoute(answers);
      const counting = countingAnswers(answers, listed, without);
      const gone = answers.filter((one) => !counting.includes(one) && !listed.includes(one.address));
      gone.forEach(({ address }) => known.delete(address));
      return counting;
    },
    leftOut: () => without && formatLeftOut(without),
  };
}

/**
 * Every address that the load balancer's name has now, of the family that the zone wants.
 * @throws {Error} when there is none
 */
export async function describeAddresses({ dnsName, resolver, probe }: RouteAddress): Promise<string[]> {
  const found =
    resolver === undefined
      ? (await lookup(dnsName, { all: true })).map(({ address }) => address)
      : await addressesAt(resolver, dnsName);
  const family = probe?.family ?? 'any';
  const wanted = found.filter((address) => family === 'any' || familyOf(address) === family);
  if (wanted.length > 0) return wanted;
  throw new Error(`${dnsName} has no ${family} address: its addresses are ${found.join(', ')}; correct probe.family.`);
}

/** @throws {Error} when the DNS server doesn't answer, or knows no address of the name */
async function addressesAt(resolver: string, dnsName: string): Promise<string[]> {
  const dns = new Resolver({ timeout: 2_000, tries: 3 });
  dns.setServers([resolver]);
  const answers = await Promise.allSettled([dns.resolve4(dnsName), dns.resolve6(dnsName)]);
  const addresses = answers.flatMap((answer) => (answer.status === 'fulfilled' ? answer.value : []));
  if (addresses.length > 0) return addresses;
  const failed = answers.find((answer) => answer.status === 'rejected');
  throw new Error(`${resolver} has no address of ${dnsName}: ${failed?.reason}`);
}
