/** Scalable targets: what a deployer has to know of a service that is also scaled automatically. */
import { ApplicationAutoScaling } from '@aws-sdk/client-application-auto-scaling';
import { startLocalAws, testCredentials, type LocalAws } from '../local-aws';

const target = {
  ServiceNamespace: 'ecs',
  ResourceId: 'service/zone/orders',
  ScalableDimension: 'ecs:service:DesiredCount',
} as const;

let local: LocalAws;
let autoscaling: ApplicationAutoScaling;

beforeAll(async () => {
  local = await startLocalAws({ timeScale: 300 });
  autoscaling = new ApplicationAutoScaling({
    endpoint: local.aws.endpoint,
    region: 'us-east-1',
    credentials: testCredentials,
    maxAttempts: 1,
  });
  await local.ecs.createCluster({ clusterName: 'zone' });
  await local.ecs.registerTaskDefinition({
    family: 'orders',
    containerDefinitions: [{ name: 'web', image: 'none:1', memory: 128 }],
  });
  await local.ecs.createService({ cluster: 'zone', serviceName: 'orders', taskDefinition: 'orders', desiredCount: 0 });
});
afterAll(() => local.close());

const desiredCount = async (): Promise<number | undefined> =>
  (await local.ecs.describeServices({ cluster: 'zone', services: ['orders'] })).services?.[0]?.desiredCount;

test('what is not a service of ECS, or has no bounds, is refused', async () => {
  const bounds = { MinCapacity: 1, MaxCapacity: 4 };
  for (const wrong of [
    { ...target, ...bounds, ResourceId: 'service/zone/nobody' },
    { ...target, ...bounds, ServiceNamespace: 'dynamodb' as const },
    { ...target, MinCapacity: 4, MaxCapacity: 1 },
    target,
  ]) {
    await expect(autoscaling.registerScalableTarget(wrong)).rejects.toMatchObject({ name: 'ValidationException' });
  }
  await expect(autoscaling.deregisterScalableTarget(target)).rejects.toMatchObject({ name: 'ObjectNotFoundException' });
  await expect(
    autoscaling.putScalingPolicy({ ...target, PolicyName: 'cpu', PolicyType: 'TargetTrackingScaling' }),
  ).rejects.toMatchObject({ name: 'ObjectNotFoundException' });
});

test('a service at zero comes alive again when a target with a minimum is registered', async () => {
  await autoscaling.registerScalableTarget({
    ...target,
    MinCapacity: 2,
    MaxCapacity: 4,
    SuspendedState: { DynamicScalingOutSuspended: true },
  });
  expect(await desiredCount()).toBe(0);
  await autoscaling.registerScalableTarget({ ...target, SuspendedState: { DynamicScalingOutSuspended: false } });
  expect(await desiredCount()).toBe(2);
});

test('a registered target is described with its bounds, its policies and its tags, which only a new one takes', async () => {
  const wanted = { ...target, MaxCapacity: 8, MinCapacity: 1, Tags: { team: 'orders' } };
  await autoscaling.registerScalableTarget({ ...target, MaxCapacity: 8, MinCapacity: 1 });
  await expect(autoscaling.registerScalableTarget(wanted)).rejects.toMatchObject({
    name: 'ValidationException',
    message: expect.stringContaining('already exists'),
  });
  await autoscaling.deregisterScalableTarget(target);
  const { ScalableTargetARN: ResourceARN } = await autoscaling.registerScalableTarget(wanted);
  const { PolicyARN } = await autoscaling.putScalingPolicy({
    ...target,
    PolicyName: 'cpu',
    PolicyType: 'TargetTrackingScaling',
    TargetTrackingScalingPolicyConfiguration: { TargetValue: 50 },
  });
  const { ScalableTargets } = await autoscaling.describeScalableTargets({ ServiceNamespace: 'ecs' });
  expect(ScalableTargets).toMatchObject([{ MinCapacity: 1, MaxCapacity: 8, ScalableTargetARN: ResourceARN }]);
  const { ScalingPolicies } = await autoscaling.describeScalingPolicies({ ServiceNamespace: 'ecs' });
  expect(ScalingPolicies).toMatchObject([{ PolicyARN, PolicyName: 'cpu' }]);
  expect((await autoscaling.listTagsForResource({ ResourceARN })).Tags).toEqual({ team: 'orders' });
  await autoscaling.deregisterScalableTarget(target);
  expect((await autoscaling.describeScalingPolicies({ ServiceNamespace: 'ecs' })).ScalingPolicies).toEqual([]);
});

test('a scheduled action gives other bounds at its time, does nothing while it is suspended, and goes with its target', async () => {
  const ended = { Schedule: 'at(2020-01-01T00:00:00)' };
  await autoscaling.registerScalableTarget({ ...target, MinCapacity: 1, MaxCapacity: 4 });
  await expect(
    autoscaling.putScheduledAction({ ...target, ScheduledActionName: 'wrong', Schedule: 'at noon' }),
  ).rejects.toMatchObject({ name: 'ValidationException' });
  const put = async (ScheduledActionName: string, Schedule: string, MinCapacity: number) =>
    await autoscaling.putScheduledAction({
      ...target,
      ScheduledActionName,
      Schedule,
      ScalableTargetAction: { MinCapacity },
    });
  const listed = async () =>
    ((await autoscaling.describeScheduledActions({ ServiceNamespace: 'ecs' })).ScheduledActions ?? []).map(
      ({ ScheduledActionName }) => ScheduledActionName,
    );
  await put('mornings', 'cron(0 8 * * ? *)', 2);
  await put('once', ended.Schedule, 3);
  while ((await listed()).includes('once')) await new Promise((resolve) => setTimeout(resolve, 50));
  expect(await desiredCount()).toBe(3);
  await autoscaling.registerScalableTarget({ ...target, SuspendedState: { ScheduledScalingSuspended: true } });
  await put('suspended', ended.Schedule, 4);
  while ((await listed()).includes('suspended')) await new Promise((resolve) => setTimeout(resolve, 50));
  expect(await desiredCount()).toBe(3);
  expect(await listed()).toEqual(['mornings']);
  await autoscaling.deregisterScalableTarget(target);
  expect(await listed()).toEqual([]);
  await expect(put('mornings', ended.Schedule, 1)).rejects.toMatchObject({ name: 'ObjectNotFoundException' });
});
