/**
 * Whether live traffic has moved, as the load balancer's own counts tell: what nobody can ask behind a login. An Application Load
 * Balancer reports by the whole minute, only while there are requests, and a minute's counts arrive within the next ones.
 * https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-cloudwatch-metrics.html
 */
const minuteMs = 60_000;

/** How long the counts of a minute may take to be whole. */
const arrivesWithinMs = minuteMs;

/** For how many minutes nothing must be counted before that means that there is no traffic. */
const quietMinutes = 3;

/** How long requests may still be counted where none should be, in milliseconds since the first look. */
export const countsTimeoutMs = 10 * minuteMs;

/** Requests by the minute in which they came, in milliseconds since the epoch; minutes without any are left out. */
export type RequestCounts = ReadonlyMap<number, number>;

export interface MovedTraffic {
  /** Of the target group that traffic has left; `null` where others are served from it too. */
  readonly left: RequestCounts | null;
  /** Of the target group that traffic has gone to. */
  readonly reached: RequestCounts;
}

export type CountsVerdict =
  /** A whole minute in which nothing came where it should not, and something where it should. */
  | { readonly kind: 'moved'; readonly minute: number; readonly requests: number }
  /** Nothing came anywhere. */
  | { readonly kind: 'quiet' }
  /** In the newest minute that is known something came where nothing should. */
  | { readonly kind: 'staying'; readonly minute: number; readonly requests: number }
  | { readonly kind: 'unknown' };

/**
 * Judges the whole minutes that began after traffic had moved and settled.
 * @param movedAt when it had, in milliseconds since the epoch
 */
export function judgeCounts({ left, reached }: MovedTraffic, movedAt: number, now: number): CountsVerdict {
  const minutes = wholeMinutes(movedAt, now);
  const [newest] = minutes.filter((minute) => (left?.get(minute) ?? 0) > 0 || (reached.get(minute) ?? 0) > 0);
  if (newest !== undefined) {
    const stayed = left?.get(newest) ?? 0;
    if (stayed > 0) return { kind: 'staying', minute: newest, requests: stayed };
    return { kind: 'moved', minute: newest, requests: reached.get(newest) ?? 0 };
  }
  return minutes.length >= quietMinutes ? { kind: 'quiet' } : { kind: 'unknown' };
}

/** Those whose counts are whole by now, the newest first. */
function wholeMinutes(movedAt: number, now: number): number[] {
  const first = Math.ceil(movedAt / minuteMs) * minuteMs;
  const last = Math.floor((now - arrivesWithinMs) / minuteMs) * minuteMs - minuteMs;
  const count = Math.max(0, (last - first) / minuteMs + 1);
  return Array.from({ length: count }, (_, index) => last - index * minuteMs);
}
