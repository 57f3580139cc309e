/**
 * The worker's metrics, in Prometheus's format, on one port: those of the Temporal SDK, those of runbooks and hook calls
 * (workflows/engine/metrics.ts), and AWS calls. The list for people is in docs/operations/observe.md.
 */
import { Runtime, type RuntimeOptions } from '@temporalio/worker';
import type { AwsCall } from '../activities/aws/client/calls';

type Exporter = NonNullable<NonNullable<RuntimeOptions['telemetryOptions']>['metrics']>;

/** Phases, and what the platform waits for, last from a second to a day. */
const phaseBuckets = [1, 5, 15, 30, 60, 120, 300, 600, 1_800, 3_600, 14_400, 86_400];
const callBuckets = [0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 20];

/** @param bindAddress such as `0.0.0.0:9464` */
export const prometheus = (bindAddress: string): Exporter => ({
  prometheus: {
    bindAddress,
    countersTotalSuffix: true,
    unitSuffix: true,
    useSecondsForDurations: true,
    histogramBucketOverrides: {
      cutover_phase_duration: phaseBuckets,
      cutover_operation_duration: phaseBuckets,
      cutover_operation_wait: phaseBuckets,
      cutover_aws_call_duration: callBuckets,
      cutover_aws_call_wait: callBuckets,
    },
  },
});

/** Counts AWS calls by operation and how they went, throttles and errors among them. Call it once the runtime is installed. */
export function awsCallMeter(): (call: AwsCall) => void {
  const { metricMeter: meter } = Runtime.instance();
  const calls = meter.createCounter('cutover_aws_calls', 'call', 'AWS calls, by how they went.');
  const durations = meter.createHistogram(
    'cutover_aws_call_duration',
    'float',
    'seconds',
    'How long AWS took to answer.',
  );
  const waits = meter.createHistogram(
    'cutover_aws_call_wait',
    'float',
    'seconds',
    "Waited for a turn within AWS's rates.",
  );
  return ({ service, operation, failure, durationMs, waitedMs }) => {
    const labels = { service, operation };
    calls.add(1, { ...labels, outcome: failure ?? 'ok' });
    durations.record(durationMs / 1000, labels);
    waits.record(waitedMs / 1000, labels);
  };
}
