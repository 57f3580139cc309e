/** Service deployments and revisions, with which a deployer watches and stops deployments, and the protection of tasks. */
import { join } from 'node:path';
import type { ServiceDeployment } from '@aws-sdk/client-ecs';
import { eventually, startLocalAws, type LocalAws } from '../local-aws';
import { crashing, makeImage, server } from '../sample-image';
import { createZone, type Zone } from './zone';

let local: LocalAws;
let zone: Zone;
let good: string;
let bad: string;

beforeAll(async () => {
  local = await startLocalAws({ timeScale: 50 });
  await makeImage(join(local.folder, 'images'), 'orders:1', server);
  await makeImage(join(local.folder, 'images'), 'crashing:1', crashing);
  zone = await createZone(local);
  good = await zone.registerTaskDefinition('orders:1');
  bad = await zone.registerTaskDefinition('crashing:1');
});
afterAll(() => local.close());

/** Behind a load balancer, a task that crashes early was never healthy, even if it ran. */
const balanced = async (name: string): Promise<object> => ({
  loadBalancers: [{ targetGroupArn: await zone.createGroup(name), containerName: 'web', containerPort: 8080 }],
});

async function history(service: string): Promise<ServiceDeployment[]> {
  const { serviceDeployments: listed = [] } = await local.ecs.listServiceDeployments({ cluster: 'zone', service });
  const serviceDeploymentArns = listed.map(({ serviceDeploymentArn = '' }) => serviceDeploymentArn);
  return (await local.ecs.describeServiceDeployments({ serviceDeploymentArns })).serviceDeployments ?? [];
}

const latest = async (service: string): Promise<ServiceDeployment | undefined> => (await history(service))[0];

async function revise(service: string, taskDefinition: string): Promise<void> {
  await local.ecs.updateService({ cluster: 'zone', service, taskDefinition });
}

test('a deployment that the circuit breaker ends without a rollback is stopped, and launches nothing more', async () => {
  await zone.createService('stopped', good, {
    ...(await balanced('stopped')),
    deploymentConfiguration: { deploymentCircuitBreaker: { enable: true, rollback: false } },
  });
  await zone.steady('stopped');
  await revise('stopped', bad);
  const ended = await eventually(
    () => latest('stopped'),
    (one) => one?.status === 'STOPPED',
  );
  expect(ended).toMatchObject({
    statusReason: 'ECS deployment circuit breaker: tasks failed to start.',
    stoppedAt: expect.any(Date),
    deploymentCircuitBreaker: { status: 'TRIGGERED', threshold: 3 },
  });
  expect(ended?.rollback).toBeUndefined();
  // The tasks that were started by then end too; those of the deployment before stay.
  await eventually(
    () => zone.tasks('stopped'),
    (tasks) => tasks.length === 2 && tasks.every(({ taskDefinitionArn: arn }) => arn === good),
  );
});

test('a rollback is a part of the deployment that failed, and brings the revision before', async () => {
  await zone.createService('breaks', good, {
    ...(await balanced('breaks')),
    deploymentConfiguration: { deploymentCircuitBreaker: { enable: true, rollback: true } },
  });
  await zone.steady('breaks');
  const before = (await latest('breaks'))?.targetServiceRevision?.arn;
  await revise('breaks', bad);
  const ended = await eventually(
    () => latest('breaks'),
    (one) => one?.status === 'ROLLBACK_SUCCESSFUL',
  );
  expect(ended?.rollback).toMatchObject({ serviceRevisionArn: before, startedAt: expect.any(Date) });
  expect(await history('breaks')).toHaveLength(2);
});

test('a deployment can be stopped by hand, and what served before serves again', async () => {
  await zone.createService('by-hand', good, await balanced('by-hand'));
  await zone.steady('by-hand');
  const [serving] = await zone.tasks('by-hand');
  await revise('by-hand', bad);
  const running = await latest('by-hand');
  expect(running).toMatchObject({ status: 'IN_PROGRESS', sourceServiceRevisions: [{ runningTaskCount: 2 }] });
  const serviceDeploymentArn = running?.serviceDeploymentArn;
  expect((await zone.service('by-hand')).currentServiceDeployment).toBe(serviceDeploymentArn);
  await local.ecs.stopServiceDeployment({ serviceDeploymentArn });
  await eventually(
    () => latest('by-hand'),
    (one) => one?.status === 'ROLLBACK_SUCCESSFUL',
  );
  expect((await zone.steady('by-hand')).taskDefinition).toBe(good);
  expect(serving?.taskDefinitionArn).toBe(good);
  await expect(local.ecs.stopServiceDeployment({ serviceDeploymentArn })).rejects.toMatchObject({
    name: 'ConflictException',
  });
});

test('a newer deployment stops the one that is under way', async () => {
  await zone.createService('overtaken', good, {});
  await revise('overtaken', bad);
  await revise('overtaken', good);
  await zone.steady('overtaken');
  expect((await history('overtaken')).map(({ status }) => status)).toEqual(['SUCCESSFUL', 'STOPPED', 'STOPPED']);
  const listed = await local.ecs.listServiceDeployments({
    cluster: 'zone',
    service: 'overtaken',
    status: ['SUCCESSFUL'],
  });
  expect(listed.serviceDeployments).toHaveLength(1);
});

