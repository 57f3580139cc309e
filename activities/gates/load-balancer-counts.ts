/** What load balancers count of green's and blue's target groups, by the minute, as CloudWatch has it. */
import { GetMetricDataCommand, type MetricDataQuery, type MetricDataResult } from '@aws-sdk/client-cloudwatch';
import { firstMinute, pastMs, type GroupCounts, type MinuteCounts } from '../../planning/gates/load-balancer';
import type { AwsClients } from '../aws/client/clients';
import { queryOf } from '../aws/elb/request-counts';

/** Green's target group and blue's behind one load balancer. */
export interface JudgedGroup {
  readonly listenerArn: string;
  readonly green: string;
  /** `null` where others are served from it, or nothing else serves. */
  readonly blue: string | null;
}

/** CloudWatch leaves out minutes without any. */
const counted = ['RequestCount', 'HTTPCode_Target_5XX_Count', 'TargetConnectionErrorCount'] as const;
type Metric = (typeof counted)[number] | 'TargetResponseTime' | 'answered';

/** From an hour before green's first share on. In a rolling update both are one group: it is green's from the first share on. */
export async function describeGroupCounts(
  { metrics }: Pick<AwsClients, 'metrics'>,
  groups: readonly JudgedGroup[],
  since: number,
): Promise<GroupCounts> {
  const asked = groups.flatMap(({ listenerArn, green, blue }) => [
    { side: 'green' as const, listenerArn, arn: green },
    ...(blue === null ? [] : [{ side: 'blue' as const, listenerArn, arn: blue }]),
  ]);
  const { MetricDataResults = [] } = await metrics.send(
    new GetMetricDataCommand({
      StartTime: new Date(since - pastMs),
      EndTime: new Date(),
      MetricDataQueries: asked.flatMap(({ listenerArn, arn }, at) => queriesOf(listenerArn, arn, `g${at}`)),
    }),
  );
  const found = asked.map(({ side, arn }, at) => ({ side, arn, minutes: minutesOf(MetricDataResults, `g${at}`) }));
  const greens = new Set(groups.map(({ green }) => green));
  return {
    green: found.filter(({ side }) => side === 'green').flatMap(({ minutes }) => minutes),
    blue: found
      .filter(({ side }) => side === 'blue')
      .flatMap(({ arn, minutes }) =>
        greens.has(arn) ? minutes.filter(({ minute }) => minute < firstMinute(since) - 60_000) : minutes,
      ),
  };
}

function queriesOf(listenerArn: string, arn: string, id: string): MetricDataQuery[] {
  const sums = counted.map((metric) => ({ ...queryOf(listenerArn, arn, metric), Id: `${id}_${metric}` }));
  const latency = queryOf(listenerArn, arn, 'TargetResponseTime').MetricStat;
  return [
    ...sums,
    { Id: `${id}_TargetResponseTime`, MetricStat: latency && { ...latency, Stat: 'Average' } },
    { Id: `${id}_answered`, MetricStat: latency && { ...latency, Stat: 'SampleCount' } },
  ];
}

function minutesOf(results: readonly MetricDataResult[], id: string): MinuteCounts[] {
  const valuesOf = (metric: Metric): ReadonlyMap<number, number> => {
    const { Timestamps = [], Values = [] } = results.find(({ Id }) => Id === `${id}_${metric}`) ?? {};
    return new Map(Timestamps.map((at, each) => [at.getTime(), Values[each] ?? 0]));
  };
  const [requests, failed, unconnected] = [valuesOf('RequestCount'), valuesOf(counted[1]), valuesOf(counted[2])];
  const [latency, answered] = [valuesOf('TargetResponseTime'), valuesOf('answered')];
  return [...requests].map(([minute, count]) => ({
    minute,
    requests: count,
    errors: Math.min(count, (failed.get(minute) ?? 0) + (unconnected.get(minute) ?? 0)),
    // AWS measures it in seconds.
    latencyMs: (latency.get(minute) ?? 0) * 1_000,
    answered: answered.get(minute) ?? 0,
  }));
}
