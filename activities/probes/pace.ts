/** How often rounds of requests begin, as the zone's settings say. */
import type { RouteAddress } from '../../planning/routing/live-and-test-routes';

/** Between two rounds of a watch, where the plan doesn't say. */
const defaultEveryMs = 5_000;

/**
 * What rounds are for. Those that somebody waits for are more frequent, one after another that was as it should be most of all; and
 * what nobody waits for is asked seldom.
 */
const shares = { waiting: 4, watch: 1, verify: 0.5, proof: 0.1, again: 0.02 } as const;

/** Milliseconds between two rounds. */
export const everyMs = ({ probe }: RouteAddress, of: keyof typeof shares): number =>
  Math.ceil((probe?.everyMs ?? defaultEveryMs) * shares[of]);
