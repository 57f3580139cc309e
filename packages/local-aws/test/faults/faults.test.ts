/** Every fault has its effect, and has none any more when it is removed. */
import { join } from 'node:path';
import type { FaultRequest } from '../../src/faults/fault';
import { ask, createZone, portOf, type Zone } from '../ecs/zone';
import { eventually, startLocalAws, type LocalAws } from '../local-aws';
import { makeImage, server } from '../sample-image';

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

async function control(method: string, path: string, body?: object): Promise<{ status: number; body: unknown }> {
  const init = body === undefined ? { method } : { method, body: JSON.stringify(body) };
  const response = await fetch(`${local.aws.controlUrl}${path}`, init);
  return { status: response.status, body: await response.json() };
}

async function setFault(fault: FaultRequest): Promise<string> {
  const { status, body } = await control('POST', '/faults', fault);
  expect([status, body]).toEqual([200, expect.anything()]);
  return (body as { id: string }).id;
}

const list = (): Promise<unknown> => local.ecs.listClusters({});

test('a fault that is not one is refused with what is wrong with it', async () => {
  for (const fault of [
    { kind: 'earthquake' },
    { kind: 'error', operation: 'ecs:ListClusters' },
    { kind: 'latency', operation: 'x y', latencyMs: 1 },
  ]) {
    const { status, body } = await control('POST', '/faults', fault);
    expect([status, body]).toEqual([
      400,
      { error: expect.stringMatching(/^The fault isn't valid: (kind|code|operation): /) },
    ]);
  }
  expect((await control('GET', '/faults')).body).toEqual([]);
  expect((await control('DELETE', '/faults/404')).status).toBe(400);
});

test('an error is answered for its operation alone, as often as it is asked for, and nothing happens', async () => {
  const code = 'ServerException';
  await setFault({ kind: 'error', operation: 'ecs:CreateCluster', code, message: 'Service Unavailable.', times: 1 });
  const create = { clusterName: 'not-yet' };
  await expect(local.ecs.createCluster(create)).rejects.toMatchObject({
    name: code,
    message: 'Service Unavailable.',
    $metadata: { httpStatusCode: 500 },
  });
  expect((await local.ecs.describeClusters({ clusters: ['not-yet'] })).failures).toHaveLength(1);
  await local.ecs.createCluster(create);
});

test('of calls that ask for the same only the first is struck, and only those about what is meant: a rule is known by what it leads to', async () => {
  const [mine] = [await zone.createGroup('struck-a'), await zone.createGroup('others-a')];
  const { Rules: rules = [] } = await local.elbv2.describeRules({ ListenerArn: zone.listenerArn });
  const [myRule, othersRule] = ['struck-a', 'others-a'].map(
    (name) => rules.find(({ Conditions }) => Conditions?.[0]?.Values?.[0] === `/${name}/*`)?.RuleArn,
  );
  const { body } = await control('GET', '/writes');
  const before = (body as { number: number }[]).at(-1)?.number ?? 0;
  await setFault({ kind: 'noAnswer', operation: '*', only: 'writes', about: 'struck-a', how: 'reset', repeats: false });
  await local.elbv2.deleteRule({ RuleArn: othersRule });
  await expect(local.elbv2.deleteRule({ RuleArn: myRule })).rejects.toThrow('socket hang up');
  const { TargetGroups: found } = await local.elbv2.describeTargetGroups({ Names: ['struck-a'] });
  expect(found).toHaveLength(1);
  await expect(local.elbv2.deleteTargetGroup({ TargetGroupArn: mine })).rejects.toThrow('socket hang up');
  await local.elbv2.deleteTargetGroup({ TargetGroupArn: mine });
  const written = (await control('GET', `/writes?after=${before}`)).body as object[];
  expect(written).toMatchObject([
    { operation: 'elasticloadbalancing:DeleteRule', outcome: 'answered', faults: [] },
    { operation: 'elasticloadbalancing:DeleteRule', outcome: 'unanswered', faults: ['noAnswer'] },
    { operation: 'elasticloadbalancing:DeleteTargetGroup', outcome: 'unanswered', faults: ['noAnswer'] },
    { operation: 'elasticloadbalancing:DeleteTargetGroup', outcome: 'answered', faults: [] },
  ]);
  expect(written[1]).toMatchObject({ input: { RuleArn: myRule }, number: before + 2 });
});

test('a further attempt that tells another time asks for the same', async () => {
  const resourceArn = (await local.ecs.describeClusters({ clusters: ['zone'] })).clusters?.[0]?.clusterArn;
  const tag = (at: string) => local.ecs.tagResource({ resourceArn, tags: [{ key: 'ended', value: at }] });
  const code = 'ServerException';
  await setFault({ kind: 'error', operation: 'ecs:TagResource', code, repeats: false });
  await expect(tag('2026-11-29T20:00:00.000Z')).rejects.toMatchObject({ name: code });
  await tag('2026-11-29T20:00:01.500Z');
  await expect(tag('never')).rejects.toMatchObject({ name: code });
});

test('a missing permission reads as AWS words it, in both protocols', async () => {
  await setFault({ kind: 'accessDenied', operation: '*' });
  const message = (operation: string): unknown => expect.stringContaining(`is not authorized to perform: ${operation}`);
  await expect(list()).rejects.toMatchObject({ name: 'AccessDeniedException', message: message('ecs:ListClusters') });
  await expect(local.elbv2.describeLoadBalancers({})).rejects.toMatchObject({
    name: 'AccessDenied',
    message: message('elasticloadbalancing:DescribeLoadBalancers'),
  });
});

test("calls beyond AWS's rates are throttled, and go through again once tokens are back", async () => {
  await setFault({ kind: 'throttling', share: 0.1 });
  const describe = (): Promise<unknown> => local.elbv2.describeLoadBalancers({});
  const outcomes = await Promise.allSettled(Array.from({ length: 8 }, describe));
  const refused = outcomes.filter((outcome) => outcome.status === 'rejected');
  expect(refused.length).toBeGreaterThanOrEqual(3);
  for (const { reason } of refused) expect(reason).toMatchObject({ name: 'Throttling', message: 'Rate exceeded' });
  await eventually(
    () =>
      describe().then(
        () => true,
        () => false,
      ),
    Boolean,
  );
});

test('the same seed strikes the same calls', async () => {
  const strikes = async (seed: number): Promise<string> => {
    const id = await setFault({
      kind: 'error',
      operation: 'ecs:ListClusters',
      code: 'ServerException',
      probability: 0.5,
      seed,
    });
    let pattern = '';
    for (let call = 0; call < 20; call++)
      pattern += await list().then(
        () => '.',
        () => 'x',
      );
    await control('DELETE', `/faults/${id}`);
    return pattern;
  };
  const first = await strikes(1);
  expect(first).toMatch(/x/);
  expect(first).toMatch(/\./);
  expect(await strikes(1)).toBe(first);
  expect(await strikes(2)).not.toBe(first);
});

test('an answer can be late', async () => {
  await setFault({ kind: 'latency', operation: 'ecs:ListClusters', latencyMs: 3_000 });
  const order: string[] = [];
  const late = list().then(() => order.push('late'));
  await local.ecs.describeClusters({}).then(() => order.push('prompt'));
  await late;
  expect(order).toEqual(['prompt', 'late']);
});

test.each(['hang', 'reset'] as const)('a call that is not answered (%s) took effect all the same', async (how) => {
  await setFault({ kind: 'noAnswer', operation: 'ecs:CreateCluster', how, times: 1 });
  const clusterName = `unanswered-${how}`;
  const patience = new AbortController();
  const answer = local.ecs
    .createCluster({ clusterName }, { abortSignal: patience.signal })
    .catch((error: unknown) => error);
  await eventually(
    async () => (await local.ecs.describeClusters({ clusters: [clusterName] })).clusters?.length,
    (count) => count === 1,
  );
  patience.abort();
  expect(await answer).toBeInstanceOf(Error);
});

test('a call that is not answered can have had no effect', async () => {
  await setFault({ kind: 'noAnswer', operation: 'ecs:CreateCluster', effect: false, how: 'reset', times: 1 });
  await expect(local.ecs.createCluster({ clusterName: 'lost' })).rejects.toBeInstanceOf(Error);
  expect((await local.ecs.describeClusters({ clusters: ['lost'] })).failures).toHaveLength(1);
});

test('a read can be behind what was just written, and catches up', async () => {
  await setFault({ kind: 'staleReads', operation: 'ecs:Describe*', staleMs: 3_000 });
  await local.ecs.createCluster({ clusterName: 'fresh' });
  const found = async (): Promise<number> =>
    (await local.ecs.describeClusters({ clusters: ['fresh'] })).clusters?.length ?? 0;
  expect(await found()).toBe(0);
  expect((await local.ecs.listClusters({})).clusterArns?.some((arn) => arn.endsWith('/fresh'))).toBe(true);
  await eventually(found, (count) => count === 1);
});

test('slower propagation reaches the load balancer, and is taken back', async () => {
  const batch = (): number | undefined => local.proxy.configuration()?.propagation.batchSeconds;
  const id = await setFault({ kind: 'propagation', batchSeconds: 60, jitterSeconds: 5 });
  await eventually(batch, (seconds) => seconds === 60);
  await control('DELETE', `/faults/${id}`);
  await eventually(batch, (seconds) => seconds === 10);
});

test('a task crashes when it is told to', async () => {
  await setFault({ kind: 'taskCrash', service: 'crashes', times: 1, afterMs: 100 });
  await zone.createService('crashes', definition, { desiredCount: 1 });
  const [crashed] = await eventually(
    () => zone.tasks('crashes', 'STOPPED'),
    ([task]) => task?.lastStatus === 'STOPPED',
  );
  expect(crashed).toMatchObject({ stopCode: 'EssentialContainerExited', containers: [{ exitCode: 137 }] });
  await zone.steady('crashes');
});

test('a task hangs when it is told to, and goes on when the fault is taken back', async () => {
  const id = await setFault({ kind: 'taskHang', service: 'hangs', afterMs: 300 });
  await zone.createService('hangs', definition, { desiredCount: 1 });
  const [task] = await eventually(
    () => zone.tasks('hangs'),
    (tasks) => tasks[0]?.lastStatus === 'RUNNING',
  );
  const answers = async (): Promise<boolean> =>
    await fetch(`http://127.0.0.1:${portOf(task)}/`, { signal: AbortSignal.timeout(300) }).then(
      () => true,
      () => false,
    );
  await eventually(answers, (does) => !does);
  await control('DELETE', `/faults/${id}`);
  await eventually(answers, Boolean);
  expect(await ask(task)).toBeDefined();
});

test('a task starts slowly when it is told to', async () => {
  await setFault({ kind: 'slowStart', service: 'slow', afterMs: 4_000 });
  await zone.createService('slow', definition, { desiredCount: 1 });
  const [task] = await eventually(
    () => zone.tasks('slow'),
    (tasks) => tasks[0]?.lastStatus === 'RUNNING',
  );
  expect(await ask(task)).toBeUndefined();
  await eventually(
    () => ask(task),
    (answer) => answer !== undefined,
  );
});

test('an image cannot be pulled when it is told so', async () => {
  await setFault({ kind: 'noImage', image: 'orders:1', times: 1 });
  await zone.createService('unpulled', definition, { desiredCount: 1 });
  const [failed] = await eventually(
    () => zone.tasks('unpulled', 'STOPPED'),
    (tasks) => tasks.length > 0,
  );
  expect(failed?.stoppedReason).toMatch(/^CannotPullContainerError/);
  await zone.steady('unpulled');
});

test('health flaps when it is told to', async () => {
  const TargetGroupArn = await zone.createGroup('flaps');
  const loadBalancers = [{ targetGroupArn: TargetGroupArn, containerName: 'web', containerPort: 8080 }];
  await zone.createService('flaps', definition, {
    desiredCount: 1,
    loadBalancers,
    healthCheckGracePeriodSeconds: 3600,
  });
  await zone.steady('flaps');
  await setFault({ kind: 'flappingHealth', targetGroup: 'flaps', periodMs: 300 });
  const state = async (): Promise<string | undefined> =>
    (await local.elbv2.describeTargetHealth({ TargetGroupArn })).TargetHealthDescriptions?.[0]?.TargetHealth?.State;
  await eventually(state, (now) => now === 'unhealthy');
  await eventually(state, (now) => now === 'healthy');
  await eventually(state, (now) => now === 'unhealthy');
});

test('a cluster has no room when it is told so', async () => {
  const id = await setFault({ kind: 'capacity', tasks: 0 });
  await zone.createService('no-room', definition, { desiredCount: 1 });
  await eventually(
    () => zone.service('no-room'),
    ({ events }) => events?.some(({ message }) => message?.includes('unable to place')) ?? false,
  );
  await control('DELETE', `/faults/${id}`);
  await zone.steady('no-room');
});

test('the load balancer is restarted once for each time that it is asked for', async () => {
  await setFault({ kind: 'loadBalancerRestart' });
  await setFault({ kind: 'loadBalancerRestart', how: 'end' });
  await eventually(
    () => local.proxy.ended,
    (ended) => ended.length === 2,
  );
  expect(local.proxy.ended.toSorted()).toEqual(['crash', 'end']);
});

test('calls are counted by their service and name', async () => {
  const count = async (): Promise<number> =>
    ((await control('GET', '/calls')).body as Record<string, number>)['ecs:ListClusters'] ?? 0;
  const before = await count();
  await list();
  expect(await count()).toBe(before + 1);
  expect(await control('GET', '/health')).toEqual({ status: 200, body: { healthy: true } });
});

test('an address that goes and one that comes change the nodes of load balancers while the faults last', async () => {
  const nodes = () => local.proxy.configuration()?.loadBalancers[0]?.nodes.map(({ address }) => address) ?? [];
  const before = nodes();
  expect(before).toEqual(expect.arrayContaining(['127.0.0.1']));
  await setFault({ kind: 'addressGone', address: '127.0.0.1' });
  await setFault({ kind: 'addressComes', address: '127.0.0.77' });
  const others = before.filter((address) => address !== '127.0.0.1');
  await eventually(nodes, (now) => now.join() === [...others, '127.0.0.77'].join());
  await control('DELETE', '/faults');
  await eventually(nodes, (now) => now.join() === before.join());
  expect((await control('POST', '/faults', { kind: 'addressGone', address: '10.0.0.1' })).status).toBe(400);
});
