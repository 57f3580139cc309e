/** What ends a wait for replicas. */
import { MockActivityEnvironment } from '@temporalio/testing';
import { createClients } from '../../../../activities/aws/client/clients';
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

test('replicas that nobody wants any more are not waited for until the time is over', async () => {
  const service = { serviceName: 'Orders-a', status: 'ACTIVE', taskDefinition: 'definition', desiredCount: 0 };
  const clients = createClients('us-east-1', { credentials: { accessKeyId: 'none', secretAccessKey: 'none' } });
  Object.assign(clients.ecs, { send: () => Promise.resolve({ services: [service], taskArns: [] }) });
  Object.assign(clients.elb, { send: () => Promise.resolve({ TargetHealthDescriptions: [] }) });
  const { waitForReplicas } = replicaWaits({ clientsOf: () => clients });
  const activity = new MockActivityEnvironment({ scheduledTimestampMs: began });
  const waiting = activity.run(() => waitForReplicas({} as Site, { ...replicas, timeoutMs: 60 * minute }));
  await expect(waiting).rejects.toMatchObject({ type: 'ServiceChangedByOthers' });
});
