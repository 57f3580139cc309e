/** A step policy acts when an alarm that calls it comes into ALARM. */
import { ApplicationAutoScaling } from '@aws-sdk/client-application-auto-scaling';
import { CloudWatch } from '@aws-sdk/client-cloudwatch';
import { createZone } from '../ecs/zone';
import { startLocalAws, testCredentials, type LocalAws } from '../local-aws';

let local: LocalAws;
let autoscaling: ApplicationAutoScaling;
let cloudwatch: CloudWatch;

beforeAll(async () => {
  local = await startLocalAws();
  const settings = { endpoint: local.aws.endpoint, region: 'us-east-1', credentials: testCredentials, maxAttempts: 1 };
  autoscaling = new ApplicationAutoScaling(settings);
  cloudwatch = new CloudWatch(settings);
  await createZone(local);
  await local.ecs.registerTaskDefinition({
    family: 'orders',
    containerDefinitions: [{ name: 'web', image: 'none:1', memory: 128 }],
  });
  await local.ecs.createService({ cluster: 'zone', serviceName: 'orders', taskDefinition: 'orders', desiredCount: 2 });
});
afterAll(() => local.close());

const target = {
  ServiceNamespace: 'ecs',
  ResourceId: 'service/zone/orders',
  ScalableDimension: 'ecs:service:DesiredCount',
} as const;

const countNow = async () =>
  (await local.ecs.describeServices({ cluster: 'zone', services: ['orders'] })).services?.[0]?.desiredCount;

async function alarm(): Promise<void> {
  for (const StateValue of ['OK', 'ALARM'] as const)
    await cloudwatch.setAlarmState({ AlarmName: 'busy', StateValue, StateReason: 'a test' });
}

test('an alarm calls the policy among its actions, within the bounds and not while it is suspended; a policy that goes leaves the alarm', async () => {
  await autoscaling.registerScalableTarget({ ...target, MinCapacity: 1, MaxCapacity: 4 });
  const { PolicyARN = '' } = await autoscaling.putScalingPolicy({
    ...target,
    PolicyName: 'busy',
    PolicyType: 'StepScaling',
    StepScalingPolicyConfiguration: {
      AdjustmentType: 'PercentChangeInCapacity',
      StepAdjustments: [
        { MetricIntervalLowerBound: 0, MetricIntervalUpperBound: 10, ScalingAdjustment: 50 },
        { MetricIntervalLowerBound: 10, ScalingAdjustment: 200 },
      ],
    },
  });
  await cloudwatch.putMetricAlarm({
    AlarmName: 'busy',
    AlarmActions: [PolicyARN, 'arn:aws:sns:us-east-1:000000000000:on-call'],
    Namespace: 'AWS/ECS',
    MetricName: 'CPUUtilization',
    Statistic: 'Average',
    Period: 60,
    EvaluationPeriods: 1,
    Threshold: 70,
    ComparisonOperator: 'GreaterThanThreshold',
  });
  const { ScalingPolicies: [policy] = [] } = await autoscaling.describeScalingPolicies({ ServiceNamespace: 'ecs' });
  expect(policy?.Alarms?.map(({ AlarmName }) => AlarmName)).toEqual(['busy']);
  await alarm();
  expect(await countNow()).toBe(3);
  await alarm();
  expect(await countNow()).toBe(4);
  const SuspendedState = { DynamicScalingOutSuspended: true };
  await autoscaling.registerScalableTarget({ ...target, MaxCapacity: 9, SuspendedState });
  await alarm();
  expect(await countNow()).toBe(4);
  await autoscaling.deregisterScalableTarget(target);
  await alarm();
  expect(await countNow()).toBe(4);
  const { MetricAlarms: [left] = [] } = await cloudwatch.describeAlarms({});
  expect(left?.AlarmActions).toEqual(['arn:aws:sns:us-east-1:000000000000:on-call']);
});
