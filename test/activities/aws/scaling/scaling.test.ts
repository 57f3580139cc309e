/** Scalable targets on the local AWS: made so, however often, and taken away for good. */
import {
  DescribeScalableTargetsCommand,
  ListTagsForResourceCommand,
  PutScalingPolicyCommand,
  PutScheduledActionCommand,
  RegisterScalableTargetCommand,
} from '@aws-sdk/client-application-auto-scaling';
import { DescribeAlarmsCommand, PutMetricAlarmCommand } from '@aws-sdk/client-cloudwatch';
import { scalableTarget, withScaling } from '../../../../activities/aws/scaling/scaling';
import type { Scaling } from '../../../../planning/scaling/scaling';
import { allSuspended } from '../../../../planning/scaling/scaling';
import { slot } from '../../../planning/zone';
import { startLocalZone, type LocalZone } from '../local-zone';

let zone: LocalZone;
beforeAll(async () => {
  zone = await startLocalZone();
  const { ecs } = zone.local;
  await ecs.registerTaskDefinition({
    family: 'crm',
    containerDefinitions: [{ name: 'web', image: 'none:1', memory: 128 }],
  });
  for (const serviceName of ['crm-a', 'crm-b'])
    await ecs.createService({ cluster: 'outsystems', serviceName, taskDefinition: 'crm', desiredCount: 0 });
});
afterAll(() => zone.close());

const none = { DynamicScalingInSuspended: false, DynamicScalingOutSuspended: false, ScheduledScalingSuspended: false };
const arn = (name: string) =>
  `arn:aws:elasticloadbalancing:us-east-1:000000000000:targetgroup/${name}/0123456789abcdef`;
const blue = { service: 'crm-a', targetGroupArns: [arn('crm-a')] };
const green = { service: 'crm-b', targetGroupArns: [arn('crm-b')] };
const label = (name: string) => `app/main/0123456789abcdef/targetgroup/${name}/0123456789abcdef`;
const tracking = (name: string) => ({
  TargetValue: 50,
  PredefinedMetricSpecification: {
    PredefinedMetricType: 'ALBRequestCountPerTarget' as const,
    ResourceLabel: label(name),
  },
});

const seen = async () => {
  const both = { slots: [slot('a', { name: 'crm-a' }), slot('b', { name: 'crm-b' })] };
  const { slots } = await withScaling(zone.clients, 'outsystems', both);
  return slots.map(({ service }) => service?.scaling);
};

test('blue’s scaling is read whole, made for green, changed, and taken away; each as often as one likes', async () => {
  const { site } = zone.plan;
  const { scaling } = zone.clients;
  const target = scalableTarget('outsystems', 'crm-a');
  expect(await seen()).toEqual([undefined, undefined]);
  await scaling.send(
    new RegisterScalableTargetCommand({ ...target, MinCapacity: 0, MaxCapacity: 8, SuspendedState: none }),
  );
  // AWS gives ten of them a page.
  const names = Array.from({ length: 12 }, (_, at) => `policy-${at}`);
  for (const PolicyName of names)
    await scaling.send(
      new PutScalingPolicyCommand({
        ...target,
        PolicyName,
        PolicyType: 'TargetTrackingScaling',
        TargetTrackingScalingPolicyConfiguration: tracking('crm-a'),
      }),
    );
  await scaling.send(
    new PutScheduledActionCommand({
      ...target,
      ScheduledActionName: 'mornings',
      Schedule: 'cron(0 8 * * ? *)',
      Timezone: 'Europe/Lisbon',
      EndTime: new Date('2030-01-01T00:00:00Z'),
      ScalableTargetAction: { MinCapacity: 4 },
    }),
  );
  const [found] = await seen();
  const policies = (name: string) =>
    names.map((one) => ({ name: one, type: 'TargetTrackingScaling', tracking: tracking(name) }));
  const wanted: Scaling = {
    minimum: 0,
    maximum: 8,
    suspended: none,
    policies: policies('crm-a'),
    scheduled: [
      {
        name: 'mornings',
        schedule: 'cron(0 8 * * ? *)',
        timezone: 'Europe/Lisbon',
        end: '2030-01-01T00:00:00.000Z',
        action: { MinCapacity: 4 },
      },
    ],
  };
  expect(found).toEqual(wanted);

  // The second time AWS takes no tags, for it is there.
  for (const _ of [1, 2]) await zone.run('makeScaling', [site, { ...wanted, tags: { Owner: 'ops' } }, green, blue]);
  const { ScalableTargets: [made] = [] } = await zone.clients.scaling.send(
    new DescribeScalableTargetsCommand({ ServiceNamespace: 'ecs', ResourceIds: [`service/${site.cluster}/crm-b`] }),
  );
  const ResourceARN = made?.ScalableTargetARN ?? '';
  const { Tags } = await zone.clients.scaling.send(new ListTagsForResourceCommand({ ResourceARN }));
  expect(Tags).toEqual({ Owner: 'ops' });
  expect((await seen())[1]).toEqual({ ...wanted, suspended: allSuspended, policies: policies('crm-b') });

  const bounds = async (changes: object) => {
    for (const _ of [1, 2]) await zone.run('setScaling', [site, { service: 'crm-b', ...changes }]);
    const [, { minimum, maximum, suspended } = wanted] = await seen();
    return { minimum, maximum, suspended };
  };
  expect(await bounds({ minimum: 3, maximum: 8, suspended: none })).toEqual({
    minimum: 3,
    maximum: 8,
    suspended: none,
  });
  expect(await bounds({ minimum: 0, insteadOf: [0, 2] })).toMatchObject({ minimum: 3 });
  expect(await bounds({ minimum: 0, insteadOf: [0, 3] })).toMatchObject({ minimum: 0 });
  const half = { ...none, DynamicScalingInSuspended: true };
  expect(await bounds({ suspended: half })).toEqual({ minimum: 0, maximum: 8, suspended: half });

  for (const _ of [1, 2]) await zone.run('removeScaling', [site, 'crm-a']);
  expect((await seen())[0]).toBeUndefined();
});

