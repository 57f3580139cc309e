/**
 * The addresses of the load balancer's nodes, as a client meets them: DNS answers are remembered for a while, and every new
 * connection takes any of the addresses.
 */
import { Resolver } from 'node:dns/promises';
import { isIP, type LookupFunction } from 'node:net';

/** A load balancer's name, and the DNS server that knows it, as address and port. */
export interface NamedNodes {
  readonly name: string;
  readonly resolver: string;
}

/** As a browser does, answers are used for longer than they are good for when nobody answers any more. */
const rememberedMs = 1_000;

/** Looks a name up for `http.request`. */
export function lookupAt({ name, resolver }: NamedNodes): LookupFunction {
  const dns = new Resolver({ timeout: 1_000, tries: 5 });
  dns.setServers([resolver]);
  let known: Promise<readonly string[]> | undefined;
  let askedAt = -Infinity;
  const addresses = (): Promise<readonly string[]> => {
    if (known !== undefined && performance.now() - askedAt < rememberedMs) return known;
    askedAt = performance.now();
    const before = known;
    known = resolveAll(dns, name).catch((error: unknown) => before ?? Promise.reject(error as Error));
    return known;
  };
  return (_host, { all }, callback) => {
    addresses().then(
      (found) => {
        const address = found[Math.floor(Math.random() * found.length)] ?? '';
        const family = isIP(address);
        if (all === true) callback(null, [{ address, family }]);
        else callback(null, address, family);
      },
      (error: NodeJS.ErrnoException) => callback(error, ''),
    );
  };
}

async function resolveAll(dns: Resolver, name: string): Promise<readonly string[]> {
  const answers = await Promise.allSettled([dns.resolve4(name), dns.resolve6(name)]);
  const found = answers.flatMap((answer) => (answer.status === 'fulfilled' ? answer.value : []));
  if (found.length > 0) return found;
  throw answers.find((answer) => answer.status === 'rejected')?.reason as Error;
}
