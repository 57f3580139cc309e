/** Rules that keep clients on a target group, while traffic is shared: AWSALBTG cookies are stronger than weights. */
import { planBlueGreen } from '../../../planning/plans/deployment';
import { previewDeployment } from '../../../planning/preview/deployment';
import { ruleAt } from '../../../planning/routing/rule-states';
import { defaultRule, inSlotA, listener, listenerArn, liveRule, observed, platformServerGroup, request } from '../zone';

const shares = request({ shift: [{ percent: 10 }, { percent: 100 }] });
const groups = { blue: 'group-a', green: 'group-b' };
const modules = ['Orders', 'OrdersAPI'];
const sticky = { ...liveRule('group-a', modules), stickySeconds: 3600 };
const inContainers = observed({ ...inSlotA(modules), liveListener: listener(listenerArn, sticky) });
const fromPlatformServer = observed({
  liveListener: { ...listener(listenerArn), rules: [{ ...defaultRule, stickySeconds: 600 }] },
});
const only = (seen: typeof inContainers) => planBlueGreen(shares, seen).liveRoute.rules[0]!;

test('a share keeps a user on one side, where the rule does so now', () => {
  const half = { blue: 90, green: 10 };
  expect(ruleAt(only(inContainers), half, groups)).toMatchObject({ stickySeconds: 3600, forward: [{}, {}] });
});

test('from the Platform Server a new rule inherits that of the rule which served', () => {
  const asked = { blue: platformServerGroup, green: 'group-a' };
  expect(ruleAt(only(fromPlatformServer), { blue: 90, green: 10 }, asked)).toMatchObject({ stickySeconds: 600 });
});

test('the last step and a rollback name one group alone, which no cookie can escape', () => {
  const rule = only(inContainers);
  const forward = (targetGroupArn: string) => [expect.objectContaining({ targetGroupArn })];
  expect(ruleAt(rule, { blue: 0, green: 100 }, groups)).toMatchObject({
    forward: forward('group-b'),
    stickySeconds: 3600,
  });
  expect(ruleAt(rule, 'before', groups)).toMatchObject({ forward: forward('group-a'), stickySeconds: 3600 });
});

test.each([
  ['the rule’s own', 3600, 3600],
  ['cutover’s, for a group with sticky sessions that is about to go', 1, undefined],
])('planned while traffic is shared, what keeps users on a side is %s', (_, found, kept) => {
  const forward = [
    { targetGroupArn: 'group-a', weight: 90 },
    { targetGroupArn: 'group-b', weight: 10 },
  ];
  const shared = { ...liveRule('group-a', modules), forward, stickySeconds: found };
  const rule = only(observed({ ...inSlotA(modules), liveListener: listener(listenerArn, shared) }));
  expect(ruleAt(rule, 'before', groups)).toMatchObject({ forward: [{ targetGroupArn: 'group-a' }] });
  for (const traffic of ['before', { blue: 90, green: 10 }, { blue: 0, green: 100 }] as const)
    expect(ruleAt(rule, traffic, groups)?.stickySeconds).toBe(kept);
});

test('a test rule is never sticky of itself: probes must meet green', () => {
  const { testRoute } = planBlueGreen(shares, inContainers);
  expect(testRoute.rules.map(({ after }) => after?.stickySeconds)).toEqual([undefined]);
});

const loadBalancers = [{ rules: 1, ruleLimit: 100, targetGroups: 3, targetGroupLimit: 100 }];
const noteOf = (asked: typeof shares, seen: typeof inContainers) =>
  previewDeployment(planBlueGreen(asked, seen), { observed: seen, blueTaskDefinition: undefined, loadBalancers }).note;

test('the plan says what the percentages mean then, and nothing where all is cut at once or no rule is sticky', () => {
  expect(noteOf(shares, inContainers)).toMatch(
    /on the side that answered them first for 1h .* a share is one of new users/,
  );
  expect(noteOf(request(), inContainers)).toBeNull();
  expect(noteOf(shares, observed(inSlotA(modules)))).toBeNull();
});
