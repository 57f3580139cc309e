/** What counts as trouble of replicas that are watched while they have live traffic. */
import type { Service, Task } from '@aws-sdk/client-ecs';
import { MockActivityEnvironment } from '@temporalio/testing';
import type { AwsClients } from '../../../../activities/aws/client/clients';
import {
  refuseNewTrouble,
  refuseNoReplica,
  type ObservedReplicas,
} from '../../../../activities/aws/ecs/replica-health';

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
): Promise<void> => {
  const seen: ObservedReplicas = {
    service: { desiredCount: 2, taskDefinition: 'definition', ...service },
    stopped,
    running: [],
    targets: [],
    ...others,
  };
  const activity = new MockActivityEnvironment({ scheduledTimestampMs: began });
  await activity.run(() => refuseNewTrouble(noLogs, seen, replicas));
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
