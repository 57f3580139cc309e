/** An application's rules on the local AWS, through the real SDK: each activity is run twice, because Temporal may. */
import { describeRules } from '../../../../activities/aws/elb/listener-rules';
import { routeRules } from '../../../../planning/routing/rule-set';
import { orders } from '../../../planning/zone';
import { startLocalZone, type LocalZone } from '../local-zone';

let zone: LocalZone;
beforeAll(async () => (zone = await startLocalZone()));
afterAll(() => zone.close());

const ours = async () => routeRules(await describeRules(zone.clients.elb, zone.listenerArn), orders, 'live');

test('a priority that somebody took meanwhile means another one, not a failure', async () => {
  const { plan, run, local, listenerArn, greenGroup } = zone;
  const priority = plan.liveRoute.rules[0]?.priority ?? 0;
  await local.elbv2.createRule({
    ListenerArn: listenerArn,
    Priority: priority,
    Conditions: [{ Field: 'path-pattern', Values: ['/theirs'] }],
    Actions: [{ Type: 'fixed-response', FixedResponseConfig: { StatusCode: '404' } }],
  });
  const groups = { blue: plan.blue.targetGroupArn, green: await greenGroup() };
  await run('setRoute', [plan.site, plan.liveRoute, { blue: 0, green: 100 }, groups]);
  const [rule] = await ours();
  expect(rule?.priority).toBeLessThan(priority);
  expect(rule?.forward).toMatchObject([{ targetGroupArn: groups.green }]);
});

test('a clock that is set back by an hour meanwhile holds nothing up until it has caught up', async () => {
  const { plan, run, greenGroup } = zone;
  const ahead = jest
    .spyOn(Date, 'now')
    .mockImplementation(() => performance.timeOrigin + performance.now() + 3_600_000);
  setTimeout(() => ahead.mockRestore(), 1_000);
  // It is looked for again and again, since a read may be late.
  const groups = { blue: plan.blue.targetGroupArn, green: await greenGroup() };
  await expect(run('setRoute', [plan.site, plan.testRoute, 'gone', groups])).resolves.toBeUndefined();
}, 60_000);

test('set again it changes nothing', async () => {
  const { plan, run, greenGroup } = zone;
  const groups = { blue: plan.blue.targetGroupArn, green: await greenGroup() };
  await run('setRoute', [plan.site, plan.liveRoute, { blue: 0, green: 100 }, groups]);
  expect(await ours()).toHaveLength(1);
  await run('confirmRoute', [
    plan.site,
    { route: plan.liveRoute, traffic: { blue: 0, green: 100 }, groups, retired: null },
  ]);
});

test('a rule of others that leads to what is retired next is told, and none that gives it nothing', async () => {
  const { plan, run, local, listenerArn, greenGroup } = zone;
  const green = await greenGroup();
  const retired = await run('createTargetGroup', [plan.site, { ...plan.green.targetGroup, name: 'retired' }]);
  const forwarding = (...targets: readonly (readonly [string, number])[]) => [
    {
      Type: 'forward' as const,
      ForwardConfig: { TargetGroups: targets.map(([TargetGroupArn, Weight]) => ({ TargetGroupArn, Weight })) },
    },
  ];
  const { Rules = [] } = await local.elbv2.createRule({
    ListenerArn: plan.liveRoute.listenerArn,
    Priority: 49_000,
    Conditions: [{ Field: 'path-pattern', Values: ['/theirs-too'] }],
    Actions: forwarding([retired, 1]),
  });
  const confirm = () =>
    run('confirmRoute', [
      plan.site,
      { route: plan.liveRoute, traffic: { blue: 0, green: 100 }, groups: { blue: retired, green }, retired },
    ]);
  await expect(confirm()).rejects.toMatchObject({
    type: 'RouteChangedByOthers',
    message: expect.stringMatching(/priority 49000.* to what would be retired next: it forwards \/theirs-too to/),
  });
  await local.elbv2.modifyRule({ RuleArn: Rules[0]?.RuleArn, Actions: forwarding([retired, 0], [green, 1]) });
  await confirm();
  await local.elbv2.deleteRule({ RuleArn: Rules[0]?.RuleArn });
  // Another listener's default rule may lead there too.
  const { Listeners: [live] = [] } = await local.elbv2.describeListeners({ ListenerArns: [listenerArn] });
  const { Listeners: [other] = [] } = await local.elbv2.createListener({
    LoadBalancerArn: live?.LoadBalancerArn,
    Protocol: 'HTTP',
    Port: 28_081,
    DefaultActions: forwarding([retired, 1]),
  });
  await expect(confirm()).rejects.toThrow(/priority default.* to what would be retired next/);
  await local.elbv2.deleteListener({ ListenerArn: other?.ListenerArn });
  await confirm();
});

test('changed by somebody else it is refused, saying what it is now, and stays as they made it', async () => {
  const { plan, run, local, greenGroup } = zone;
  const [rule] = await ours();
  const groups = { blue: plan.blue.targetGroupArn, green: await greenGroup() };
  const theirs = [{ Field: 'path-pattern' as const, Values: ['/Orders/by-hand'] }];
  await local.elbv2.modifyRule({ RuleArn: rule?.arn, Conditions: theirs });
  await expect(run('setRoute', [plan.site, plan.liveRoute, 'before', groups])).rejects.toMatchObject({
    type: 'RouteChangedByOthers',
    message: expect.stringContaining('it now forwards /Orders/by-hand to'),
  });
  await expect(
    run('confirmRoute', [
      plan.site,
      { route: plan.liveRoute, traffic: { blue: 0, green: 100 }, groups, retired: null },
    ]),
  ).rejects.toMatchObject({ type: 'RouteChangedByOthers' });
  expect((await ours())[0]?.conditions).toMatchObject([{ values: ['/Orders/by-hand'] }]);
  await local.elbv2.deleteRule({ RuleArn: rule?.arn });
  await run('setRoute', [plan.site, plan.liveRoute, 'before', groups]);
});

test('where the rules of one load balancer were changed by somebody else, none of the other is touched', async () => {
  const { plan, run, local, listenerArn, greenGroup } = zone;
  const groups = { blue: plan.blue.targetGroupArn, green: await greenGroup() };
  const { Listeners: [live] = [] } = await local.elbv2.describeListeners({ ListenerArns: [listenerArn] });
  const { Listeners: [other] = [] } = await local.elbv2.createListener({
    LoadBalancerArn: live?.LoadBalancerArn,
    Protocol: 'HTTP',
    Port: 28_082,
    DefaultActions: [{ Type: 'fixed-response', FixedResponseConfig: { StatusCode: '404' } }],
  });
  zone.alsoAt(other?.ListenerArn ?? '');
  const untouched = { ...plan.liveRoute, listenerArn: other?.ListenerArn ?? '' };
  await run('setRoute', [plan.site, plan.liveRoute, { blue: 0, green: 100 }, groups]);
  const [rule] = await ours();
  await local.elbv2.modifyRule({ RuleArn: rule?.arn, Conditions: [{ Field: 'path-pattern', Values: ['/theirs'] }] });
  const moves = [untouched, plan.liveRoute].map((route) => ({ route, groups }));
  await expect(run('setRoutes', [plan.site, moves, { blue: 0, green: 100 }])).rejects.toMatchObject({
    type: 'RouteChangedByOthers',
  });
  expect(await describeRules(zone.clients.elb, untouched.listenerArn)).toHaveLength(1);
  await local.elbv2.deleteRule({ RuleArn: rule?.arn });
  await local.elbv2.deleteListener({ ListenerArn: other?.ListenerArn });
});
