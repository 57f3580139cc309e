/** A drain that can't end says what is left and why, and is over after a time. */
import { MockActivityEnvironment } from '@temporalio/testing';
import { createClients } from '../../../../activities/aws/client/clients';
import { drainWaits, type Drain } from '../../../../activities/aws/ecs/drains';
import type { Site } from '../../../../planning/site';
import { behind, createZone, type Zone } from '../../../../packages/local-aws/test/ecs/zone';
import {
  eventually,
  startLocalAws,
  testCredentials,
  type LocalAws,
} from '../../../../packages/local-aws/test/local-aws';
import { makeImage, server } from '../../../../packages/local-aws/test/sample-image';

let local: LocalAws;
let zone: Zone;
let group: string;
beforeAll(async () => {
  local = await startLocalAws();
  zone = await createZone(local);
  group = await zone.createGroup('drained', 0);
  await makeImage(`${local.folder}/images`, 'web:1', server);
  const definition = await zone.registerTaskDefinition('web:1', { stopTimeout: 2 });
  await zone.createService('blue', definition, { ...behind(group), desiredCount: 1 });
  await eventually(
    () => zone.tasks('blue'),
    ([task]) => task?.lastStatus === 'RUNNING',
  );
});
afterAll(() => local.close());

const site = { region: 'us-east-1', cluster: 'zone', runId: 'run-1' } satisfies Site;

async function drained(seen: Drain | null, drainTimeoutMs: number): Promise<Drain | null> {
  const clients = createClients('us-east-1', { endpoint: local.aws.endpoint, credentials: testCredentials });
  const { waitForDrained } = drainWaits({ clientsOf: () => clients, pollMs: 50 });
  return await new MockActivityEnvironment().run(() =>
    waitForDrained({ ...site, drainTimeoutMs }, 'blue', group, seen),
  );
}

test('a protected task and a target that is no task’s are named at once, and left over when the time is over', async () => {
  const [task = {}] = await zone.tasks('blue');
  const [, id] = task.taskArn?.split('/zone/') ?? [];
  const protect = (protectionEnabled: boolean) =>
    local.ecs.updateTaskProtection({
      cluster: 'zone',
      tasks: [task.taskArn ?? ''],
      protectionEnabled,
      ...(protectionEnabled && { expiresInMinutes: 120 }),
    });
  const foreign = [{ Id: '127.0.0.1', Port: 8082 }];
  await protect(true);
  await local.elbv2.registerTargets({ TargetGroupArn: group, Targets: foreign });
  await local.ecs.updateService({ cluster: 'zone', service: 'blue', desiredCount: 0 });

  const found = await drained(null, 60_000);
  const left = [
    expect.stringMatching(new RegExp(`^task ${id}, protected from scale-in until ${new Date().getFullYear()}-`)),
    "target 127.0.0.1:8082, which is no task's of blue",
  ];
  expect(found).toMatchObject({ left, isOver: false, limit: '1m 2s' });
  // The same again is no news: only the end of the time is.
  const over = await drained(found, 0);
  expect(over).toMatchObject({ since: found?.since, isOver: true, left: expect.arrayContaining(left) });

  await protect(false);
  await local.elbv2.deregisterTargets({ TargetGroupArn: group, Targets: foreign });
  expect(await drained(null, 60_000)).toBeNull();
});
