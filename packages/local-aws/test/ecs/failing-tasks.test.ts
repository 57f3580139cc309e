/** What ECS does and shows when tasks don't start, don't stay, or find no room, seen through the SDK. */
import { join } from 'node:path';
import { eventually, startLocalAws, type LocalAws } from '../local-aws';
import { crashing, makeImage, server } from '../sample-image';
import { behind, createZone, portOf, vpc, type Zone } from './zone';

let local: LocalAws;
let zone: Zone;

beforeAll(async () => {
  local = await startLocalAws({ timeScale: 50 });
  const images = join(local.folder, 'images');
  await makeImage(images, 'orders:1', server);
  await makeImage(images, 'crashing:1', crashing);
  await makeImage(images, 'nothing:1', '', { entrypoint: ['no-such-program'] });
  zone = await createZone(local);
});
afterAll(() => local.close());

const breaker = (rollback: boolean): object => ({
  deploymentConfiguration: { deploymentCircuitBreaker: { enable: true, rollback } },
});

test('an image that is not there stops the task with the reason that ECS gives', async () => {
  await zone.createService('no-image', await zone.registerTaskDefinition('orders:404'), {
    desiredCount: 1,
    ...breaker(false),
  });
  const service = await eventually(
    () => zone.service('no-image'),
    ({ deployments }) => deployments?.[0]?.rolloutState === 'FAILED',
  );
  expect(service.deployments?.[0]).toMatchObject({
    rolloutStateReason: 'ECS deployment circuit breaker: tasks failed to start.',
  });
  expect(service.events?.some(({ message }) => message?.endsWith('deployment failed: tasks failed to start.'))).toBe(
    true,
  );
  const [stopped] = await eventually(
    () => zone.tasks('no-image', 'STOPPED'),
    ([task]) => task?.lastStatus === 'STOPPED',
  );
  expect(stopped).toMatchObject({
    stopCode: 'TaskFailedToStart',
    stoppedReason: expect.stringMatching(/^CannotPullContainerError: .*orders:404: not found$/),
    containers: [{ reason: expect.stringContaining('CannotPullContainerError') }],
  });
});

test('a program that is not there stops the task before anything runs', async () => {
  await zone.createService('no-program', await zone.registerTaskDefinition('nothing:1'), {
    desiredCount: 1,
    ...breaker(false),
  });
  const [stopped] = await eventually(
    () => zone.tasks('no-program', 'STOPPED'),
    (tasks) => tasks.length > 0,
  );
  expect(stopped).toMatchObject({
    stopCode: 'TaskFailedToStart',
    stoppedReason: expect.stringContaining('executable file not found'),
  });
});

test('a task that crashes is replaced until the circuit breaks, and its exit code is told', async () => {
  await zone.createService('crashing', await zone.registerTaskDefinition('crashing:1'), {
    desiredCount: 1,
    ...breaker(false),
    ...behind(await zone.createGroup('crashing')),
  });
  await eventually(
    () => zone.service('crashing'),
    ({ deployments }) => deployments?.[0]?.rolloutState === 'FAILED',
  );
  const stopped = await eventually(
    () => zone.tasks('crashing', 'STOPPED'),
    (tasks) => tasks.every(({ lastStatus }) => lastStatus === 'STOPPED'),
  );
  expect(stopped.length).toBeGreaterThanOrEqual(3);
  for (const task of stopped) {
    expect(task).toMatchObject({
      stopCode: 'EssentialContainerExited',
      stoppedReason: 'Essential container in task exited',
      containers: [{ exitCode: 3, lastStatus: 'STOPPED' }],
    });
  }
});

test('a deployment that fails is rolled back to the last one that completed, and its tasks never went', async () => {
  const good = await zone.registerTaskDefinition('orders:1');
  await zone.createService('rolls-back', good, { ...breaker(true), ...behind(await zone.createGroup('rolls-back')) });
  const before = await zone.steady('rolls-back');
  const serving = (await zone.tasks('rolls-back')).map(({ taskArn }) => taskArn ?? '');
  await local.ecs.updateService({
    cluster: 'zone',
    service: 'rolls-back',
    taskDefinition: await zone.registerTaskDefinition('crashing:1'),
  });
  await eventually(
    () => zone.service('rolls-back'),
    ({ events }) => events?.some(({ message }) => message?.includes('rolling back')) ?? false,
  );
  const after = await zone.steady('rolls-back');
  expect(after.taskDefinition).toBe(good);
  expect(after.deployments?.[0]?.id).not.toBe(before.deployments?.[0]?.id);
  // The tasks that served were stopped only when those of the rollback were healthy: the minimum is the whole count.
  const gone = (await zone.tasks('rolls-back', 'STOPPED')).filter(({ taskArn }) => serving.includes(taskArn ?? ''));
  const replacedAt = Math.max(
    ...(await zone.tasks('rolls-back')).map(({ startedAt }) => startedAt?.getTime() ?? Infinity),
  );
  expect(gone.length).toBe(2);
  expect(Math.max(...gone.map(({ stoppingAt }) => stoppingAt?.getTime() ?? 0))).toBeGreaterThan(replacedAt);
});

test('a target that is never healthy is replaced after the grace period, not before', async () => {
  const group = await zone.createGroup('unhealthy');
  await zone.createService('unhealthy', await zone.registerTaskDefinition('orders:1'), {
    desiredCount: 1,
    healthCheckGracePeriodSeconds: 100,
    ...behind(group),
  });
  const [first] = await eventually(
    () => zone.tasks('unhealthy'),
    ([task]) => task?.lastStatus === 'RUNNING',
  );
  const description = 'Health checks failed with these codes: [500]';
  local.proxy.setHealth(portOf(first), { state: 'unhealthy', reason: 'Target.ResponseCodeMismatch', description });
  const [stopped] = await eventually(
    () => zone.tasks('unhealthy', 'STOPPED'),
    ([task]) => task?.lastStatus === 'STOPPED',
  );
  expect(stopped?.stoppedReason).toBe(`Task failed ELB health checks in (target-group ${group})`);
  expect((stopped?.stoppingAt?.getTime() ?? 0) - (first?.startedAt?.getTime() ?? 0)).toBeGreaterThanOrEqual(2_000);
  const { events } = await zone.steady('unhealthy');
  expect(events?.some(({ message }) => message?.includes(`due to (reason ${description})`))).toBe(true);
});

test('a cluster without room says so and starts what is missing when there is room again', async () => {
  const small = await startLocalAws({ timeScale: 50, capacity: 1 });
  try {
    await makeImage(join(small.folder, 'images'), 'orders:1', server);
    const tight = await createZone(small);
    await tight.createService('tight', await tight.registerTaskDefinition('orders:1'), { launchType: 'FARGATE' });
    const { events } = await eventually(
      () => tight.service('tight'),
      (service) => service.events?.some(({ message }) => message?.includes('was unable to place a task')) ?? false,
    );
    expect(events?.some(({ message }) => message?.includes('Capacity is unavailable at this time'))).toBe(true);
    const { failures } = await small.ecs.runTask({
      cluster: 'zone',
      taskDefinition: 'orders',
      networkConfiguration: vpc,
    });
    expect(failures).toHaveLength(1);
    await small.ecs.updateService({ cluster: 'zone', service: 'tight', desiredCount: 1 });
    await tight.steady('tight');
  } finally {
    await small.close();
  }
});
