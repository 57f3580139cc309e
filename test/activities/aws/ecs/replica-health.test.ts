/** What counts as trouble of replicas that are watched while they have live traffic. */
import type { Service, Task } from '@aws-sdk/client-ecs';
import { MockActivityEnvironment } from '@temporalio/testing';
import type { AwsClients } from '../../../../activities/aws/client/clients';
import {
  formatObstacles,
  formatProgress,
  refuseForeignTargets,
  refuseNewTrouble,
  refuseNoReplica,
  type ObservedReplicas,
  type Sightings,
} from '../../../../activities/aws/ecs/replica-health';
import { noTargetSightings } from '../../../../activities/aws/targets/target-health';

const minute = 60_000;
const began = Date.now() - minute;
const replicas = {
  service: 'Orders-a',
  taskDefinitionArn: 'definition',
  targetGroupArn: 'group',
  count: 2,
  ignoredTasks: [],
  timeoutMs: minute,
};
const noLogs = {} as AwsClients;

const crashedAt = (milliseconds: number): Task => ({
  taskArn: 'task/1',
  taskDefinitionArn: 'definition',
  lastStatus: 'STOPPED',
  stopCode: 'EssentialContainerExited',
  stoppedAt: new Date(milliseconds),
});

/** As a watch sees it that began a minute ago. */
const watched = async (
  stopped: readonly Task[],
  service: Partial<Service> = {},
  others: Partial<ObservedReplicas> = {},
  sightings: Sightings = noTargetSightings(),
): Promise<void> => {
  const seen: ObservedReplicas = {
    service: { desiredCount: 2, taskDefinition: 'definition', ...service },
    stopped,
    running: [],
    targets: [],
    ...others,
  };
  const activity = new MockActivityEnvironment({ scheduledTimestampMs: began });
  await activity.run(() => refuseNewTrouble(noLogs, seen, replicas, sightings));
};

test('a task that crashes while it is watched is trouble', async () => {
  await expect(watched([crashedAt(began + 1_000)])).rejects.toMatchObject({ type: 'GreenUnhealthy' });
});

test('one that had crashed before, and was replaced, is none: a retry would find it for an hour', async () => {
  await expect(watched([crashedAt(began - 1_000)])).resolves.toBeUndefined();
});

test('a service that somebody scales to nothing is not taken for healthy', async () => {
  await expect(watched([], { desiredCount: 0 })).rejects.toMatchObject({
    type: 'ServiceChangedByOthers',
    message: expect.stringContaining('scaled to no replica at all'),
  });
  await expect(watched([], { desiredCount: 1 })).resolves.toBeUndefined();
});

test('a service that has the other share of live traffic is missed when it wants no replica, or is gone', async () => {
  const activity = new MockActivityEnvironment({ scheduledTimestampMs: began });
  for (const service of [{ desiredCount: 0 }, undefined])
    await expect(activity.run(async () => refuseNoReplica('Orders-b', service))).rejects.toMatchObject({
      type: 'ServiceChangedByOthers',
      message: expect.stringContaining(
        'ECS service Orders-b was changed by somebody else: it was scaled to no replica',
      ),
    });
  await activity.run(async () => refuseNoReplica('Orders-b', { desiredCount: 1 }));
});

test('a replacement may start for as long as the first replicas, however old the deployment is', async () => {
  const startedAt = new Date(Date.now() - 25_000);
  const details = [{ name: 'privateIPv4Address', value: '10.0.0.1' }];
  const running = [{ startedAt, attachments: [{ details }] }];
  const targets = [{ Target: { Id: '10.0.0.1' }, TargetHealth: { State: 'unhealthy' as const } }];
  const deployments = [{ createdAt: new Date(began - 60 * minute) }];
  const service = { healthCheckGracePeriodSeconds: 60, deployments };
  await expect(watched([], service, { running, targets })).resolves.toBeUndefined();
  await expect(
    watched([], { ...service, healthCheckGracePeriodSeconds: 20 }, { running, targets }),
  ).rejects.toMatchObject({ type: 'GreenUnhealthy' });
});

test('an application that answers 503 while it warms up is no trouble within the grace period', async () => {
  const running = [{ startedAt: new Date(), containers: [{ networkBindings: [{ hostPort: 80 }] }] }];
  const Description = 'Health checks failed with these codes: [503]';
  const TargetHealth = { State: 'unhealthy' as const, Reason: 'Target.ResponseCodeMismatch' as const, Description };
  const targets = [{ Target: { Id: 'i-1', Port: 80 }, TargetHealth }];
  await expect(watched([], { healthCheckGracePeriodSeconds: 60 }, { running, targets })).resolves.toBeUndefined();
});

test('tasks that can’t be spread over the Availability Zones are no trouble of healthy replicas', async () => {
  const message =
    '(service Orders-a) is unable to place a task in Availability Zone because no container instance met all';
  const events = [{ message, createdAt: new Date() }];
  await expect(watched([], { runningCount: 2, events })).resolves.toBeUndefined();
});

