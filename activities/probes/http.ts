/** One HTTP request on a connection of its own, to one address of the load balancer, with the zone's Host. */
import { lookup, Resolver } from 'node:dns/promises';
import { Client } from 'undici';
import type { ProbeAnswer } from '../../planning/proof/answers';
import type { RouteAddress } from '../../planning/routing/live-and-test-routes';

const answerTimeoutMs = 10_000;
const longestText = 400;

/** Every address that the load balancer's name resolves to now: a change must have reached each of its nodes. */
export async function describeAddresses({ dnsName, resolver }: RouteAddress): Promise<string[]> {
  if (resolver !== undefined) return await addressesAt(resolver, dnsName);
  const addresses = await lookup(dnsName, { all: true });
  return addresses.map(({ address }) => address);
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

/**
 * Requests a path. Never rejects: where no connection is made within 5 s, or a part of the answer takes longer than 10 s, the
 * answer has no status and says why.
 * @param path with its query, e.g. `/Orders`
 */
export async function probe(route: RouteAddress, address: string, path: string): Promise<ProbeAnswer> {
  const scheme = route.protocol.toLowerCase();
  const literal = address.includes(':') ? `[${address}]` : address;
  const servername = route.host.replace(/:\d+$/, '');
  const client = new Client(`${scheme}://${literal}:${route.port}`, {
    connect: { timeout: 5_000, ...(scheme === 'https' && { servername }) },
    headersTimeout: answerTimeoutMs,
    bodyTimeout: answerTimeoutMs,
  });
  try {
    const headers = { ...route.headers, host: route.host, 'user-agent': 'cutover' };
    const { statusCode, headers: answered, body } = await client.request({ method: 'GET', path, headers });
    const server = answered['server'];
    return {
      status: statusCode,
      text: (await body.text()).slice(0, longestText),
      ...(typeof server === 'string' && { server }),
    };
  } catch (error) {
    return { status: null, text: (error as Error).message };
  } finally {
    await client.destroy();
  }
}
