/**
 * What the load balancer counted, kept by minute. A count is the whole of what one process of the load balancer counted in
 * that minute, so hearing of it again changes nothing, and a process that comes after it adds to it.
 */
import type { CountReport } from '../load-balancer/configuration';

/** By load balancer and target group (ARNs; no target group: empty), minute, process and metric. */
export type KeptCounts = Record<string, Record<string, Record<string, Readonly<Record<string, number>>>>>;

/** CloudWatch keeps minutes for 15 days; all of this is one file that is written whole. */
const keptMs = 24 * 60 * 60 * 1000;

export function keepCounts(kept: KeptCounts, { run, now, counts }: CountReport): void {
  for (const { loadBalancerArn, targetGroupArn, minute, values } of counts) {
    const minutes = (kept[`${loadBalancerArn} ${targetGroupArn}`] ??= {});
    (minutes[minute] ??= {})[run] = values;
    for (const old of Object.keys(minutes)) if (Number(old) < now - keptMs) delete minutes[old];
  }
}

/** The dimensions that a load balancer's metrics have, as `app/NAME/ID` and `targetgroup/NAME/ID`. */
export interface CountedOf {
  readonly loadBalancer: string;
  /** Without it, all of the load balancer's. */
  readonly targetGroup?: string;
}

/** A metric's counts by minute, in milliseconds since the epoch; only minutes in which there was something to count. */
export function countsOf(kept: KeptCounts, metric: string, of: CountedOf): Map<number, number> {
  const found = new Map<number, number>();
  // What the load balancer answers itself is not told by target group.
  if (of.targetGroup !== undefined && metric.startsWith('HTTPCode_ELB_')) return found;
  for (const [key, minutes] of Object.entries(kept)) {
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
