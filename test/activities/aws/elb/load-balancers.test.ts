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
  const seen = await observeListeners(clients.elb, { listener: listenerArn, testListener: other?.ListenerArn ?? '' });
  expect(await reads()).toBe(before + 2);
  const { rules, targetGroups } = await describeLoadBalancerUse(clients.elb, seen);
  expect(rules).toBe(seen.liveListener.rules.length - 1);
  expect(targetGroups).toBe((await describeLoadBalancerUse(clients.elb, { ...seen, elsewhere: [] })).targetGroups + 1);
});
