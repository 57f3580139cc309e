/** Rounds of requests: one for each path, on every address. Probes are guests, so few are under way at once. */
import { Context } from '@temporalio/activity';
import type { ProbeAnswer } from '../../planning/proof/answers';
import type { RouteAddress } from '../../planning/routing/live-and-test-routes';
import { limitConcurrency } from '../concurrency';
import { refuseAddresses } from './addresses';
import { openConnections, originOf } from './http';
import { nodesOf } from './nodes';

/** What every module of OutSystems answers with 200 when it is well. */
export const healthPage = '_ping.aspx';

/** How many requests of a round are under way at once. */
const mostUnderWay = 20;

export interface Answered {
  /** The module's path, e.g. `/Orders`. */
  readonly path: string;
  readonly address: string;
  /** What was requested, with the address instead of a name. */
  readonly url: string;
  readonly answer: ProbeAnswer;
}

export type Judge = (answered: Answered) => void;

export interface Rounds {
  /**
   * Requests a file of every path through every node, on new connections that are kept alive for the round.
   * @param paths e.g. `/Orders`
   * @param file below each path, e.g. `_ping.aspx`
   * @param judge is told each answer as it comes; what it throws ends the round
   * @returns the answers that count: of nodes that the load balancer has, and to which there is a route
   */
  ask(paths: readonly string[], file: string, judge?: Judge): Promise<Answered[]>;
  /** What was left out, as a sentence; `undefined` when nothing. */
  leftOut(): string | undefined;
}

/**
 * Rounds that remember which nodes they found.
 * @param quick whether a slow answer must not hold up the others: as many connections as requests may be under way then, else
 * one an address
 */
export function roundsOf(route: RouteAddress, { quick = false } = {}): Rounds {
  const nodes = nodesOf(route);
  return {
    async ask(paths, file, judge) {
      if (paths.length === 0) return [];
      const addresses = await nodes.addresses();
      return nodes.counting(await askAddresses(route, addresses, { paths, file, quick, judge }));
    },
    leftOut: () => nodes.leftOut(),
  };
}

interface Asked {
  readonly paths: readonly string[];
  readonly file: string;
  readonly quick: boolean;
  readonly judge?: Judge | undefined;
}

/** Asks each of the addresses, whatever the load balancer's name says. */
export async function askAddresses(
  route: RouteAddress,
  addresses: readonly string[],
  { paths, file, quick, judge }: Asked,
): Promise<Answered[]> {
  refuseAddresses(route.dnsName, addresses);
  const connections = openConnections(route, quick ? Math.max(1, Math.floor(mostUnderWay / addresses.length)) : 1);
  const inTurn = limitConcurrency(mostUnderWay);
  const { cancellationSignal } = Context.current();
  const requests = inAnyOrder(paths).flatMap((path) => addresses.map((address) => ({ address, path })));
  try {
    return await Promise.all(
      requests.map(async ({ address, path }) => {
        const requested = `${path}/${file}`;
        const answer = await inTurn(
          async () => await connections.ask(address, requested, cancellationSignal),
          cancellationSignal,
        );
        const answered = { path, address, url: `${originOf(route, address)}${requested}`, answer };
        judge?.(answered);
        return answered;
      }),
    );
  } finally {
    await connections.close();
  }
}

/** A load balancer goes round its targets: in the same order each time, a module would always meet the same replica. */
function inAnyOrder<T>(values: readonly T[]): T[] {
  const drawn = values.map((value) => ({ value, at: Math.random() }));
  return drawn.toSorted((one, other) => one.at - other.at).map(({ value }) => value);
}
