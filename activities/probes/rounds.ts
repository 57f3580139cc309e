/** A round of requests: one for each path, on every address that the load balancer has. */
import type { ProbeAnswer } from '../../planning/proof/answers';
import type { RouteAddress } from '../../planning/routing/live-and-test-routes';
import { describeAddresses, probe } from './http';

/** What every module of OutSystems answers with 200 when it is well. */
export const healthPage = '_ping.aspx';

/** How many rounds in a row every module must answer before it counts: the first answers warm it up. */
export const roundsNeeded = 3;

export interface Answered {
  /** The module's path, e.g. `/Orders`. */
  readonly path: string;
  /** What was requested, with the address instead of a name. */
  readonly url: string;
  readonly answer: ProbeAnswer;
}

/**
 * Requests a file of every path through every address, all at once.
 * @param paths e.g. `/Orders`
 * @param file below each path, e.g. `_ping.aspx`
 */
export async function askAll(route: RouteAddress, paths: readonly string[], file: string): Promise<Answered[]> {
  const addresses = await describeAddresses(route);
  const requests = addresses.flatMap((address) => paths.map((path) => ({ address, path })));
  return await Promise.all(
    requests.map(async ({ address, path }) => {
      const requested = `${path}/${file}`;
      const url = `${route.protocol.toLowerCase()}://${address}:${route.port}${requested}`;
      return { path, url, answer: await probe(route, address, requested) };
    }),
  );
}
