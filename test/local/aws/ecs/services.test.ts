/** Services and their tasks, through the SDK: what goes wrong first. */
import { join } from 'node:path';
import { eventually, startLocalAws, type LocalAws } from '../local-aws';
import { crashing, deaf, makeImage, server } from '../sample-image';
import { ask, createZone, portOf, vpc, type Zone } from './zone';

let local: LocalAws;
let zone: Zone;

beforeAll(async () => {
  local = await startLocalAws({ timeScale: 50 });
  const images = join(local.folder, 'images');
  await makeImage(images, 'orders:1', server);
  await makeImage(images, 'orders:2', server);
  await makeImage(images, 'crashing:1', crashing);
  await makeImage(images, 'deaf:1', deaf);
  await makeImage(images, 'nothing:1', '', { entrypoint: ['no-such-program'] });
  zone = await createZone(local);
});
afterAll(() => local.close());

const web = (targetGroupArn: string): object => ({
  loadBalancers: [{ targetGroupArn, containerName: 'web', containerPort: 8080 }],
});
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
    ...web(await zone.createGroup('crashing')),
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
  await zone.createService('rolls-back', good, { ...breaker(true), ...web(await zone.createGroup('rolls-back')) });
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
  // The ones that served went only when those of the rollback were healthy: the minimum is the whole count.
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
    ...web(group),
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

test('a task that ignores SIGTERM is killed after its stop timeout', async () => {
  const definition = await zone.registerTaskDefinition('deaf:1', { stopTimeout: 2 });
  const { tasks } = await local.ecs.runTask({ cluster: 'zone', taskDefinition: definition, networkConfiguration: vpc });
  const task = tasks?.[0]?.taskArn ?? '';
  const describe = async (): Promise<NonNullable<typeof tasks>[number] | undefined> =>
    (await local.ecs.describeTasks({ cluster: 'zone', tasks: [task] })).tasks?.[0];
  // Only once it serves does it know how to ignore anything.
  await eventually(
    async () => await ask(await describe()),
    (said) => said !== undefined,
  );
  await local.ecs.stopTask({ cluster: 'zone', task, reason: 'enough' });
  const stopped = await eventually(describe, (now) => now?.lastStatus === 'STOPPED');
  expect(stopped).toMatchObject({
    stopCode: 'UserInitiated',
    stoppedReason: 'enough',
    containers: [{ exitCode: 137 }],
  });
});

test('a task that is scaled in serves until its target has drained, then ends by itself', async () => {
  const group = await zone.createGroup('drains', 250);
  await zone.createService('drains', await zone.registerTaskDefinition('orders:1'), web(group));
  await zone.steady('drains');
  const [task] = await zone.tasks('drains');
  await local.ecs.updateService({ cluster: 'zone', service: 'drains', desiredCount: 0 });
  const draining = await eventually(
    () => local.elbv2.describeTargetHealth({ TargetGroupArn: group }),
    ({ TargetHealthDescriptions: targets }) =>
      targets?.every(({ TargetHealth: health }) => health?.State === 'draining') ?? false,
  );
  expect(draining.TargetHealthDescriptions).toHaveLength(2);
  expect((await zone.service('drains')).runningCount).toBe(2);
  expect(await ask(task)).toMatchObject({ task: task?.taskArn?.split('/').at(-1) });
  const stopped = await eventually(
    () => zone.tasks('drains', 'STOPPED'),
    (tasks) => tasks.length === 2 && tasks.every(({ lastStatus }) => lastStatus === 'STOPPED'),
  );
  expect(stopped.map(({ containers }) => containers?.[0]?.exitCode)).toEqual([0, 0]);
  for (const { stoppedReason } of stopped)
    expect(stoppedReason).toMatch(/^Scaling activity initiated by \(deployment ecs-svc\/\d+\)$/);
});

test('StopTask does not wait for the target', async () => {
  const group = await zone.createGroup('abrupt', 3600);
  await zone.createService('abrupt', await zone.registerTaskDefinition('orders:1'), { desiredCount: 1, ...web(group) });
  await zone.steady('abrupt');
  const [task] = await zone.tasks('abrupt');
  await local.ecs.stopTask({ cluster: 'zone', task: task?.taskArn });
  await eventually(
    () => zone.tasks('abrupt', 'STOPPED'),
    ([stopped]) => stopped?.lastStatus === 'STOPPED',
  );
  const { TargetHealthDescriptions: targets } = await local.elbv2.describeTargetHealth({ TargetGroupArn: group });
  expect(targets?.find(({ Target: target }) => target?.Port === portOf(task))?.TargetHealth?.State).toBe('draining');
  await zone.steady('abrupt');
});

