/** A roll that only misses the end of what ECS doesn't stop is complete, and says what is left. */
import { MockActivityEnvironment } from '@temporalio/testing';
import { createClients } from '../../../../activities/aws/client/clients';
import { rollWaits } from '../../../../activities/aws/ecs/rolls';
import type { RollProgress } from '../../../../contract/status';
import { behind, createZone } from '../../../../packages/local-aws/test/ecs/zone';
import { startLocalAws, testCredentials, type LocalAws } from '../../../../packages/local-aws/test/local-aws';
import { makeImage, server } from '../../../../packages/local-aws/test/sample-image';

let local: LocalAws;
let zone: Awaited<ReturnType<typeof createZone>>;
beforeAll(async () => {
  local = await startLocalAws();
  zone = await createZone(local);
  await makeImage(`${local.folder}/images`, 'web:1', server);
});
afterAll(() => local.close());

/** A service whose first task ECS doesn't stop, in the middle of a rolling deployment. */
async function rollBesideProtected(
  service: string,
  bounds?: { minimumHealthyPercent: number; maximumPercent: number },
) {
  const group = await zone.createGroup(service, 0);
  const before = await zone.registerTaskDefinition('web:1', { stopTimeout: 2 });
  await zone.createService(service, before, behind(group));
  await zone.steady(service);
  const [kept = {}] = await zone.tasks(service);
  const protect = (protectionEnabled: boolean) =>
    local.ecs.updateTaskProtection({
      cluster: 'zone',
      tasks: [kept.taskArn ?? ''],
      protectionEnabled,
      ...(protectionEnabled && { expiresInMinutes: 2880 }),
    });
  await protect(true);
  const after = await zone.registerTaskDefinition('web:1', { stopTimeout: 2 });
  const clients = createClients('us-east-1', { endpoint: local.aws.endpoint, credentials: testCredentials });
  const aws = { clientsOf: () => clients, pollMs: 50 };
  const begin = (within = bounds) =>
    local.ecs.updateService({
      cluster: 'zone',
      service,
      taskDefinition: after,
      ...(within && { deploymentConfiguration: within }),
    });
  await begin();
  const site = { region: 'us-east-1', cluster: 'zone', runId: 'run-1' };
  const replicas = { service, taskDefinitionArn: after, targetGroupArn: group, count: 1, ignoredTasks: [] };
  const wait = async (seen: RollProgress | null, timeoutMs: number): Promise<RollProgress> =>
    await new MockActivityEnvironment({ scheduledTimestampMs: Date.now() }).run(() =>
      rollWaits(aws).waitForRollProgress(site, { ...replicas, timeoutMs }, seen),
    );
  const id = kept.taskArn?.split('/').at(-1);
  return {
    protect,
    wait,
    begin,
    stuck: [expect.stringMatching(new RegExp(`^task ${id}, protected from scale-in until 2`))],
  };
}

test('an old task that is protected is named once all others are new, left over after a while, and no trouble when it ends', async () => {
  const { protect, wait, stuck } = await rollBesideProtected('live');
  let seen: RollProgress | null = null;
  do seen = await wait(seen, 60_000);
  while (seen.new < 2 && !seen.complete);
  expect(seen).toMatchObject({ new: 2, starting: 0, complete: false });
  while (!seen.stuck && !seen.complete) seen = await wait(seen, 60_000);
  expect(seen).toMatchObject({ new: 2, starting: 0, old: 1, complete: false, stuck });
  // Whatever else is seen meanwhile, such as a missed health check, has its time.
  do seen = await wait(seen, seen.stuck ? 0 : 60_000);
  while (!seen.complete);
  expect(seen).toMatchObject({ new: 2, old: 1, complete: true, stuck });

  await protect(false);
  do seen = await wait(seen, 60_000);
  while (!seen.complete);
  expect(seen).toEqual({ new: 2, starting: 0, old: 0, draining: expect.any(Number), complete: true });
});

test('where the bounds leave no room beside a protected old task, the room that the new ones need is told', async () => {
  const { wait, begin, stuck } = await rollBesideProtected('narrow', {
    minimumHealthyPercent: 50,
    maximumPercent: 101,
  });
  let seen: RollProgress | null = null;
  do seen = await wait(seen, 60_000);
  while (!seen.stuck || seen.new < 1);
  expect(seen).toMatchObject({ new: 1, starting: 0, old: 1, complete: false, stuck });
  expect(seen.room).toBeUndefined();
  do seen = await wait(seen, seen.stuck ? 0 : 60_000);
  while (seen.room === undefined);
  expect(seen).toMatchObject({ new: 1, old: 1, complete: false, room: 150 });
  await begin({ minimumHealthyPercent: 50, maximumPercent: seen.room });
  do seen = await wait(seen, seen.stuck && seen.new === 2 ? 0 : 60_000);
  while (!seen.complete);
  expect(seen).toMatchObject({ new: 2, old: 1, complete: true, stuck });
});
