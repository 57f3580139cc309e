/** Targets: one that isn't known to be healthy never looks healthy, and draining takes as long as on AWS. */
import { eventually, startLocalAws, type LocalAws } from '../local-aws';

let local: LocalAws;
let listenerArn: string;
let names = 0;

beforeEach(async () => {
  local = await startLocalAws();
  local.proxy.setHealth(target.Port, { state: 'healthy' });
  const { LoadBalancers: made } = await local.elbv2.createLoadBalancer({
    Name: 'zone',
    Subnets: ['subnet-a', 'subnet-b'],
  });
  const { Listeners: listeners } = await local.elbv2.createListener({
    LoadBalancerArn: made?.[0]?.LoadBalancerArn,
    Protocol: 'HTTP',
    Port: 8080,
    DefaultActions: [{ Type: 'fixed-response', FixedResponseConfig: { StatusCode: '404' } }],
  });
  listenerArn = listeners?.[0]?.ListenerArn ?? '';
});
afterEach(() => local.close());

async function groupInUse(): Promise<string> {
  const group = await createGroup();
  await local.elbv2.createRule({
    ListenerArn: listenerArn,
    Priority: names,
    Conditions: [{ Field: 'path-pattern', Values: [`/${names}`] }],
    Actions: [{ Type: 'forward', TargetGroupArn: group }],
  });
  return group;
}

async function createGroup(): Promise<string> {
  const { TargetGroups: made } = await local.elbv2.createTargetGroup({
    Name: `group-${++names}`,
    Protocol: 'HTTP',
    Port: 80,
    VpcId: 'vpc-local',
    TargetType: 'ip',
  });
  return made?.[0]?.TargetGroupArn ?? '';
}

const target = { Id: '127.0.0.1', Port: 9001 };

async function health(TargetGroupArn: string, Targets?: [typeof target]): Promise<(string | undefined)[]> {
  const answer = await local.elbv2.describeTargetHealth({ TargetGroupArn, Targets });
  return (answer.TargetHealthDescriptions ?? []).map((one) =>
    [one.TargetHealth?.State, one.TargetHealth?.Reason].join(' '),
  );
}

test('a target of a group that no rule forwards to is unused, and leaves at once', async () => {
  const TargetGroupArn = await createGroup();
  await local.elbv2.registerTargets({ TargetGroupArn, Targets: [target] });
  expect(await health(TargetGroupArn)).toEqual(['unused Target.NotInUse']);
  await local.elbv2.deregisterTargets({ TargetGroupArn, Targets: [target] });
  expect(await health(TargetGroupArn)).toEqual([]);
  expect(await health(TargetGroupArn, [target])).toEqual(['unused Target.NotRegistered']);
});

test('a target drains for the whole delay, and starts anew when it is registered again', async () => {
  const TargetGroupArn = await groupInUse();
  await local.elbv2.modifyTargetGroupAttributes({
    TargetGroupArn,
    Attributes: [{ Key: 'deregistration_delay.timeout_seconds', Value: '10' }],
  });
  await local.elbv2.registerTargets({ TargetGroupArn, Targets: [target] });
  await eventually(
    () => health(TargetGroupArn),
    ([state]) => state === 'healthy ',
  );
  await local.elbv2.deregisterTargets({ TargetGroupArn, Targets: [target] });
  expect(await health(TargetGroupArn)).toEqual(['draining Target.DeregistrationInProgress']);
  await eventually(
    () => health(TargetGroupArn),
    (states) => states.length === 0,
  );
  await local.elbv2.registerTargets({ TargetGroupArn, Targets: [target] });
  await eventually(
    () => health(TargetGroupArn),
    ([state]) => state === 'healthy ',
  );
});

test('without a load balancer that reports, nothing is healthy', async () => {
  const TargetGroupArn = await groupInUse();
  await local.elbv2.registerTargets({ TargetGroupArn, Targets: [target] });
  await eventually(
    () => health(TargetGroupArn),
    ([state]) => state === 'healthy ',
  );
  await local.proxy.close();
  await eventually(
    () => health(TargetGroupArn),
    ([state]) => state === 'unavailable Elb.InternalError',
  );
});

