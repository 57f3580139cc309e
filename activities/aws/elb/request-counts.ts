/** The load balancer's own counts of requests, by target group and minute, as CloudWatch has them. */
import { GetMetricDataCommand, type MetricDataQuery } from '@aws-sdk/client-cloudwatch';
import { ApplicationFailure } from '@temporalio/common';
import { targetGroupName } from '../../../planning/names';
import {
  countsTimeoutMs,
  judgeCounts,
  type CountsVerdict,
  type MovedTraffic,
  type RequestCounts,
} from '../../../planning/proof/request-counts';
import type { Site } from '../../../planning/site';
import { poll, waitedMs } from '../../polling';
import { loadBalancerOf } from '../../../settings/listeners';
import type { AwsClients } from '../client/clients';
import { isAwsError } from '../client/errors';
import type { AwsDependencies } from '../dependencies';

type Metrics = Pick<AwsClients, 'metrics'>;

/** Traffic whose way no probe can see. */
export interface UnseenTraffic {
  readonly listenerArn: string;
  /** Where it was; `null` where others are served from that target group too. */
  readonly from: string | null;
  /** Where it is now; the same target group where only replicas were replaced. */
  readonly to: string | null;
  /** What it asks for, e.g. `/Orders`. */
  readonly paths: readonly string[];
}

/** CloudWatch has news once a minute. */
const lookEveryMs = 5_000;

export const requestCountWaits = ({ clientsOf }: AwsDependencies) => ({
  /**
   * Returns how it is proven that traffic has moved where nobody without a session is answered, as a sentence: by a whole minute
   * in which the load balancer counted requests only where traffic went; where it counts none at all, or can't be asked, by the
   * rules and the settle time, which were waited for before.
   * @throws {ApplicationFailure} of type `NotProven` when ten minutes later requests still come where traffic was
   */
  async waitForMovedTraffic(site: Site, traffic: UnseenTraffic): Promise<string> {
    const { from, to, paths } = traffic;
    const where = `Nobody without a session is answered at ${paths.join(', ')}`;
    if (to === null) return `${where}: proven by the rules and the settle time.`;
    if (from === to) return `${where}: proven by the rules, and by the release of every replica.`;
    const movedAt = Date.now() - waitedMs();
    return await poll(
      async (report) => {
        const counts = await describeMoved(clientsOf(site), traffic, movedAt);
        if (counts === undefined)
          return `${where}: proven by the rules and the settle time. The load balancer's counts can't be read: allow cloudwatch:GetMetricData.`;
        const verdict = judgeCounts(counts, movedAt, Date.now());
        report(formatVerdict(verdict));
        if (verdict.kind === 'moved')
          return `${where}: proven by the rules, the settle time and the load balancer's counts (in the minute from ${new Date(verdict.minute).toISOString()} ${verdict.requests} requests to ${targetGroupName(to)}, ${from === null ? 'whose former one serves others too' : `none to ${targetGroupName(from)}`}).`;
        if (verdict.kind === 'quiet')
          return `${where}, and nobody asked: proven by the rules and the settle time alone.`;
        if (verdict.kind === 'staying' && waitedMs() > countsTimeoutMs)
          throw notProven(paths, from ?? '', verdict.requests);
        return undefined;
      },
      { everyMs: lookEveryMs },
    );
  },
});

function formatVerdict(verdict: CountsVerdict): string {
  if (verdict.kind !== 'staying') return 'no whole minute was counted yet';
  return `${verdict.requests} requests still came where traffic was in the minute from ${new Date(verdict.minute).toISOString()}`;
}

/** `undefined` where the worker may not read them. */
async function describeMoved(
  clients: Metrics,
  { listenerArn, from, to }: UnseenTraffic,
  sinceMs: number,
): Promise<MovedTraffic | undefined> {
  const groups = [to, ...(from === null ? [] : [from])].map((arn) => arn ?? '');
  try {
    const [reached = new Map(), left = null] = await describeRequestCounts(clients, listenerArn, groups, sinceMs);
    return { reached, left };
  } catch (failure) {
    if (isAwsError(failure, 'AccessDenied')) return undefined;
    throw failure;
  }
}

async function describeRequestCounts(
  { metrics }: Metrics,
  listenerArn: string,
  targetGroupArns: readonly string[],
  sinceMs: number,
): Promise<RequestCounts[]> {
  const asked = new GetMetricDataCommand({
    StartTime: new Date(Math.floor(sinceMs / 60_000) * 60_000),
    EndTime: new Date(),
    MetricDataQueries: targetGroupArns.map((arn, index) => ({
      ...queryOf(listenerArn, arn, 'RequestCount'),
      Id: `m${index}`,
    })),
  });
  const { MetricDataResults = [] } = await metrics.send(asked);
  return targetGroupArns.map((_, index) => {
    const { Timestamps = [], Values = [] } = MetricDataResults.find(({ Id }) => Id === `m${index}`) ?? {};
    return new Map(Timestamps.map((at, each) => [at.getTime(), Values[each] ?? 0]));
  });
}

/**
 * `…:listener/app/NAME/ID/ID` and `…:targetgroup/NAME/ID` as CloudWatch's dimensions have them.
 * @param targetGroupArn `null` for the whole load balancer
 */
export function queryOf(
  listenerArn: string,
  targetGroupArn: string | null,
  MetricName: string,
): Omit<MetricDataQuery, 'Id'> {
  const Dimensions = [
    { Name: 'LoadBalancer', Value: loadBalancerOf(listenerArn) },
    ...(targetGroupArn === null ? [] : [{ Name: 'TargetGroup', Value: targetGroupArn.split(':').at(-1) ?? '' }]),
  ];
  const Metric = { Namespace: 'AWS/ApplicationELB', MetricName, Dimensions };
  return { MetricStat: { Metric, Period: 60, Stat: 'Sum' } };
}

const notProven = (paths: readonly string[], from: string, requests: number) =>
  ApplicationFailure.nonRetryable(
    `${requests} requests a minute still reach ${targetGroupName(from)}, where live traffic for ${paths.join(', ')} was. Another rule leads there, or somebody asks through a test route: look at the load balancer's rules, then retry.`,
    'NotProven',
  );