test('a scalable target that somebody took away is not made again by a change of it', async () => {
  await zone.run('removeScaling', [zone.plan.site, 'crm-b']);
  await zone.run('setScaling', [zone.plan.site, { service: 'crm-b', suspended: none }]);
  const { ScalableTargets } = await zone.clients.scaling.send(
    new DescribeScalableTargetsCommand({ ServiceNamespace: 'ecs' }),
  );
  expect(ScalableTargets).toEqual([]);
});

test('an alarm that called one service’s step policy calls the other’s, and back, however often', async () => {
  const { site } = zone.plan;
  const { scaling, metrics } = zone.clients;
  const step = {
    AdjustmentType: 'ChangeInCapacity' as const,
    StepAdjustments: [{ MetricIntervalLowerBound: 0, ScalingAdjustment: 1 }],
  };
  const steps: Scaling = {
    minimum: 0,
    maximum: 8,
    suspended: none,
    policies: [{ name: 'busy', type: 'StepScaling', step }],
    scheduled: [],
  };
  const target = scalableTarget('outsystems', 'crm-a');
  await scaling.send(new RegisterScalableTargetCommand({ ...target, MinCapacity: 0, MaxCapacity: 8 }));
  const { PolicyARN = '' } = await scaling.send(
    new PutScalingPolicyCommand({
      ...target,
      PolicyName: 'busy',
      PolicyType: 'StepScaling',
      StepScalingPolicyConfiguration: step,
    }),
  );
  await metrics.send(
    new PutMetricAlarmCommand({
      AlarmName: 'crm is busy',
      AlarmActions: [PolicyARN],
      Namespace: 'AWS/ECS',
      MetricName: 'CPUUtilization',
      Statistic: 'Average',
      Dimensions: [{ Name: 'ServiceName', Value: 'crm-a' }],
      Period: 60,
      EvaluationPeriods: 1,
      Threshold: 70,
      ComparisonOperator: 'GreaterThanThreshold',
    }),
  );
  await zone.run('makeScaling', [site, steps, green, blue]);
  expect((await seen())[1]?.policies).toEqual(steps.policies);
  const called = async () => {
    const { MetricAlarms: [alarm] = [] } = await metrics.send(new DescribeAlarmsCommand({}));
    return [alarm?.Dimensions?.[0]?.Value, alarm?.AlarmActions?.map((action) => /crm-[ab]/.exec(action)?.[0])];
  };
  for (const _ of [1, 2]) await zone.run('moveAlarms', [site, 'crm-a', 'crm-b']);
  expect(await called()).toEqual(['crm-b', ['crm-b']]);
  for (const _ of [1, 2]) await zone.run('moveAlarms', [site, 'crm-b', 'crm-a']);
  expect(await called()).toEqual(['crm-a', ['crm-a']]);
});
