/**
 * The gate on the load balancer's own counts: green's errors and latency against what is allowed, and against blue's.
 * https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-cloudwatch-metrics.html
 */
import type { GateOf } from '../../settings/gates/schema';
import { formatDuration } from '../../settings/durations';
import { allowedAt, probabilityByChance, type Counted } from './comparison';
import { formatNumber, missing, type Reading } from './reading';

/** One target group's counts in a minute. */
export interface MinuteCounts extends Counted {
  /** Milliseconds since the epoch. */
  readonly minute: number;
  /** Average time until the target answers, in milliseconds, over `answered` answers. */
  readonly latencyMs: number;
  readonly answered: number;
}

/** The counts of all of the zone's load balancers. */
export interface GroupCounts {
  readonly green: readonly MinuteCounts[];
  /** Empty where nothing else serves, or others are served there too. */
  readonly blue: readonly MinuteCounts[];
}

const minuteMs = 60_000;

/** How long before the first share the past is that green is compared with. */
export const pastMs = 60 * minuteMs;

/** Percent of green's requests that may fail where nothing served before it that it could be compared with. */
const mostAlone = 5;

/** The first whole minute of live traffic: what came before it are the probes' requests, and a release that warms up. */
export const firstMinute = (since: number) => Math.ceil(since / minuteMs) * minuteMs;

/** @param since when green got its first share  @param now milliseconds since the epoch, as `since` */
export function judgeLoadBalancer(
  gate: GateOf<'loadBalancer'>,
  { green, blue }: GroupCounts,
  since: number,
  now: number,
): Reading {
  const first = firstMinute(since);
  const served = green.filter(({ minute }) => minute >= first);
  const total = sumOf(served);
  if (total.requests < gate.leastRequests)
    return missing(`${total.requests} requests to green were counted, of ${gate.leastRequests} that say something`);
  const compared = judgeCompared(gate, { served, total, blue, since, now });
  const errors = judgeErrors(gate, total) ?? (compared.length === 0 ? judgeAlone(gate, total) : undefined);
  const tellings = [errors, judgeLatency(gate, served), ...compared];
  const told = tellings.filter((one) => one !== undefined);
  const failing = told.filter(({ fails }) => fails);
  return {
    verdict: failing.length > 0 ? 'fails' : 'passes',
    says: (failing.length > 0 ? failing : told).map(({ says }) => says).join('; ') || `${formatShare(total)} failed`,
  };
}

interface Telling {
  readonly fails: boolean;
  readonly says: string;
}

function judgeErrors({ mostErrors }: GateOf<'loadBalancer'>, total: Counted): Telling | undefined {
  if (mostErrors === undefined) return undefined;
  const percent = (100 * total.errors) / total.requests;
  return { fails: percent > mostErrors, says: `${formatShare(total)} failed, allowed ${mostErrors} %` };
}

/** What nobody has said how much of may fail, and what has nothing to be compared with, isn't well for that. */
function judgeAlone({ compare }: GateOf<'loadBalancer'>, total: Counted): Telling | undefined {
  if (compare === false) return undefined;
  const fails = (100 * total.errors) / total.requests > mostAlone;
  const allowed = `allowed ${mostAlone} % where there is nothing to compare with`;
  return { fails, says: `${formatShare(total)} failed, ${allowed}` };
}

function judgeLatency({ mostLatency }: GateOf<'loadBalancer'>, served: readonly MinuteCounts[]): Telling | undefined {
  const answered = served.reduce((sum, one) => sum + one.answered, 0);
  if (mostLatency === undefined || answered === 0) return undefined;
  const average = served.reduce((sum, one) => sum + one.latencyMs * one.answered, 0) / answered;
  return {
    fails: average > mostLatency,
    says: `${formatDuration(average)} to answer on average, allowed ${formatDuration(mostLatency)}`,
  };
}

interface Compared {
  readonly served: readonly MinuteCounts[];
  readonly total: Counted;
  readonly blue: readonly MinuteCounts[];
  readonly since: number;
  readonly now: number;
}

/** Against blue in the same minutes, and against the hour before: either may use half of what may be wrong. */
function judgeCompared(gate: GateOf<'loadBalancer'>, { served, total, blue, since, now }: Compared): Telling[] {
  if (gate.compare === false) return [];
  const { factor, confidence } = gate.compare;
  const look = Math.floor(Math.max(0, now - since) / gate.every) + 1;
  const allowed = allowedAt(confidence, look) / 2;
  const minutes = new Set(blue.map(({ minute }) => minute));
  const shared = served.filter(({ minute }) => minutes.has(minute));
  const sharing = new Set(shared.map(({ minute }) => minute));
  const beside = sumOf(blue.filter(({ minute }) => sharing.has(minute)));
  const before = sumOf(blue.filter(({ minute }) => minute + minuteMs <= since));
  return [
    compareWith('blue in the same minutes', sumOf(shared), beside),
    compareWith('the hour before', total, before),
  ].filter((one) => one !== undefined);

  function compareWith(what: string, green: Counted, other: Counted): Telling | undefined {
    if (green.requests === 0 || other.requests === 0) return undefined;
    const chance = probabilityByChance({ green, blue: other, factor });
    const says = `${formatShare(green)} failed against ${formatShare(other)} of ${what}`;
    return { fails: chance < allowed, says: chance < allowed ? `${says} (by chance: ${formatNumber(chance)})` : says };
  }
}

const sumOf = (minutes: readonly Counted[]): Counted => ({
  requests: minutes.reduce((sum, one) => sum + one.requests, 0),
  errors: minutes.reduce((sum, one) => sum + one.errors, 0),
});

const formatShare = ({ requests, errors }: Counted) =>
  `${errors} of ${requests} requests (${formatNumber((100 * errors) / requests)} %)`;
