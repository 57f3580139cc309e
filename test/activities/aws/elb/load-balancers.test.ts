/** All listeners of a load balancer together, on the local AWS. */
import { describeLoadBalancerUse } from '../../../../activities/aws/elb/load-balancers';
import { observeListeners } from '../../../../activities/aws/plans/observed-listeners';
import { startLocalZone, type LocalZone } from '../local-zone';

let zone: LocalZone;
beforeAll(async () => (zone = await startLocalZone()));
afterAll(() => zone.close());

test('no listener is read twice, and together they are what the load balancer’s quotas count', async () => {
  const { clients, local, listenerArn, greenGroup, calls } = zone;
  const { Listeners: [live] = [] } = await local.elbv2.describeListeners({ ListenerArns: [listenerArn] });
  const { Listeners: [other] = [] } = await local.elbv2.createListener({
    LoadBalancerArn: live?.LoadBalancerArn,
    Protocol: 'HTTP',
    Port: 28_081,
    DefaultActions: [{ Type: 'forward', TargetGroupArn: await greenGroup() }],
  });
  await local.elbv2.createRule({
    ListenerArn: listenerArn,
    Priority: 1,
    Conditions: [{ Field: 'path-pattern', Values: ['/theirs'] }],
    Actions: [{ Type: 'fixed-response', FixedResponseConfig: { StatusCode: '404' } }],
  });
  const reads = async () => (await calls())['elasticloadbalancing:DescribeRules'] ?? 0;
  const before = await reads();
  const seen = await observeListeners(clients, { listener: listenerArn, testListener: other?.ListenerArn ?? '' });
  expect(await reads()).toBe(before + 2);
  const { rules, targetGroups } = await describeLoadBalancerUse(clients.elb, seen);
  expect(rules).toBe(seen.liveListener.rules.length - 1);
  expect(targetGroups).toBe((await describeLoadBalancerUse(clients.elb, { ...seen, elsewhere: [] })).targetGroups + 1);
});

test('a group of others with a server of the Platform Server’s is known by it, on whichever port, and no other group is', async () => {
  const { clients, local, listenerArn } = zone;
  const read = async () => (await observeListeners(clients, { listener: listenerArn })).liveListener;
  const makeGroup = async (Name: string, ...targets: (readonly [Id: string, Port: number])[]) => {
    const { TargetGroups = [] } = await local.elbv2.createTargetGroup({
      Name,
      Protocol: 'HTTP',
      Port: 80,
      VpcId: 'vpc-1',
      TargetType: 'ip',
    });
    const TargetGroupArn = TargetGroups[0]?.TargetGroupArn ?? '';
    await local.elbv2.registerTargets({ TargetGroupArn, Targets: targets.map(([Id, Port]) => ({ Id, Port })) });
    return TargetGroupArn;
  };
  const lead = async (Priority: number, TargetGroupArn: string) =>
    await local.elbv2.createRule({
      ListenerArn: listenerArn,
      Priority,
      Conditions: [{ Field: 'host-header', Values: [`${Priority}.example.com`] }],
      Actions: [{ Type: 'forward', TargetGroupArn }],
    });
  const [platformServer = ''] = (await read()).rules.at(-1)?.forward.map(({ targetGroupArn }) => targetGroupArn) ?? [];
  await local.elbv2.registerTargets({ TargetGroupArn: platformServer, Targets: [{ Id: '10.0.0.4', Port: 80 }] });
  const same = await makeGroup('front-ends-too', ['10.0.0.9', 80], ['10.0.0.4', 443]);
  await lead(11, same);
  await lead(12, await makeGroup('somebody-else', ['10.0.0.9', 80]));
  await lead(13, platformServer);
  expect((await read()).sameFrontEnds).toEqual([same]);
  await local.elbv2.deregisterTargets({ TargetGroupArn: same, Targets: [{ Id: '10.0.0.4', Port: 443 }] });
  expect((await read()).sameFrontEnds).toBeUndefined();
});

test('servers that are instances in one group and addresses in the other are the same, as EC2 tells, which is asked once', async () => {
  const { clients, local, listenerArn } = zone;
  const read = async () => (await observeListeners(clients, { listener: listenerArn })).liveListener;
  const live = await read();
  const [platformServer = ''] = live.rules.at(-1)?.forward.map(({ targetGroupArn }) => targetGroupArn) ?? [];
  const { TargetGroups = [] } = await local.elbv2.createTargetGroup({
    Name: 'by-instances',
    Protocol: 'HTTP',
    Port: 80,
    VpcId: 'vpc-1',
    TargetType: 'instance',
  });
  const byInstances = TargetGroups[0]?.TargetGroupArn ?? '';
  await local.elbv2.registerTargets({ TargetGroupArn: byInstances, Targets: [{ Id: 'i-0123456789abc0a0b' }] });
  await local.elbv2.createListener({
    LoadBalancerArn: live.loadBalancerArn,
    Protocol: 'HTTP',
    Port: 8099,
    DefaultActions: [{ Type: 'forward', TargetGroupArn: byInstances }],
  });
  const asked = async () => (await zone.calls())['ec2:DescribeInstances'] ?? 0;
  expect((await read()).sameFrontEnds).toBeUndefined();
  const before = await asked();
  await local.elbv2.registerTargets({ TargetGroupArn: platformServer, Targets: [{ Id: '10.0.10.11', Port: 80 }] });
  expect((await read()).sameFrontEnds).toEqual([byInstances]);
  expect(await asked()).toBe(before + 1);
  const fault = { kind: 'accessDenied', operation: 'ec2:DescribeInstances' };
  await fetch(`${local.aws.controlUrl}/faults`, { method: 'POST', body: JSON.stringify(fault) });
  expect(await read()).toMatchObject({ unknownFrontEnds: [byInstances] });
});
