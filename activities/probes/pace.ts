/** How often rounds of requests begin, as the zone's settings say. */
import type { RouteAddress } from '../../planning/routing/live-and-test-routes';

/** Between two rounds of a watch, where the plan doesn't say. */
const defaultEveryMs = 5_000;

/** What rounds are for; those that somebody waits for are more frequent. */
const shares = { watch: 1, verify: 0.5, proof: 0.1 } as const;

/** Milliseconds between two rounds. */
export const everyMs = ({ probe }: RouteAddress, of: keyof typeof shares): number =>
  Math.ceil((probe?.everyMs ?? defaultEveryMs) * shares[of]);
