import { applicationTags, tagKeys } from '../../../planning/names';
import { planRemoval } from '../../../planning/plans/removal';
import { ruleAt } from '../../../planning/routing/rule-states';
import { defaultRule, inSlotA, invoices, observed, orders, platformServerGroup, request, slot } from '../zone';

const modules = ['Orders'];

test('what serves under a new name is left alone', () => {
  const found = observed(inSlotA());
  const renamed = { ...applicationTags({ ...invoices, key: orders.key }), [tagKeys.route]: 'live' };
  const rules = found.liveListener.rules.map((one) => (one.priority === 'default' ? one : { ...one, tags: renamed }));
  expect(() => planRemoval(request(), { ...found, liveListener: { ...found.liveListener, rules } }, modules)).toThrow(
    /serves under the name Invoices now: nothing of Orders was removed/,
  );
});

test('after a rename only what still bears the old name and serves nobody goes: no rule is in the plan, test rules neither', () => {
  const found = observed(inSlotA());
  const tags = { ...applicationTags({ ...invoices, key: orders.key }), [tagKeys.route]: 'live' };
  const forward = [{ targetGroupArn: 'group-of-invoices', weight: 1 }];
  const rules = found.liveListener.rules.map((one) => (one.priority === 'default' ? one : { ...one, tags, forward }));
  const slots = [slot('a', { desiredCount: 0 }), slot('b')];
  const plan = planRemoval(request(), { ...found, slots, liveListener: { ...found.liveListener, rules } }, modules);
  expect(plan).toMatchObject({ routed: false, paths: [], servingGroupArn: null, nothing: false });
  expect(plan.slots).toEqual([{ service: 'service-a', targetGroupArn: 'group-a' }]);
  expect(plan.testRoute.rules).toEqual([]);
});

test('without a Platform Server behind the default rule nothing can take over', () => {
  const found = observed(inSlotA());
  const rules = found.liveListener.rules.map((one) =>
    one.priority === 'default' ? { ...defaultRule, forward: [] } : one,
  );
  expect(() => planRemoval(request(), { ...found, liveListener: { ...found.liveListener, rules } }, modules)).toThrow(
    /no Platform Server can be asked/,
  );
});

test('who is to be asked before the start is asked before the cut: a removal starts nothing', () => {
  const approval = (wanted: 'beforeStart' | 'none') => {
    const asked = request();
    return planRemoval({ ...asked, options: { ...asked.options, approval: wanted } }, observed(inSlotA()), modules)
      .options.approval;
  };
  expect([approval('beforeStart'), approval('none')]).toEqual(['afterVerify', 'none']);
});

test('modules that nobody knows are asked for', () => {
  expect(() => planRemoval(request(), observed(inSlotA()), [])).toThrow(/name them under "modules"/);
});

test('the default rule and other applications’ rules are in no plan of a removal', () => {
  const plan = planRemoval(request(), observed(inSlotA()), modules);
  expect(plan.liveRoute.rules.map(({ arn }) => arn)).toEqual(['live-0']);
  expect(plan.liveRoute.rules.map(({ after }) => after)).toEqual([null]);
});

test('rules that somebody led to the Platform Server go, and what still runs is drained: it stays attached, and no group is in a rule twice', () => {
  const found = observed({ ...inSlotA(), slots: [slot('a', { desiredCount: 2 }), slot('b')] });
  const forward = [
    { targetGroupArn: platformServerGroup, weight: 1 },
    { targetGroupArn: 'group-a', weight: 0 },
  ];
  const rules = found.liveListener.rules.map((one) => (one.priority === 'default' ? one : { ...one, forward }));
  const plan = planRemoval(request(), { ...found, liveListener: { ...found.liveListener, rules } }, modules);
  expect(plan).toMatchObject({
    routed: true,
    live: { servedBy: 'platform-server' },
    servingGroupArn: 'group-a',
    leftoverGroupArns: [],
    platformServerGroupArn: platformServerGroup,
  });
  expect(plan.liveRoute.rules.map(({ before }) => before?.forward)).toEqual([
    [{ targetGroupArn: platformServerGroup, weight: 100 }],
  ]);
});

test('what a terminated deployment left running stays attached beside what serves, until both are drained', () => {
  const slots = [slot('a', { desiredCount: 2 }), slot('b', { desiredCount: 2 })];
  const plan = planRemoval(request(), observed({ ...inSlotA(), slots }), modules);
  expect(plan).toMatchObject({ servingGroupArn: 'group-a', leftoverGroupArns: ['group-b'] });
  const [rule] = plan.testRoute.rules;
  const traffic = { blue: 0, green: 100, keepBlue: true };
  const groups = {
    blue: plan.servingGroupArn,
    attachedGroups: plan.leftoverGroupArns,
    green: plan.platformServerGroupArn,
  };
  expect(rule && ruleAt(rule, traffic, groups)?.forward).toEqual([
    { targetGroupArn: 'group-a', weight: 0 },
    { targetGroupArn: 'group-b', weight: 0 },
    { targetGroupArn: plan.platformServerGroupArn, weight: 100 },
  ]);
});
