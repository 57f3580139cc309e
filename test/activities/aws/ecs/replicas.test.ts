/** What ends a wait for replicas. */
import { DescribeServicesCommand, type Service } from '@aws-sdk/client-ecs';
import { MockActivityEnvironment } from '@temporalio/testing';
import { createClients } from '../../../../activities/aws/client/clients';
import { awsFailure } from '../../../../activities/aws/client/errors';
import { replicaWaits } from '../../../../activities/aws/ecs/replicas';
import type { Site } from '../../../../planning/site';

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

/** Waits for replicas of a service as ECS describes it. */
async function waitFor(described: Partial<Service>, timeoutMs: number): Promise<void> {
  const service = { serviceName: 'Orders-a', status: 'ACTIVE', taskDefinition: 'definition', ...described };
  const clients = createClients('us-east-1', { credentials: { accessKeyId: 'none', secretAccessKey: 'none' } });
  Object.assign(clients.ecs, { send: () => Promise.resolve({ services: [service], taskArns: [] }) });
  Object.assign(clients.elb, { send: () => Promise.resolve({ TargetHealthDescriptions: [] }) });
  const { waitForReplicas } = replicaWaits({ clientsOf: () => clients });
  const activity = new MockActivityEnvironment({ scheduledTimestampMs: began });
  await activity.run(() => waitForReplicas({} as Site, { ...replicas, timeoutMs }));
}

test('replicas that nobody wants any more are not waited for until the time is over', async () => {
  await expect(waitFor({ desiredCount: 0 }, 60 * minute)).rejects.toMatchObject({ type: 'ServiceChangedByOthers' });
});

test('capacity may come until the time is over, and is what was missing then', async () => {
  const message = '(service Orders-a) was unable to place a task.';
  const missing = { desiredCount: 2, events: [{ message, createdAt: new Date() }] };
  const timeoutMs = Date.now() - began + 500;
  await expect(waitFor(missing, timeoutMs)).rejects.toMatchObject({
    type: 'NoCapacity',
    message: expect.stringMatching(
      /^Orders-a was not healthy within .*unable to place a task[.] Add capacity, then retry[.]$/,
    ),
  });
  expect(Date.now() - began).toBeGreaterThan(timeoutMs);
});

/** Waits for replicas of which ECS shows the service from the third look on, and lists its tasks from the fourth. */
async function waitForNew(scheduledTimestampMs: number): Promise<number> {
  let looks = 0;
  const deployments = [{ taskDefinition: 'definition' }];
  const service = {
    serviceName: 'Orders-a',
    taskDefinition: 'definition',
    desiredCount: 2,
    runningCount: 2,
    deployments,
  };
  const clients = createClients('us-east-1', { credentials: { accessKeyId: 'none', secretAccessKey: 'none' } });
  const answer = (command: object) => {
    if (command instanceof DescribeServicesCommand) return { services: ++looks > 2 ? [service] : [] };
    if (looks > 3) return { taskArns: [] };
    throw awsFailure(Object.assign(new Error('Service not found.'), { name: 'ServiceNotFoundException' }), 'ListTasks');
  };
  Object.assign(clients.ecs, { send: async (command: object) => answer(command) });
  const health = ['10.0.0.1', '10.0.0.2'].map((Id) => ({ Target: { Id }, TargetHealth: { State: 'healthy' } }));
  const TargetHealthDescriptions = () => (looks > 3 ? health : []);
  Object.assign(clients.elb, { send: async () => ({ TargetHealthDescriptions: TargetHealthDescriptions() }) });
  const { waitForReplicas } = replicaWaits({ clientsOf: () => clients, pollMs: 10 });
  const activity = new MockActivityEnvironment({ scheduledTimestampMs });
  await activity.run(() => waitForReplicas({} as Site, { ...replicas, timeoutMs: 60 * minute }));
  return looks;
}

test('a service that was just created may not be seen at once; later on it is gone', async () => {
  await expect(waitForNew(Date.now())).resolves.toBe(4);
  await expect(waitForNew(began)).rejects.toMatchObject({
    type: 'GreenUnhealthy',
    message: 'Service Orders-a is gone.',
  });
});
