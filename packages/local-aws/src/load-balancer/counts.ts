/**
 * What the load balancer counts, by the minute, under CloudWatch's names.
 * https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-cloudwatch-metrics.html
 *
 * Invariant: a report has a minute's whole count since this process began, never a difference, so it may be sent twice.
 */
import type { CountReport, MinuteCount } from './configuration';

/** The sum of what it took, in seconds as CloudWatch has it, and of how many answers that is. */
export const responseTime = 'TargetResponseTime';
export const responseTimeSamples = 'TargetResponseTime samples';

const minuteMs = 60_000;
/** Older minutes are dropped, even if they were never fetched. */
const mostMinutes = 180;

/** Counts the requests of one load balancer that one target group got, or none of them. */
export interface Tally {
  /** A target was chosen. */
  chosen(): void;
  /** The target answered, so many milliseconds after the request was sent to it. */
  answered(status: number, afterMs: number): void;
  /** The target couldn't be connected to. */
  notConnected(): void;
  /** The load balancer answered itself. */
  refused(status: number): void;
}

export interface Counts {
  /** Gives a load balancer's tallies by target group; without one, the tally of requests that no group got. */
  tallies(loadBalancerArn: string): (targetGroupArn?: string) => Tally;
  /** The minutes from `since` on (milliseconds since the epoch). */
  report(since: number): CountReport;
}

type Values = Record<string, number>;

interface Series {
  readonly loadBalancerArn: string;
  readonly targetGroupArn: string;
  /** The key is the number of minutes since the epoch. */
  readonly minutes: Map<number, Values>;
}

export function createCounts(now: () => number = Date.now): Counts {
  const run = `${now()}-${process.pid}`;
  const known = new Map<string, Map<string, Tally>>();
  const series: Series[] = [];

  function createTally(loadBalancerArn: string, targetGroupArn: string): Tally {
    const minutes = new Map<number, Values>();
    series.push({ loadBalancerArn, targetGroupArn, minutes });
    let minute = 0;
    let values: Values = {};
    const count = (metric: string, by = 1): void => {
      const current = Math.floor(now() / minuteMs);
      if (current !== minute) {
        minute = current;
        values = minutes.get(minute) ?? {};
        minutes.set(minute, values);
        for (const old of minutes.keys()) if (old <= minute - mostMinutes) minutes.delete(old);
      }
      values[metric] = (values[metric] ?? 0) + by;
    };
    return {
      chosen: () => count('RequestCount'),
      answered(status, afterMs) {
        count(responseTime, afterMs / 1_000);
        count(responseTimeSamples);
        // 101 has no metric.
        if (status >= 200) count(targetMetrics[Math.floor(status / 100)] ?? 'HTTPCode_Target_5XX_Count');
      },
      notConnected: () => count('TargetConnectionErrorCount'),
      refused(status) {
        if (status < 300) return;
        count(ownMetrics[Math.floor(status / 100)] ?? 'HTTPCode_ELB_5XX_Count');
        if (singleMetrics.has(status)) count(`HTTPCode_ELB_${status}_Count`);
      },
    };
  }

  return {
    tallies(loadBalancerArn) {
      const own = known.get(loadBalancerArn) ?? new Map<string, Tally>();
      known.set(loadBalancerArn, own);
      return (targetGroupArn = '') => {
        const found = own.get(targetGroupArn);
        if (found !== undefined) return found;
        const made = createTally(loadBalancerArn, targetGroupArn);
        own.set(targetGroupArn, made);
        return made;
      };
    },
    report(since) {
      const counts: MinuteCount[] = series.flatMap(({ loadBalancerArn, targetGroupArn, minutes }) =>
        [...minutes]
          .map(([minute, values]) => ({ loadBalancerArn, targetGroupArn, minute: minute * minuteMs, values }))
          .filter(({ minute }) => minute >= since),
      );
      return { run, now: now(), counts };
    },
  };
}

const targetMetrics: Readonly<Record<number, string>> = {
  2: 'HTTPCode_Target_2XX_Count',
  3: 'HTTPCode_Target_3XX_Count',
  4: 'HTTPCode_Target_4XX_Count',
};
const ownMetrics: Readonly<Record<number, string>> = { 3: 'HTTPCode_ELB_3XX_Count', 4: 'HTTPCode_ELB_4XX_Count' };
/** The statuses that have a metric of their own as well. */
const singleMetrics: ReadonlySet<number> = new Set([500, 502, 503, 504]);
