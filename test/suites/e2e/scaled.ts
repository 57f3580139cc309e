/** Application Auto Scaling of an application's services, as its owner sets it up, and as AWS has it then. */
import {
  DescribeScalableTargetsCommand,
  ListTagsForResourceCommand,
  PutScalingPolicyCommand,
  PutScheduledActionCommand,
  RegisterScalableTargetCommand,
} from '@aws-sdk/client-application-auto-scaling';
import { DescribeAlarmsCommand, PutMetricAlarmCommand, SetAlarmStateCommand } from '@aws-sdk/client-cloudwatch';
import { scalableTarget, withScaling } from '../../../activities/aws/scaling/scaling';
import { describeTargetGroup } from '../../../activities/aws/elb/target-groups';
import type { ObservedService } from '../../../planning/observed/observed';
import { currentReads, stack, stackAws, type LiveApplication } from './live-application';

async function serviceOf(application: LiveApplication, slot: 'a' | 'b'): Promise<string> {
  return (await application.services()).find((name) => name.endsWith(`-${slot}`)) ?? '';
}

/** Application Auto Scaling keeps a slot's service above this; what is below is brought there at once. */
export async function scale(application: LiveApplication, MinCapacity: number, slot: 'a' | 'b' = 'a'): Promise<void> {
  const target = scalableTarget(stack().aws.cluster, await serviceOf(application, slot));
  await stackAws().scaling.send(new RegisterScalableTargetCommand({ ...target, MinCapacity, MaxCapacity: 6 }));
}

/** The tags of a slot's scalable target. */
export async function tagsOfScaling(application: LiveApplication, slot: 'a' | 'b') {
  const { ResourceId, ...dimension } = scalableTarget(stack().aws.cluster, await serviceOf(application, slot));
  const { scaling } = stackAws();
  const { ScalableTargets: [found] = [] } = await scaling.send(
    new DescribeScalableTargetsCommand({ ...dimension, ResourceIds: [ResourceId] }),
  );
  const ResourceARN = found?.ScalableTargetARN ?? '';
  return (await scaling.send(new ListTagsForResourceCommand({ ResourceARN }))).Tags;
}

/** A policy of slot a, of target tracking by the requests that its target group gets, or a step policy with an alarm of its name. */
export async function putPolicy(
  application: LiveApplication,
  PolicyName: string,
  kind: 'requests' | 'step',
  TargetValue = 100_000,
) {
  const { scaling, elb, metrics } = stackAws();
  const service = await serviceOf(application, 'a');
  const group = (await describeTargetGroup(elb, service))?.TargetGroupArn ?? '';
  const [loadBalancer = ''] = (await describeTargetGroup(elb, service))?.LoadBalancerArns ?? [];
  const ResourceLabel = `${loadBalancer.split(':loadbalancer/').at(-1)}/${group.split(':').at(-1)}`;
  const StepAdjustments = [{ MetricIntervalLowerBound: 0, ScalingAdjustment: 1 }];
  const { PolicyARN = '' } = await scaling.send(
    new PutScalingPolicyCommand({
      ...scalableTarget(stack().aws.cluster, service),
      PolicyName,
      ...(kind === 'step'
        ? {
            PolicyType: 'StepScaling',
            StepScalingPolicyConfiguration: { AdjustmentType: 'ChangeInCapacity', StepAdjustments },
          }
        : {
            PolicyType: 'TargetTrackingScaling',
            TargetTrackingScalingPolicyConfiguration: {
              TargetValue,
              DisableScaleIn: true,
              ScaleOutCooldown: 0,
              PredefinedMetricSpecification: { PredefinedMetricType: 'ALBRequestCountPerTarget', ResourceLabel },
            },
          }),
    }),
  );
  if (kind === 'requests') return;
  await metrics.send(
    new PutMetricAlarmCommand({
      AlarmName: PolicyName,
      AlarmActions: [PolicyARN, onCall],
      Namespace: 'AWS/ECS',
      MetricName: 'CPUUtilization',
      Statistic: 'Average',
      Dimensions: [{ Name: 'ServiceName', Value: service }],
      Period: 60,
      EvaluationPeriods: 1,
      Threshold: 70,
      ComparisonOperator: 'GreaterThanThreshold',
    }),
  );
}

/** Whom alarms tell beside. */
const onCall = 'arn:aws:sns:us-east-1:000000000000:on-call';

/** What an alarm of a step policy looks at, whose policies it calls, and whom it tells. */
export async function alarmOf(AlarmName: string) {
  await currentReads();
  const { MetricAlarms: [found] = [] } = await stackAws().metrics.send(
    new DescribeAlarmsCommand({ AlarmNames: [AlarmName] }),
  );
  const slotOf = (name = '') => /-([ab])(:|$)/.exec(name)?.[1];
  const [calls, ...tells] = found?.AlarmActions ?? [];
  return { looksAt: slotOf(found?.Dimensions?.[0]?.Value), calls: slotOf(calls), tells };
}

/** The alarm's metric is over its threshold, for once. */
export async function setOff(AlarmName: string): Promise<void> {
  for (const StateValue of ['OK', 'ALARM'] as const)
    await stackAws().metrics.send(new SetAlarmStateCommand({ AlarmName, StateValue, StateReason: 'a test' }));
}

/** An action of slot a that acts in the mornings. */
export async function putMornings(application: LiveApplication): Promise<void> {
  await stackAws().scaling.send(
    new PutScheduledActionCommand({
      ...scalableTarget(stack().aws.cluster, await serviceOf(application, 'a')),
      ScheduledActionName: 'mornings',
      Schedule: 'cron(0 8 * * ? *)',
      ScalableTargetAction: { MinCapacity: 4 },
    }),
  );
}

/** Which of an application's slots are scaled, from how many tasks on, and all that is suspended, or counts for policies, of it. */
export async function scaledSlots(application: LiveApplication) {
  await currentReads();
  const { aws } = stack();
  const { scaling } = stackAws();
  const names = await application.services();
  const slots = names.map((name) => ({
    slot: 'a' as const,
    targetGroupArn: null,
    attributes: {},
    service: named(name),
  }));
  const seen = await withScaling({ scaling }, aws.cluster, { slots });
  return seen.slots.flatMap(({ service }) =>
    service?.scaling
      ? [
          {
            slot: service.name.at(-1),
            minimum: service.scaling.minimum,
            suspended: Object.values(service.scaling.suspended).some(Boolean),
            counts: service.scaling.policies
              .flatMap(({ tracking }) => tracking ?? [])
              .map(
                (tracking) =>
                  /targetgroup\/.*-([ab])(?:-[0-9a-f]{6})?\//.exec(
                    tracking.PredefinedMetricSpecification?.ResourceLabel ?? '',
                  )?.[1],
              ),
            scheduled: service.scaling.scheduled.map(({ name }) => name),
          },
        ]
      : [],
  );
}

const named = (name: string): ObservedService => ({
  name,
  desiredCount: 0,
  runningCount: 0,
  pendingCount: 0,
  taskDefinitionArn: '',
  targetGroupArns: [],
  settings: {},
});
