/** The scheduler, as a deployer sees it from moment to moment. */
import { join } from 'node:path';
import { failureThreshold } from '../../src/ecs/services/circuit-breaker';
import { eventually, startLocalAws, type LocalAws } from '../local-aws';
import { crashing, makeImage, server } from '../sample-image';
import { behind, createZone, type Zone } from './zone';

let local: LocalAws;
let zone: Zone;
let good: string;

beforeAll(async () => {
  local = await startLocalAws({ timeScale: 50 });
  await makeImage(join(local.folder, 'images'), 'orders:1', server);
  await makeImage(join(local.folder, 'images'), 'crashing:1', crashing);
  zone = await createZone(local);
  good = await zone.registerTaskDefinition('orders:1');
});
afterEach(() => fetch(`${local.aws.controlUrl}/faults`, { method: 'DELETE' }));
afterAll(() => local.close());

async function setFault(fault: object): Promise<void> {
  await fetch(`${local.aws.controlUrl}/faults`, { method: 'POST', body: JSON.stringify(fault) });
}

const messages = async (name: string): Promise<string[]> =>
  ((await zone.service(name)).events ?? []).map(({ message = '' }) => message);

test.each([
  [1, {}, 3],
  [25, {}, 13],
  [1000, {}, 200],
  [10, { type: 'COUNT', value: 1 }, 1],
  [10, { type: 'UNBOUNDED_PERCENT', value: 20 }, 2],
  [1, { type: 'UNBOUNDED_PERCENT', value: 20 }, 1],
  [10, { type: 'BOUNDED_PERCENT', value: 10 }, 3],
] as const)('the circuit breaker of a service of %i tasks with %j trips at %i failures', (count, given, failures) => {
  const threshold = 'type' in given ? { thresholdConfiguration: given } : {};
  expect(failureThreshold({ enable: true, rollback: false, ...threshold }, count)).toBe(failures);
});

test('a threshold of one task ends a deployment at its first failure, and the event says so', async () => {
  await zone.createService('first-failure', await zone.registerTaskDefinition('crashing:1'), {
    desiredCount: 1,
    ...behind(await zone.createGroup('first-failure')),
    deploymentConfiguration: {
      deploymentCircuitBreaker: {
        enable: true,
        rollback: false,
        thresholdConfiguration: { type: 'COUNT', value: 1 },
      },
    },
  });
  const failed = await eventually(
    () => zone.service('first-failure'),
    ({ deployments }) => deployments?.[0]?.rolloutState === 'FAILED',
  );
  expect(failed.deployments?.[0]?.failedTasks).toBe(1);
  expect(await messages('first-failure')).toContainEqual(
    expect.stringMatching(
      /^\(service first-failure\) \(deployment ecs-svc\/\d+\) deployment failed: tasks failed to start\.$/,
    ),
  );
});

test('tasks that are stopping count against maximumPercent: a long drain holds a deployment up', async () => {
  await zone.createService('drains-long', good, {
    desiredCount: 2,
    deploymentConfiguration: { minimumHealthyPercent: 50, maximumPercent: 100 },
    ...behind(await zone.createGroup('drains-long', 100)),
  });
  await zone.steady('drains-long');
  await local.ecs.updateService({ cluster: 'zone', service: 'drains-long', forceNewDeployment: true });
  const present: number[] = [];
  await eventually(
    async () => {
      const all = await zone.allTasks('drains-long');
      present.push(all.filter(({ lastStatus }) => lastStatus !== 'STOPPED').length);
      return await zone.service('drains-long');
    },
    ({ deployments }) => deployments?.length === 1 && deployments[0]?.rolloutState === 'COMPLETED',
  );
  expect(Math.max(...present)).toBe(2);
});

test('a task goes through all states of the reference, in their order, each as long as it is set to', async () => {
  const hour = 3_600_000;
  const delays = { provisioningMs: hour, pendingMs: hour, deprovisioningMs: hour };
  const group = await zone.createGroup('lives', 3_600);
  const seen: string[] = [];
  const look = async (): Promise<string> => {
    const [task] = await zone.allTasks('lives').catch(() => []);
    const status = task?.lastStatus ?? '';
    if (status !== '' && seen.at(-1) !== status) seen.push(status);
    return status;
  };
  const reaches = async (wanted: string): Promise<string> => await eventually(look, (status) => status === wanted);
  await setFault({ kind: 'taskDelays', ...delays });
  await zone.createService('lives', good, { desiredCount: 1, ...behind(group) });
  await reaches('PROVISIONING');
  await setFault({ kind: 'taskDelays', ...delays, provisioningMs: 0 });
  await reaches('PENDING');
  await setFault({ kind: 'taskDelays', ...delays, pendingMs: 0 });
  await reaches('RUNNING');
  await zone.steady('lives');
  await local.ecs.updateService({ cluster: 'zone', service: 'lives', desiredCount: 0 });
  await reaches('DEACTIVATING');
  await local.elbv2.modifyTargetGroupAttributes({
    TargetGroupArn: group,
    Attributes: [{ Key: 'deregistration_delay.timeout_seconds', Value: '0' }],
  });
  await reaches('DEPROVISIONING');
  await setFault({ kind: 'taskDelays', ...delays, deprovisioningMs: 0 });
  await reaches('STOPPED');
  // ACTIVATING and STOPPING are over within a round of the scheduler when nothing delays them.
  const lasting = seen.filter((status) => status !== 'ACTIVATING' && status !== 'STOPPING');
  expect(lasting).toEqual(['PROVISIONING', 'PENDING', 'RUNNING', 'DEACTIVATING', 'DEPROVISIONING', 'STOPPED']);
});

test('what the scheduler does is said in the words of AWS', async () => {
  const group = await zone.createGroup('says', 5);
  await zone.createService('says', good, { desiredCount: 1, ...behind(group) });
  await zone.steady('says');
  await local.ecs.updateService({ cluster: 'zone', service: 'says', desiredCount: 0 });
  await eventually(
    () => messages('says'),
    (events) => events.some((message) => message.includes('has stopped')),
  );
  const events = await messages('says');
  for (const wanted of [
    /^\(service says\) has started 1 tasks: \(task [0-9a-f]{32}\)\.$/,
    /^\(service says\) registered 1 targets in \(target-group arn:aws:elasticloadbalancing:.*\)$/,
    /^\(service says\) \(deployment ecs-svc\/\d+\) deployment completed\.$/,
    /^\(service says\) has reached a steady state\.$/,
    /^\(service says\) deregistered 1 targets in \(target-group arn:aws:elasticloadbalancing:.*\)$/,
    /^\(service says\) has begun draining connections on 1 tasks\.$/,
    /^\(service says\) has stopped 1 running tasks: \(task [0-9a-f]{32}\)\.$/,
  ]) {
    expect(events).toContainEqual(expect.stringMatching(wanted));
  }
});