test('a rolling deployment keeps to its bounds at every moment and ends with the new revision alone', async () => {
  await zone.createService('rolling', await zone.registerTaskDefinition('orders:1'), {
    desiredCount: 3,
    deploymentConfiguration: { minimumHealthyPercent: 60, maximumPercent: 150 },
    ...web(await zone.createGroup('rolling', 20)),
  });
  await zone.steady('rolling');
  const taskDefinition = await zone.registerTaskDefinition('orders:2');
  await local.ecs.updateService({ cluster: 'zone', service: 'rolling', taskDefinition });
  const present: number[] = [];
  const healthy: number[] = [];
  const service = await eventually(
    async () => {
      const all = await zone.allTasks('rolling');
      present.push(all.filter(({ lastStatus }) => lastStatus !== 'STOPPED').length);
      healthy.push(all.filter((task) => task.lastStatus === 'RUNNING' && task.desiredStatus === 'RUNNING').length);
      return await zone.service('rolling');
    },
    ({ deployments }) => deployments?.length === 1 && deployments[0]?.rolloutState === 'COMPLETED',
  );
  expect(Math.max(...present)).toBeLessThanOrEqual(4);
  expect(Math.min(...healthy)).toBeGreaterThanOrEqual(2);
  expect(service.taskDefinition).toBe(taskDefinition);
  const tasks = await zone.tasks('rolling');
  expect(tasks.map((task) => task.taskDefinitionArn)).toEqual([taskDefinition, taskDefinition, taskDefinition]);
  for (const task of tasks) expect(task.startedBy).toBe(service.deployments?.[0]?.id);
});

test('bounds that leave no way are said in an event', async () => {
  const definition = await zone.registerTaskDefinition('orders:1');
  await zone.createService('stuck', definition, {
    desiredCount: 1,
    deploymentConfiguration: { minimumHealthyPercent: 50, maximumPercent: 150 },
  });
  await zone.steady('stuck');
  await local.ecs.updateService({ cluster: 'zone', service: 'stuck', forceNewDeployment: true });
  await eventually(
    () => zone.service('stuck'),
    ({ events }) => events?.[0]?.message?.includes('was unable to stop or start tasks during a deployment') ?? false,
  );
});

test('a task finds its port, its environment and the folder of its volume', async () => {
  const { taskDefinition } = await local.ecs.registerTaskDefinition({
    family: 'mounted',
    networkMode: 'awsvpc',
    volumes: [{ name: 'config-1', host: { sourcePath: '/srv/config' } }],
    containerDefinitions: [
      {
        name: 'web',
        image: '000000000000.dkr.ecr.us-east-1.amazonaws.com/orders:1',
        memory: 128,
        portMappings: [{ containerPort: 8080 }],
        environment: [{ name: 'GREETING', value: 'hello' }],
        mountPoints: [{ sourceVolume: 'config-1', containerPath: '/config' }],
      },
    ],
  });
  await zone.createService('mounted', taskDefinition?.taskDefinitionArn ?? '', { desiredCount: 1 });
  await zone.steady('mounted');
  const [task] = await zone.tasks('mounted');
  const answer = await eventually(
    () => ask(task),
    (said) => said !== undefined,
  );
  expect(answer).toMatchObject({ greeting: 'hello', mount: '/srv/config' });
});

test('a service is deleted only at zero, and drains before it is gone', async () => {
  await zone.createService('leaves', await zone.registerTaskDefinition('orders:1'), { desiredCount: 1 });
  const leave = { cluster: 'zone', service: 'leaves' };
  await expect(local.ecs.deleteService(leave)).rejects.toMatchObject({ name: 'InvalidParameterException' });
  await zone.steady('leaves');
  // It drains for as long as its task takes to go.
  const faults = `${local.aws.controlUrl}/faults`;
  await fetch(faults, { method: 'POST', body: JSON.stringify({ kind: 'taskDelays', deprovisioningMs: 3_000_000 }) });
  await local.ecs.deleteService({ ...leave, force: true });
  await expect(zone.createService('leaves', 'orders')).rejects.toThrow(
    'Unable to Start a service that is still Draining.',
  );
  await expect(local.ecs.updateService({ ...leave, desiredCount: 1 })).rejects.toMatchObject({
    name: 'ServiceNotActiveException',
  });
  await fetch(faults, { method: 'DELETE' });
  await eventually(
    () => zone.service('leaves'),
    ({ status }) => status === 'INACTIVE',
  );
});