const healthyTarget = { Target: { Id: '10.0.0.2' }, TargetHealth: { State: 'healthy' as const } };
const another = (task: Task): Task => ({ ...task, taskArn: 'task/2' });

test('one crash beside a healthy replica is tolerated while it is watched, two are the release’s', async () => {
  const targets = [healthyTarget];
  const crash = crashedAt(began + 1_000);
  await expect(watched([crash], {}, { targets })).resolves.toBeUndefined();
  await expect(watched([crash, another(crash)], {}, { targets })).rejects.toMatchObject({ type: 'GreenUnhealthy' });
});

test('a crashed replica that isn’t replaced within the time limit is trouble', async () => {
  const since = { incompleteSince: performance.now() - replicas.timeoutMs - 1, ...noTargetSightings() };
  const stopped = [crashedAt(began + 1_000)];
  const looking = watched(stopped, {}, { targets: [healthyTarget] }, since);
  await expect(looking).rejects.toMatchObject({
    type: 'GreenUnhealthy',
    message: expect.stringContaining('Task 1 stopped'),
  });
});

const failedToStart = (count: number): Task[] =>
  Array.from({ length: count }, (_, number) => ({
    ...crashedAt(began + 1_000),
    taskArn: `task/${number}`,
    stopCode: 'TaskFailedToStart',
    stoppedReason: 'Timeout waiting for network interface provisioning to complete.',
  }));

test('starts that failed before the container ran are tolerated three times, and reported', async () => {
  await expect(watched(failedToStart(3))).resolves.toBeUndefined();
  await expect(watched(failedToStart(4))).rejects.toMatchObject({
    type: 'GreenUnhealthy',
    message: expect.stringMatching(/4 tasks failed to start: .*network interface/),
  });
  const before = failedToStart(9).map((task) => ({ ...task, stoppedAt: new Date(began - 1) }));
  await expect(watched(before)).resolves.toBeUndefined();
  const absent = failedToStart(1).map((task) => ({
    ...task,
    stoppedReason: 'CannotPullContainerError: orders:2: not found',
  }));
  await expect(watched(absent)).rejects.toMatchObject({ type: 'GreenUnhealthy' });
});

test('progress tells of failed starts and of missing capacity', async () => {
  const message = '(service Orders-a) was unable to place a task.';
  const service = { desiredCount: 2, events: [{ message, createdAt: new Date() }] };
  const observed = { service, stopped: failedToStart(2), running: [], targets: [] };
  const activity = new MockActivityEnvironment({ scheduledTimestampMs: began });
  const text = await activity.run(async () => formatProgress(observed, replicas));
  expect(text).toBe(
    '0 of 2 tasks run, 0 healthy (no targets yet); 2 of 3 tolerated starts failed: Timeout waiting for network interface provisioning to complete; ' +
      'ECS waits for capacity: (service Orders-a) was unable to place a task',
  );
});

test('missing capacity is waited for until the time limit', async () => {
  const message = '(service Orders-a) was unable to place a task.';
  const service = { desiredCount: 2, runningCount: 1, events: [{ message, createdAt: new Date() }] };
  await expect(watched([], service)).resolves.toBeUndefined();
  const since = { incompleteSince: performance.now() - replicas.timeoutMs - 1, ...noTargetSightings() };
  await expect(watched([], service, {}, since)).rejects.toMatchObject({
    type: 'NoCapacity',
    message: expect.stringMatching(/unable to place a task.*Add capacity, then retry\.$/),
  });
});

describe('a target in green’s group that is no task’s', () => {
  const address = (privateIPv4Address: string): Task => ({
    attachments: [
      { type: 'ElasticNetworkInterface', details: [{ name: 'privateIPv4Address', value: privateIPv4Address }] },
    ],
  });
  const target = (Id: string) => ({ Target: { Id, Port: 8080 }, TargetHealth: { State: 'healthy' as const } });
  const seen = (...ids: string[]): ObservedReplicas => ({
    service: { desiredCount: 2, taskDefinition: 'definition' },
    stopped: [],
    running: [address('10.0.0.1')],
    targets: ids.map(target),
  });

  test('is told by its address while it may be a late read, and refused once it stays', async () => {
    const sightings = noTargetSightings() as Sightings;
    const both = seen('10.0.0.1', '10.0.0.9');
    const told = await new MockActivityEnvironment().run(() => Promise.resolve(formatObstacles(both, replicas)));
    expect(told).toEqual(["target 10.0.0.9:8080 is no task's of Orders-a"]);
    expect(() => refuseForeignTargets(both, replicas, sightings)).not.toThrow();
    sightings.foreignSince = performance.now() - minute;
    expect(() => refuseForeignTargets(both, replicas, sightings)).toThrow(
      /would send it live traffic: deregister it, then retry\. Target 10\.0\.0\.9:8080/,
    );
  });

  test('is forgotten once somebody deregistered it', () => {
    const sightings: Sightings = { ...noTargetSightings(), foreignSince: performance.now() - minute };
    expect(() => refuseForeignTargets(seen('10.0.0.1'), replicas, sightings)).not.toThrow();
    expect(sightings.foreignSince).toBeUndefined();
  });
});
