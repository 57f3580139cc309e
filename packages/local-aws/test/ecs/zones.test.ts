/** Availability Zones: where tasks are placed, how a service is spread anew, and targets that no load balancer reaches. */
import { join } from 'node:path';
import { eventually, startLocalAws, type LocalAws } from '../local-aws';
import { makeImage, server } from '../sample-image';
import { behind, createZone, type Zone } from './zone';

let local: LocalAws;
let zone: Zone;
let definition: string;

beforeAll(async () => {
  local = await startLocalAws({ timeScale: 50 });
  await makeImage(join(local.folder, 'images'), 'orders:1', server);
  zone = await createZone(local);
  definition = await zone.registerTaskDefinition('orders:1');
});
afterEach(() => fetch(`${local.aws.controlUrl}/faults`, { method: 'DELETE' }));
afterAll(() => local.close());

const inSubnets = (...subnets: string[]) => ({ networkConfiguration: { awsvpcConfiguration: { subnets } } });

const zonesOf = async (name: string): Promise<string[]> =>
  (await zone.tasks(name))
    .map(({ availabilityZone = '' }) => availabilityZone)
    .toSorted((one, other) => one.localeCompare(other));

const events = async (name: string): Promise<string[]> =>
  ((await zone.service(name)).events ?? []).map(({ message = '' }) =>
    message.replaceAll(/task [0-9a-f]{32}/g, 'task ID'),
  );

const withoutRoomIn = async (name: string): Promise<void> => {
  const fault = { kind: 'capacity', zone: name, tasks: 0 };
  await fetch(`${local.aws.controlUrl}/faults`, { method: 'POST', body: JSON.stringify(fault) });
};

test('tasks are spread over the zones of the subnets, and say which is theirs', async () => {
  await zone.createService('spread', definition, { desiredCount: 4, ...inSubnets('subnet-a', 'subnet-b') });
  await zone.steady('spread');
  expect(await zonesOf('spread')).toEqual(['us-east-1a', 'us-east-1a', 'us-east-1b', 'us-east-1b']);
  const [task] = await zone.tasks('spread');
  const subnet = task?.availabilityZone === 'us-east-1a' ? 'subnet-a' : 'subnet-b';
  expect(task?.attachments?.[0]?.details).toContainEqual({ name: 'subnetId', value: subnet });
});

test('a steady service that is not balanced gets a task in the other zone first, and then loses one', async () => {
  await withoutRoomIn('us-east-1b');
  const group = await zone.createGroup('uneven');
  await zone.createService('uneven', definition, { ...inSubnets('subnet-a', 'subnet-b'), ...behind(group) });
  await zone.steady('uneven');
  expect(await zonesOf('uneven')).toEqual(['us-east-1a', 'us-east-1a']);
  const refusal =
    '(service uneven) is unable to place a task in us-east-1b because no container instance met all of its requirements.';
  await eventually(
    () => events('uneven'),
    (messages) => messages.includes(refusal),
  );
  expect((await zone.service('uneven')).deployments).toMatchObject([{ rolloutState: 'COMPLETED', failedTasks: 0 }]);
  await fetch(`${local.aws.controlUrl}/faults`, { method: 'DELETE' });
  const balanced = '(service uneven) is AZ balanced with 1 tasks in us-east-1a, 1 tasks in us-east-1b.';
  const all = await eventually(
    () => events('uneven'),
    (messages) => messages.includes(balanced),
  );
  expect(all.filter((message) => /AZ|tasks in us-east/.test(message)).slice(0, 4)).toEqual([
    balanced,
    '(service uneven) has stopped 1 running tasks in us-east-1a due to AZ rebalancing: (task ID).',
    '(service uneven) has started 1 tasks in us-east-1b to AZ Rebalance: (task ID).',
    '(service uneven) is not AZ balanced with 2 tasks in us-east-1a, 0 tasks in us-east-1b. AZ Rebalancing in progress.',
  ]);
  expect(await zonesOf('uneven')).toEqual(['us-east-1a', 'us-east-1b']);
  const [stopped] = await zone.tasks('uneven', 'STOPPED');
  expect(stopped?.stoppedReason).toMatch(/^Availability-zone rebalancing initiated by \(deployment ecs-svc\/\d+\)$/);
});

test('a service that is not to be rebalanced stays as it is, and Fargate words the lack of room otherwise', async () => {
  await withoutRoomIn('us-east-1b');
  const uneven = { launchType: 'FARGATE' as const, ...inSubnets('subnet-a', 'subnet-b') };
  await zone.createService('left-alone', definition, { availabilityZoneRebalancing: 'DISABLED', ...uneven });
  await zone.createService('on-fargate', definition, uneven);
  await eventually(
    () => events('on-fargate'),
    (messages) => messages.includes('(service on-fargate) is unable to place a task in us-east-1b.'),
  );
  expect((await events('left-alone')).filter((message) => message.includes('AZ'))).toEqual([]);
});

test("a target in a zone that isn't the load balancer's is not in use, and ECS replaces its task", async () => {
  const group = await zone.createGroup('outside');
  await zone.createService('outside', definition, {
    desiredCount: 3,
    ...inSubnets('subnet-a', 'subnet-b', 'subnet-c'),
    ...behind(group),
  });
  const states = async () => {
    const { TargetHealthDescriptions = [] } = await local.elbv2.describeTargetHealth({ TargetGroupArn: group });
    return TargetHealthDescriptions.map(({ TargetHealth }) => TargetHealth);
  };
  const seen = await eventually(states, (all) => all.some((one) => one?.State === 'unused'));
  expect(seen.find((one) => one?.State === 'unused')).toEqual({
    State: 'unused',
    Reason: 'Target.NotInUse',
    Description: 'Target is in an Availability Zone that is not enabled for the load balancer',
  });
  await eventually(
    () => events('outside'),
    (messages) => messages.some((message) => message.includes('not enabled for the load balancer)')),
  );
  await local.ecs.updateService({ cluster: 'zone', service: 'outside', desiredCount: 0 });
});