test('the load balancer hears of every change, also after it or the control plane was away', async () => {
  const TargetGroupArn = await groupInUse();
  await local.elbv2.registerTargets({ TargetGroupArn, Targets: [target] });
  const ports = (): number[] | undefined =>
    local.proxy.configuration()?.targetGroups[0]?.targets.map(({ port }) => port);
  await eventually(ports, (known) => known?.[0] === 9001);
  const before = local.proxy.configuration()?.version ?? 0;
  await local.restart();
  await local.elbv2.registerTargets({ TargetGroupArn, Targets: [{ ...target, Port: 9002 }] });
  await eventually(ports, (known) => known?.[1] === 9002);
  expect(local.proxy.configuration()?.version).toBeGreaterThan(before);
});

test('a target that is not registered cannot be deregistered', async () => {
  const TargetGroupArn = await createGroup();
  await expect(local.elbv2.deregisterTargets({ TargetGroupArn, Targets: [target] })).rejects.toMatchObject({
    name: 'InvalidTargetException',
  });
});

test('the 1001st target of a load balancer is refused, and none of its call is registered', async () => {
  const made = await local.elbv2.createTargetGroup({
    Name: 'many',
    Protocol: 'HTTP',
    Port: 80,
    VpcId: 'vpc-local',
    TargetType: 'ip',
  });
  const TargetGroupArn = made.TargetGroups?.[0]?.TargetGroupArn;
  const targets = (count: number, from: number) =>
    Array.from({ length: count }, (_, index) => ({ Id: '127.0.0.1', Port: from + index }));
  await local.elbv2.registerTargets({ TargetGroupArn, Targets: targets(999, 10_000) });
  await expect(local.elbv2.registerTargets({ TargetGroupArn, Targets: targets(2, 20_000) })).rejects.toMatchObject({
    name: 'TooManyTargetsException',
  });
  const { TargetHealthDescriptions: left } = await local.elbv2.describeTargetHealth({ TargetGroupArn });
  expect(left).toHaveLength(999);
  await local.elbv2.registerTargets({ TargetGroupArn, Targets: targets(1, 20_000) });
  await local.elbv2.deleteTargetGroup({ TargetGroupArn });
});

test('a group with targets and none that is healthy makes its load balancer unhealthy to Route 53, unless that is off', async () => {
  const unhealthy = async () => {
    const answer = await fetch(`${local.aws.controlUrl}/load-balancers`);
    const [found] = (await answer.json()) as { healthyToRoute53: boolean; unhealthy: { targetGroup: string }[] }[];
    return [found?.healthyToRoute53, ...(found?.unhealthy.map(({ targetGroup }) => targetGroup) ?? [])];
  };
  const set = async (TargetGroupArn: string, count: string) => {
    const Key = 'target_group_health.dns_failover.minimum_healthy_targets.count';
    await local.elbv2.modifyTargetGroupAttributes({ TargetGroupArn, Attributes: [{ Key, Value: count }] });
  };
  const [spared, counted] = [await groupInUse(), await groupInUse()];
  expect(await unhealthy()).toEqual([true]);
  await expect(set(spared, 'none')).rejects.toMatchObject({ name: 'ValidationError' });
  await set(spared, 'off');
  local.proxy.setHealth(target.Port, { state: 'unhealthy', reason: 'Target.Timeout' });
  await local.elbv2.registerTargets({ TargetGroupArn: spared, Targets: [target] });
  expect(await unhealthy()).toEqual([true]);
  await local.elbv2.registerTargets({ TargetGroupArn: counted, Targets: [target] });
  await eventually(unhealthy, ([healthy]) => healthy === false);
  expect(await unhealthy()).toEqual([false, `group-${names}`]);
  local.proxy.setHealth(target.Port, { state: 'healthy' });
  await eventually(unhealthy, ([healthy]) => healthy === true);
  expect(await unhealthy()).toEqual([true, `group-${names}`]);
});
