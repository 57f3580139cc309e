/** What AWS is like without any fault: late reads, rates that hold, and tasks that now and then don't start. */
import { join } from 'node:path';
import { createThrottle } from '../src/faults/throttling';
import { createZone, vpc, type Zone } from './ecs/zone';
import { eventually, startLocalAws, type LocalAws } from './local-aws';
import { makeImage, server } from './sample-image';

const started: LocalAws[] = [];
afterEach(async () => {
  for (const local of started.splice(0)) await local.close();
});

async function start(options: Parameters<typeof startLocalAws>[0]): Promise<LocalAws> {
  const local = await startLocalAws(options);
  started.push(local);
  return local;
}

/** A zone with a service of no tasks, which was made just now. */
async function withNewService(options: Parameters<typeof startLocalAws>[0]): Promise<{ local: LocalAws; zone: Zone }> {
  const local = await start(options);
  await makeImage(join(local.folder, 'images'), 'orders:1', server);
  const zone = await createZone(local);
  await zone.createService('orders', await zone.registerTaskDefinition('orders:1'), { desiredCount: 0 });
  return { local, zone };
}

const sees = async ({ ecs }: LocalAws): Promise<boolean> =>
  (await ecs.describeServices({ cluster: 'zone', services: ['orders'] })).failures?.length === 0;

test('for a while some reads miss what was just made, and then none does', async () => {
  // Slower than AWS, so that the first reads are well within the shortest time, however busy the machine is.
  const { local } = await withNewService({ timeScale: 0.25, staleReads: true, seed: 7 });
  const first = await Promise.all(Array.from({ length: 20 }, () => sees(local)));
  expect(new Set(first)).toEqual(new Set([true, false]));
  await eventually(
    () => Promise.all(Array.from({ length: 20 }, () => sees(local))),
    (seen) => seen.every(Boolean),
  );
});

test('the tasks of a service that a read misses are asked for in vain', async () => {
  const { local } = await withNewService({ timeScale: 0.25, staleReads: true, seed: 7 });
  const asked = await Promise.allSettled(
    Array.from({ length: 20 }, () => local.ecs.listTasks({ cluster: 'zone', serviceName: 'orders' })),
  );
  const failures = asked.flatMap((one) => (one.status === 'rejected' ? [(one.reason as Error).name] : []));
  expect(new Set(failures)).toEqual(new Set(['ServiceNotFoundException']));
});

test('the same seed repeats which reads are late', async () => {
  const pattern = async (seed: number): Promise<boolean[]> => {
    const { local } = await withNewService({ timeScale: 0.25, staleReads: true, seed });
    const seen: boolean[] = [];
    for (let read = 0; read < 12; read++) seen.push(await sees(local));
    return seen;
  };
  expect(await pattern(3)).toEqual(await pattern(3));
});

test('a priority is in use at once, whatever reads show, and a changed rule is seen late', async () => {
  const local = await start({ timeScale: 0.25, staleReads: true, seed: 7 });
  const { listenerArn, createGroup } = await createZone(local);
  const TargetGroupArn = await createGroup('orders');
  const again = local.elbv2.createRule({
    ListenerArn: listenerArn,
    Priority: 1,
    Conditions: [{ Field: 'path-pattern', Values: ['/other/*'] }],
    Actions: [{ Type: 'forward', TargetGroupArn }],
  });
  await expect(again).rejects.toMatchObject({ name: 'PriorityInUseException' });
  const counts = async (): Promise<number> =>
    (await local.elbv2.describeRules({ ListenerArn: listenerArn })).Rules?.length ?? 0;
  expect(new Set(await Promise.all(Array.from({ length: 20 }, counts)))).toEqual(new Set([1, 2]));
});

test("AWS's rates hold without any fault, and can be raised", async () => {
  const refusals = async (rates?: number | 'off'): Promise<unknown[]> => {
    const local = await start(rates === undefined ? { rates: 1 } : { rates });
    const calls = Array.from({ length: 300 }, () => local.elbv2.describeLoadBalancers({}));
    return (await Promise.allSettled(calls)).flatMap((one) => (one.status === 'rejected' ? [one.reason] : []));
  };
  const refused = await refusals();
  expect(refused.length).toBeGreaterThan(0);
  expect(refused[0]).toMatchObject({ name: 'Throttling', message: 'Rate exceeded' });
  expect(await refusals(10)).toEqual([]);
  expect(await refusals('off')).toEqual([]);
});

test('a second caller that uses half of the rates leaves the other half', () => {
  const allowed = (share: number): number => {
    const throttle = createThrottle(share, () => 0);
    return Array.from({ length: 60 }, () => throttle.allows('elasticloadbalancing:DescribeRules')).filter(Boolean)
      .length;
  };
  expect([allowed(1), allowed(0.5)]).toEqual([40, 20]);
});

test('a share of the tasks fails to start for want of a network interface, and ECS starts others', async () => {
  const local = await start({ timeScale: 50, failedStarts: 0.5, seed: 5 });
  await makeImage(join(local.folder, 'images'), 'orders:1', server);
  const zone = await createZone(local);
  const definition = await zone.registerTaskDefinition('orders:1');
  await zone.createService('orders', definition, { desiredCount: 4, networkConfiguration: vpc });
  await zone.steady('orders');
  const stopped = await zone.tasks('orders', 'STOPPED');
  expect(stopped.length).toBeGreaterThan(0);
  for (const { stopCode, stoppedReason, containers } of stopped) {
    expect({ stopCode, stoppedReason }).toEqual({
      stopCode: 'TaskFailedToStart',
      stoppedReason: 'Timeout waiting for network interface provisioning to complete.',
    });
    expect(containers?.[0]?.exitCode).toBeUndefined();
  }
});
