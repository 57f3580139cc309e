/** A roll that only misses the end of what ECS doesn't stop is complete, and says what is left. */
import { MockActivityEnvironment } from '@temporalio/testing';
import { createClients } from '../../../../activities/aws/client/clients';
import { rollWaits } from '../../../../activities/aws/ecs/rolls';
import type { RollProgress } from '../../../../contract/status';
import { behind, createZone } from '../../../../packages/local-aws/test/ecs/zone';
import { startLocalAws, testCredentials, type LocalAws } from '../../../../packages/local-aws/test/local-aws';
import { makeImage, server } from '../../../../packages/local-aws/test/sample-image';

let local: LocalAws;
beforeAll(async () => (local = await startLocalAws()));
afterAll(() => local.close());

test('an old task that is protected is named once all others are new, left over after a while, and no trouble when it ends', async () => {
  const zone = await createZone(local);
  const group = await zone.createGroup('rolled', 0);
  await makeImage(`${local.folder}/images`, 'web:1', server);
  const before = await zone.registerTaskDefinition('web:1', { stopTimeout: 2 });
  await zone.createService('live', before, behind(group));
  await zone.steady('live');
  const [kept = {}] = await zone.tasks('live');
  const id = kept.taskArn?.split('/').at(-1);
  const protect = (protectionEnabled: boolean) =>
    local.ecs.updateTaskProtection({
      cluster: 'zone',
      tasks: [kept.taskArn ?? ''],
      protectionEnabled,
      ...(protectionEnabled && { expiresInMinutes: 2880 }),
    });
  await protect(true);
  const after = await zone.registerTaskDefinition('web:1', { stopTimeout: 2 });
  await local.ecs.updateService({ cluster: 'zone', service: 'live', taskDefinition: after });

  const wait = async (seen: RollProgress | null, timeoutMs: number): Promise<RollProgress> => {
    const clients = createClients('us-east-1', { endpoint: local.aws.endpoint, credentials: testCredentials });
    const { waitForRollProgress } = rollWaits({ clientsOf: () => clients, pollMs: 50 });
    const replicas = {
      service: 'live',
      taskDefinitionArn: after,
      targetGroupArn: group,
      count: 1,
      ignoredTasks: [],
      timeoutMs,
    };
    const site = { region: 'us-east-1', cluster: 'zone', runId: 'run-1' };
    return await new MockActivityEnvironment({ scheduledTimestampMs: Date.now() }).run(() =>
      waitForRollProgress(site, replicas, seen),
    );
  };
  let seen: RollProgress | null = null;
  do seen = await wait(seen, 60_000);
  while (!seen.stuck && !seen.complete);
  const stuck = [expect.stringMatching(new RegExp(`^task ${id}, protected from scale-in until 2`))];
  expect(seen).toMatchObject({ new: 2, starting: 0, old: 1, complete: false, stuck });
  do seen = await wait(seen, 0);
  while (!seen.complete);
  expect(seen).toMatchObject({ new: 2, old: 1, complete: true, stuck });

  await protect(false);
  do seen = await wait(seen, 60_000);
  while (!seen.complete);
  expect(seen).toEqual({ new: 2, starting: 0, old: 0, draining: expect.any(Number), complete: true });
});
