/**
 * How many requests failed while a release was being deployed, as the load balancer counted them for the application's target
 * groups. CloudWatch keeps its counts by the minute for 15 days, and adds minutes up after that: so they are read when
 * the history is, and nothing is stored.
 * https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-cloudwatch-metrics.html
 */
import { GetMetricDataCommand, type MetricDataQuery } from '@aws-sdk/client-cloudwatch';
import type { ReleaseEntry } from '../../../contract/status';
import type { AwsClients } from '../client/clients';
import { queryOf } from '../elb/request-counts';

/** A replica that answered 5xx, or couldn't be reached. */
const counted = ['HTTPCode_Target_5XX_Count', 'TargetConnectionErrorCount'];

/** What the load balancer answered by itself: AWS counts it by load balancer, and by no target group. */
const countedOfAll = ['HTTPCode_ELB_502_Count', 'HTTPCode_ELB_503_Count', 'HTTPCode_ELB_504_Count'];

type Counts = Pick<ReleaseEntry, 'failedRequests' | 'loadBalancerErrors'>;
const unknown: Counts = { failedRequests: null, loadBalancerErrors: null };

/** How many entries are counted, the newest: each takes a call. */
const entriesCounted = 10;
const minuteMs = 60_000;
const byTheMinuteMs = 15 * 24 * 60 * minuteMs;

/**
 * The entries with what is known of failing requests: `null` where CloudWatch doesn't know it any more, or can't be asked.
 * @param listenerArns a listener's of each load balancer; each is asked for each target group, and counts only its own
 */
export async function withFailingRequests(
  { metrics }: Pick<AwsClients, 'metrics'>,
  listenerArns: readonly string[],
  targetGroupArns: readonly string[],
  entries: readonly ReleaseEntry[],
): Promise<ReleaseEntry[]> {
  const queries = listenerArns
    .flatMap((listenerArn) => [
      ...targetGroupArns.flatMap((arn) => counted.map((name) => ({ ...queryOf(listenerArn, arn, name), of: 'g' }))),
      ...countedOfAll.map((name) => ({ ...queryOf(listenerArn, null, name), of: 'all' })),
    ])
    .map(({ of, ...query }, index) => ({ ...query, Id: `${of}${index}` }));
  const found: ReleaseEntry[] = [];
  for (const [index, entry] of entries.entries()) {
    const start = Date.parse(entry.at);
    const known = entry.seconds !== null && Date.now() - start < byTheMinuteMs && index < entriesCounted;
    const end = start + (entry.seconds ?? 0) * 1000;
    const isCounted = known && targetGroupArns.length > 0;
    found.push({ ...entry, ...(isCounted ? await count({ metrics }, queries, start, end) : unknown) });
  }
  return found;
}

/** Whole minutes: what failed in the minute of the beginning or the end counts too. */
async function count(
  { metrics }: Pick<AwsClients, 'metrics'>,
  queries: readonly MetricDataQuery[],
  startMs: number,
  endMs: number,
): Promise<Counts> {
  const asked = new GetMetricDataCommand({
    StartTime: new Date(Math.floor(startMs / minuteMs) * minuteMs),
    EndTime: new Date(Math.ceil(endMs / minuteMs) * minuteMs),
    MetricDataQueries: [...queries],
  });
  // Without the permission, or without CloudWatch, the rest of the history is still worth having.
  const answer = await metrics.send(asked).catch(() => undefined);
  const results = answer?.MetricDataResults;
  if (results === undefined) return unknown;
  const sum = (of: string) =>
    results
      .filter(({ Id = '' }) => Id.startsWith(of))
      .flatMap(({ Values = [] }) => Values)
      .reduce((total, value) => total + value, 0);
  return { failedRequests: sum('g'), loadBalancerErrors: sum('all') };
}
