/**
 * GetMetricData over what the load balancer counted: the only namespace here is AWS/ApplicationELB.
 * https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_GetMetricData.html
 *
 * A metric that isn't counted has no values, as on AWS. What would need more than counts (expressions, percentiles, another
 * account) is refused.
 */
import type {
  GetMetricDataInput,
  GetMetricDataOutput,
  Metric,
  MetricDataQuery,
  MetricDataResult,
} from '@aws-sdk/client-cloudwatch';
import type { Given } from '../operations';
import { fail } from '../protocol/errors';
import { responseTime, responseTimeSamples } from '../load-balancer/counts';
import { type CountedOf, type StoredCounts, countsOf } from './counts';

const minuteMs = 60_000;
const mostQueries = 500;
const mostValues = 100_800;

/**
 * @param arrivedBefore the counts of minutes that began then or later aren't there yet (milliseconds since the epoch)
 * @throws {AwsError} with code `ValidationError` or `InvalidNextToken`
 */
export function getMetricData(
  stored: StoredCounts,
  input: Given<GetMetricDataInput>,
  arrivedBefore = Infinity,
): GetMetricDataOutput {
  const { MetricDataQueries: queries, StartTime: start, EndTime: end, MaxDatapoints: most = mostValues } = input;
  check(queries);
  if (start >= end) invalid('The parameter StartTime must be less than the parameter EndTime.');
  if (most < 1 || most > mostValues) invalid(`MaxDatapoints must be between 1 and ${mostValues}.`);
  const begin = startOfPage(input.NextToken);
  const fromMs = floorTo(start.getTime(), minuteMs);
  const results = queries
    .filter(({ ReturnData: wanted }) => wanted !== false)
    .map((query) => resultOf(stored, query, { fromMs, endMs: Math.min(end.getTime(), arrivedBefore) }, input.ScanBy));
  // A page is a range of data points, the same in every result.
  const pages = results.map((result) => ({
    ...result,
    Timestamps: result.Timestamps?.slice(begin, begin + most),
    Values: result.Values?.slice(begin, begin + most),
  }));
  const isMore = results.some(({ Values = [] }) => Values.length > begin + most);
  return { MetricDataResults: pages, Messages: [], ...(isMore ? { NextToken: `${begin + most}` } : {}) };
}

function check(queries: readonly MetricDataQuery[]): void {
  if (queries.length < 1 || queries.length > mostQueries)
    invalid(`MetricDataQueries must have 1 to ${mostQueries} members.`);
  const ids = queries.map(({ Id: id }) => id ?? '');
  const wrong = ids.find((id) => !/^[a-z]\w{0,254}$/.test(id));
  if (wrong !== undefined) invalid(`The value '${wrong}' for an Id must begin with a lower-case letter.`);
  if (new Set(ids).size < ids.length) invalid('The values for parameter Id in MetricDataQueries are not unique.');
}

function resultOf(
  stored: StoredCounts,
  { Id, Label, MetricStat: wanted, Expression: expression, AccountId: account }: MetricDataQuery,
  { fromMs, endMs }: { readonly fromMs: number; readonly endMs: number },
  order: GetMetricDataInput['ScanBy'],
): MetricDataResult {
  if (wanted?.Metric === undefined || expression !== undefined || account !== undefined) {
    return invalid('Of MetricDataQueries only those with a MetricStat are known here.');
  }
  const { Metric: metric, Period: period = 0, Stat: stat = '' } = wanted;
  const { Unit: unit = metric.MetricName === responseTime ? 'Seconds' : 'Count' } = wanted;
  if (period < 1 || (period % 60 !== 0 && ![1, 5, 10, 20, 30].includes(period))) {
    invalid('Period must be 1, 5, 10, 20, 30, or a multiple of 60.');
  }
  const counts = measuredIn(unit, metric) ? countsIn(stored, sampled(metric, stat)) : new Map<number, number>();
  if (metric.MetricName === responseTime && stat === 'Average')
    divide(counts, countsIn(stored, sampled(metric, 'SampleCount')));
  const values = new Map<number, number>();
  for (const [minute, count] of counts) {
    if (minute < fromMs || minute >= endMs) continue;
    const at = floorTo(minute, Math.max(period * 1000, minuteMs));
    values.set(at, statistic(metric, stat, values.get(at) ?? 0, count));
  }
  const points = [...values].toSorted(([one], [other]) => (order === 'TimestampAscending' ? one - other : other - one));
  return {
    Id,
    Label: Label ?? metric.MetricName,
    StatusCode: 'Complete',
    Timestamps: points.map(([at]) => new Date(at)),
    Values: points.map(([, value]) => value),
  };
}

/** The value of a statistic when each counted request is a sample of 1; of response times there are averages by the minute. */
function statistic({ MetricName: metric }: Metric, stat: string, soFar: number, count: number): number {
  if (stat === 'Sum' || stat === 'SampleCount') return soFar + count;
  if (metric === responseTime)
    return stat === 'Average' && soFar === 0 ? count : invalid(`Stat '${stat}' is not known here.`);
  if (['Average', 'Minimum', 'Maximum'].includes(stat)) return 1;
  return invalid(`Stat '${stat}' is not known here.`);
}

const measuredIn = (unit: string, { MetricName: metric }: Metric) =>
  unit === (metric === responseTime ? 'Seconds' : 'Count');

/** How many answers a response time is of, is counted besides. */
const sampled = (metric: Metric, stat: string): Metric =>
  metric.MetricName === responseTime && stat === 'SampleCount'
    ? { ...metric, MetricName: responseTimeSamples }
    : metric;

function divide(sums: Map<number, number>, samples: ReadonlyMap<number, number>): void {
  for (const [at, sum] of sums) sums.set(at, sum / (samples.get(at) ?? 1));
}

/** As on AWS, a metric is found only by exactly the dimensions that it has. */
function countsIn(stored: StoredCounts, { Namespace, MetricName = '', Dimensions = [] }: Metric): Map<number, number> {
  const {
    LoadBalancer: loadBalancer,
    TargetGroup: targetGroup,
    ...more
  } = Object.fromEntries(Dimensions.map(({ Name, Value = '' }) => [Name ?? '', Value])) as Readonly<
    Record<string, string | undefined>
  >;
  if (Namespace !== 'AWS/ApplicationELB' || loadBalancer === undefined || Object.keys(more).length > 0)
    return new Map();
  const of: CountedOf = targetGroup === undefined ? { loadBalancer } : { loadBalancer, targetGroup };
  return countsOf(stored, MetricName, of);
}

function startOfPage(token: string | undefined): number {
  const start = Number(token ?? 0);
  return Number.isInteger(start) && start >= 0 ? start : fail('InvalidNextToken', 'The next token is invalid.');
}

const floorTo = (ms: number, stepMs: number): number => Math.floor(ms / stepMs) * stepMs;

function invalid(message: string): never {
  return fail('ValidationError', message);
}
