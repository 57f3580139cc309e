/** Services and their tasks from start to end, through the SDK. */
import { join } from 'node:path';
import { eventually, startLocalAws, type LocalAws } from '../local-aws';
import { deaf, makeImage, server } from '../sample-image';
import { ask, behind, createZone, portOf, vpc, type Zone } from './zone';

let local: LocalAws;
let zone: Zone;

beforeAll(async () => {
  local = await startLocalAws({ timeScale: 50 });
  const images = join(local.folder, 'images');
  await makeImage(images, 'orders:1', server);
  await makeImage(images, 'orders:2', server);
  await makeImage(images, 'deaf:1', deaf);
  zone = await createZone(local);
});
afterAll(() => local.close());

test('a task that ignores SIGTERM is killed after its stop timeout', async () => {
  const definition = await zone.registerTaskDefinition('deaf:1', { stopTimeout: 2 });
  const { tasks } = await local.ecs.runTask({ cluster: 'zone', taskDefinition: definition, networkConfiguration: vpc });
  const task = tasks?.[0]?.taskArn ?? '';
  const describe = async (): Promise<NonNullable<typeof tasks>[number] | undefined> =>
    (await local.ecs.describeTasks({ cluster: 'zone', tasks: [task] })).tasks?.[0];
  // It ignores signals only once it serves.
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
  await zone.createService('drains', await zone.registerTaskDefinition('orders:1'), behind(group));
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
  await zone.createService('abrupt', await zone.registerTaskDefinition('orders:1'), {
    desiredCount: 1,
    ...behind(group),
  });
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
    ...behind(await zone.createGroup('rolling', 20)),
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
  // It drains for as long as its task takes to stop.
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