test('a revision says what a deployment was made of', async () => {
  const targetGroupArn = await zone.createGroup('revised');
  const loadBalancers = [{ targetGroupArn, containerName: 'web', containerPort: 8080 }];
  await zone.createService('revised', good, { loadBalancers });
  await zone.steady('revised');
  const arn = (await latest('revised'))?.targetServiceRevision?.arn ?? '';
  const { serviceRevisions, failures } = await local.ecs.describeServiceRevisions({
    serviceRevisionArns: [arn, `${arn}0`],
  });
  expect(serviceRevisions).toMatchObject([
    {
      taskDefinition: good,
      loadBalancers,
      containerImages: [{ image: 'orders:1', imageDigest: expect.stringMatching(/^sha256:/) }],
    },
  ]);
  expect(failures).toEqual([{ arn: `${arn}0`, reason: 'MISSING' }]);
});

test('forceNewDeployment replaces every task, though nothing differs', async () => {
  await zone.createService('forced', good, {});
  await zone.steady('forced');
  const before = (await zone.tasks('forced')).map(({ taskArn }) => taskArn);
  await local.ecs.updateService({ cluster: 'zone', service: 'forced', forceNewDeployment: true });
  await zone.steady('forced');
  const after = (await zone.tasks('forced')).map(({ taskArn }) => taskArn);
  expect(after.filter((arn) => before.includes(arn))).toEqual([]);
});

test('neither a desired count nor a grace period nor percents begin a deployment', async () => {
  const targetGroupArn = await zone.createGroup('undisturbed');
  await zone.createService('undisturbed', good, {
    loadBalancers: [{ targetGroupArn, containerName: 'web', containerPort: 8080 }],
  });
  await zone.steady('undisturbed');
  await local.ecs.updateService({
    cluster: 'zone',
    service: 'undisturbed',
    desiredCount: 3,
    healthCheckGracePeriodSeconds: 60,
    deploymentConfiguration: { minimumHealthyPercent: 50, maximumPercent: 150 },
  });
  await zone.steady('undisturbed');
  expect(await history('undisturbed')).toHaveLength(1);
});

test('UpdateService moves a service to another target group by a deployment', async () => {
  const [first, second] = [await zone.createGroup('moves-1'), await zone.createGroup('moves-2')];
  const entry = (targetGroupArn: string) => [{ targetGroupArn, containerName: 'web', containerPort: 8080 }];
  await zone.createService('moves', good, { loadBalancers: entry(first) });
  await zone.steady('moves');
  await local.ecs.updateService({ cluster: 'zone', service: 'moves', loadBalancers: entry(second) });
  await zone.steady('moves');
  const registered = async (TargetGroupArn: string): Promise<(string | undefined)[]> =>
    ((await local.elbv2.describeTargetHealth({ TargetGroupArn })).TargetHealthDescriptions ?? [])
      .filter(({ TargetHealth }) => TargetHealth?.State !== 'draining')
      .map(({ TargetHealth }) => TargetHealth?.State);
  expect(await registered(second)).toEqual(['healthy', 'healthy']);
  await eventually(
    () => registered(first),
    (left) => left.length === 0,
  );
});

test('a protected task is neither scaled in nor replaced until its protection ends', async () => {
  await zone.createService('protected', good, {});
  await zone.steady('protected');
  const tasks = (await zone.tasks('protected')).map(({ taskArn }) => taskArn ?? '');
  const protect = { cluster: 'zone', tasks, protectionEnabled: true };
  const { protectedTasks } = await local.ecs.updateTaskProtection({ ...protect, expiresInMinutes: 2880 });
  expect(protectedTasks).toMatchObject([{ protectionEnabled: true }, { protectionEnabled: true }]);
  await local.ecs.updateService({ cluster: 'zone', service: 'protected', forceNewDeployment: true });
  await eventually(
    () => zone.tasks('protected'),
    (running) => running.length === 4 && running.every(({ lastStatus }) => lastStatus === 'RUNNING'),
  );
  await local.ecs.updateService({ cluster: 'zone', service: 'protected', desiredCount: 1 });
  await eventually(
    () => zone.tasks('protected'),
    (running) => running.length === 3,
  );
  expect((await zone.tasks('protected')).map(({ taskArn }) => taskArn)).toEqual(expect.arrayContaining(tasks));
  await local.ecs.updateTaskProtection({ ...protect, protectionEnabled: false });
  await zone.steady('protected');
  expect(
    (await zone.tasks('protected')).map(({ taskArn }) => taskArn).filter((arn) => tasks.includes(arn ?? '')),
  ).toEqual([]);
});

test('what is not there, or can not be protected, is listed as a failure', async () => {
  const { tasks: [alone] = [] } = await local.ecs.runTask({
    cluster: 'zone',
    taskDefinition: good,
    networkConfiguration: { awsvpcConfiguration: { subnets: ['subnet-a'] } },
  });
  const answer = await local.ecs.updateTaskProtection({
    cluster: 'zone',
    tasks: [alone?.taskArn ?? '', 'nobody'],
    protectionEnabled: true,
  });
  expect(answer.failures).toEqual([
    { arn: alone?.taskArn, reason: 'TASK_NOT_VALID' },
    { arn: 'nobody', reason: 'MISSING' },
  ]);
  const missing = 'arn:aws:ecs:us-east-1:000000000000:service-deployment/zone/nobody/0';
  expect((await local.ecs.describeServiceDeployments({ serviceDeploymentArns: [missing] })).failures).toEqual([
    { arn: missing, reason: 'MISSING' },
  ]);
  await expect(local.ecs.stopServiceDeployment({ serviceDeploymentArn: missing })).rejects.toMatchObject({
    name: 'ServiceDeploymentNotFoundException',
  });
  await expect(local.ecs.listServiceDeployments({ cluster: 'zone', service: 'nobody' })).rejects.toMatchObject({
    name: 'ServiceNotFoundException',
  });
});
