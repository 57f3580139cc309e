/**
 * What the load balancer counted, stored by minute. A count is all that one process of the load balancer counted in that
 * minute, so receiving it again changes nothing, and the counts of a later process are added to it.
 */
import type { CountReport } from '../load-balancer/configuration';

/** The keys are load balancer and target group (two ARNs; the second is empty for none), minute, process, and metric. */
export type StoredCounts = Record<string, Record<string, Record<string, Readonly<Record<string, number>>>>>;

/** CloudWatch keeps minutes for 15 days. Here it is less, because the file that holds them is always written whole. */
const retentionMs = 24 * 60 * 60 * 1000;

/** Adds a report to the stored counts, and removes those that are too old. */
export function storeCounts(stored: StoredCounts, { run, now, counts }: CountReport): void {
  for (const { loadBalancerArn, targetGroupArn, minute, values } of counts) {
    const minutes = (stored[`${loadBalancerArn} ${targetGroupArn}`] ??= {});
    (minutes[minute] ??= {})[run] = values;
    for (const old of Object.keys(minutes)) if (Number(old) < now - retentionMs) delete minutes[old];
  }
}

/** The dimensions that a load balancer's metrics have, as `app/NAME/ID` and `targetgroup/NAME/ID`. */
export interface CountedOf {
  readonly loadBalancer: string;
  /** Without it, the counts of the whole load balancer. */
  readonly targetGroup?: string;
}

/** A metric's counts by minute (milliseconds since the epoch), without the minutes in which nothing was counted. */
export function countsOf(stored: StoredCounts, metric: string, of: CountedOf): Map<number, number> {
  const found = new Map<number, number>();
  // AWS has no metrics by target group for the answers that are the load balancer's own.
  if (of.targetGroup !== undefined && metric.startsWith('HTTPCode_ELB_')) return found;
  for (const [key, minutes] of Object.entries(stored)) {
    const [loadBalancerArn = '', targetGroupArn = ''] = key.split(' ');
    if (!loadBalancerArn.endsWith(`:loadbalancer/${of.loadBalancer}`)) continue;
    if (of.targetGroup !== undefined && !targetGroupArn.endsWith(`:${of.targetGroup}`)) continue;
    for (const [minute, runs] of Object.entries(minutes)) {
      const sum = Object.values(runs).reduce((total, values) => total + (values[metric] ?? 0), 0);
      if (sum > 0) found.set(Number(minute), (found.get(Number(minute)) ?? 0) + sum);
    }
  }
  return found;
}
