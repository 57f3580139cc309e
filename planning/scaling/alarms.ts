/** The alarms that call step policies: they are their owner's, and go with the policies from one service to the other. */
import type { MetricAlarm, PutMetricAlarmInput } from '@aws-sdk/client-cloudwatch';
import { movedTo, type ScaledService } from './scaling';

/** A target group of a service, and the load balancers that it is behind; none where no rule leads to it. */
export interface GroupBehind {
  readonly arn: string;
  readonly loadBalancerArns: readonly string[];
  /** What of the service it reaches, e.g. `web:8080`. Default: the same for all. */
  readonly reaches?: string;
}

/** Policies of two services by their ARNs: what calls the one calls the other then. */
export type MovedPolicies = ReadonlyMap<string, string>;

/** What of an alarm is set by whoever puts it. The rest is its state. */
const settable = [
  'AlarmName',
  'AlarmDescription',
  'ActionsEnabled',
  'OKActions',
  'AlarmActions',
  'InsufficientDataActions',
  'MetricName',
  'Namespace',
  'Statistic',
  'ExtendedStatistic',
  'Dimensions',
  'Period',
  'Unit',
  'EvaluationPeriods',
  'DatapointsToAlarm',
  'Threshold',
  'ComparisonOperator',
  'TreatMissingData',
  'EvaluateLowSampleCountPercentile',
  'Metrics',
  'ThresholdMetricId',
  'EvaluationCriteria',
  'EvaluationInterval',
  'EvaluationWindow',
  'ActionConfiguration',
  'WarmUpConfiguration',
] as const satisfies readonly (keyof PutMetricAlarmInput & keyof MetricAlarm)[];

/** An alarm that looks at the other service, and calls its policies; all else of it is as it was. */
export function alarmMovedTo(
  alarm: MetricAlarm,
  {
    policies,
    from,
    to,
  }: { readonly policies: MovedPolicies; readonly from: ScaledService; readonly to: ScaledService },
): PutMetricAlarmInput {
  const given = Object.fromEntries(settable.flatMap((key) => (alarm[key] === undefined ? [] : [[key, alarm[key]]])));
  const { Dimensions, Metrics, ...kept } = given as unknown as PutMetricAlarmInput;
  const called = (actions: readonly string[] = []) => actions.map((arn) => policies.get(arn) ?? arn);
  return {
    ...kept,
    AlarmActions: called(kept.AlarmActions),
    OKActions: called(kept.OKActions),
    InsufficientDataActions: called(kept.InsufficientDataActions),
    // AWS takes one of them, and shows both.
    ...(Metrics?.length ? { Metrics: movedTo(Metrics, from, to) } : { Dimensions: movedTo(Dimensions, from, to) }),
  };
}

/** The other service's target group for each of one's: behind the same load balancer, or the one that is left. */
export function pairGroups(from: readonly GroupBehind[], to: readonly GroupBehind[]): (string | null)[] {
  const isBeside = (one: GroupBehind, other: GroupBehind) =>
    one.reaches === other.reaches && one.loadBalancerArns.some((arn) => other.loadBalancerArns.includes(arn));
  const left = to.filter((other) => !from.some((one) => isBeside(one, other)));
  const alone = from.filter((one) => !to.some((other) => isBeside(one, other)));
  return from.map((one) => {
    const beside = to.find((other) => isBeside(one, other));
    return (beside ?? (alone.length === 1 && left.length === 1 ? left[0] : undefined))?.arn ?? null;
  });
}
