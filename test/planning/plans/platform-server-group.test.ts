/** The Platform Server's target group: which it is where the default rule has several, and with whom it may share a rule. */
import { planBlueGreen } from '../../../planning/plans/deployment';
import { planRemoval } from '../../../planning/plans/removal';
import { planRollingUpdate } from '../../../planning/plans/rolling-update';
import type { Observed } from '../../../planning/observed/observed';
import type { ListenerRule, WeightedTargetGroup } from '../../../planning/routing/listener-rules';
import { defaultRule, inSlotA, listener, listenerArn, liveRule, observed, request, slot } from '../zone';

type Weights = Readonly<Record<string, number>>;

const groupsOf = (weights: Weights): WeightedTargetGroup[] =>
  Object.entries(weights).map(([targetGroupArn, weight]) => ({ targetGroupArn, weight }));

/** The listener, whose default rule forwards with these weights. */
const sharing = (weights: Weights, ...rules: ListenerRule[]) => ({
  ...listener(listenerArn),
  rules: [...rules, { ...defaultRule, forward: groupsOf(weights) }],
});

const shares = request({ shift: [{ percent: 10 }, { percent: 100 }] });
const several = /default rule sends requests to several target groups \(old, new\).*give one of them all the weight/;
const removal = (weights: Weights, from = inSlotA()) =>
  planRemoval(request(), observed({ ...from, liveListener: sharing(weights, liveRule('group-a', ['Orders'])) }), [
    'Orders',
  ]);

describe('a default rule with several target groups', () => {
  test.each<[Weights, string]>([
    [{ old: 0, new: 100 }, 'new'],
    [{ old: 1, new: 0 }, 'old'],
    [{ older: 0, old: 0, new: 7 }, 'new'],
  ])('%j: the only one with weight is the Platform Server’s', (weights, expected) => {
    const found = observed({ liveListener: sharing(weights) });
    expect(planBlueGreen(request(), found).blue).toEqual({ kind: 'platformServer', targetGroupArn: expected });
    expect(planBlueGreen(shares, found).blue.targetGroupArn).toBe(expected);
    expect(removal(weights).platformServerGroupArn).toBe(expected);
  });

  const both = { old: 10, new: 90 };

  test('several with weight are refused where one is needed: blue of a share, and a removal', () => {
    expect(() => planBlueGreen(shares, observed({ liveListener: sharing(both) }))).toThrow(several);
    expect(() => removal(both)).toThrow(several);
  });

  test('none with weight counts as a default rule that doesn’t forward', () => {
    const none = { old: 0, new: 0 };
    expect(() => planBlueGreen(shares, observed({ liveListener: sharing(none) }))).toThrow(/doesn't forward/);
    expect(() => removal(none)).toThrow(/no Platform Server can be asked/);
  });

  test('several are no trouble where none is needed: a cut, shares between slots, a removal of nothing', () => {
    expect(planBlueGreen(request(), observed({ liveListener: sharing(both) })).blue).toMatchObject({
      kind: 'platformServer',
      targetGroupArn: null,
    });
    const own = observed({ ...inSlotA(), liveListener: sharing(both, liveRule('group-a', ['Orders'])) });
    expect(planBlueGreen(shares, own).blue).toMatchObject({ kind: 'slot', slot: 'a' });
    expect(planRollingUpdate(request(), own).blue).toMatchObject({ kind: 'slot', slot: 'a' });
    expect(planRemoval(request(), observed({ liveListener: sharing(both) }), []).nothing).toBe(true);
  });

  test.each(['old', 'new'])('own rules that lead to any of them lead to the Platform Server: %s', (group) => {
    const found = observed({ ...inSlotA(), liveListener: sharing(both, liveRule(group, ['Orders'])) });
    expect(planBlueGreen(request(), found).blue.kind).toBe('platformServer');
  });
});

const sticky = { 'stickiness.enabled': 'true' };
const stickySlots = (a: Record<string, string>, b: Record<string, string> = {}, running = 0) => [
  { ...slot('a', {}), attributes: a },
  { ...slot('b', { desiredCount: running }), attributes: b },
];
const stickiness = (found: Partial<Observed>, asked = request()) => {
  const { liveRoute, testRoute } = planBlueGreen(asked, observed(found));
  return [liveRoute.sticky, testRoute.sticky];
};
const turnedOff = request({}, ", targetGroup: { attributes: { stickiness.enabled: 'false' } }");

describe('a rule set is sticky where one of the groups that share its rules is', () => {
  test('blue, whose attributes green takes over', () => {
    expect(stickiness({ ...inSlotA(), slots: stickySlots(sticky) })).toEqual([true, true]);
  });

  test('blue alone, where the zone turns it off for green', () => {
    expect(stickiness({ ...inSlotA(), slots: stickySlots(sticky) }, turnedOff)).toEqual([true, true]);
  });

  test('an adopted group alone', () => {
    const theirs = { ...liveRule('theirs', ['Orders', 'OrdersAPI']), arn: 'r1', tags: {} };
    const route = { rules: [theirs], winners: [theirs], behind: { targetGroupArn: 'theirs' } };
    const service = { ...slot('a', { targetGroupArns: ['theirs'] }).service!, image: 'orders:1' };
    const foreign = { route, service, targetGroupArn: 'theirs', attributes: sticky };
    const found = { liveListener: listener(listenerArn, theirs), foreign };
    expect(stickiness(found, turnedOff)).toEqual([true, true]);
  });

  test('green’s group as an earlier release left it', () => {
    expect(stickiness({ slots: stickySlots(sticky) })).toEqual([true, true]);
    expect(stickiness({ slots: stickySlots(sticky) }, turnedOff)).toEqual([false, false]);
  });

  test('what an earlier run left running, and nothing that only bears the application’s name', () => {
    expect(stickiness({ slots: stickySlots({}, sticky, 2) })).toEqual([true, true]);
    expect(stickiness({ slots: stickySlots({}, sticky) })).toEqual([false, false]);
  });

  test('never the Platform Server’s: it is in no rule of a cut', () => {
    expect(stickiness({ platformServerAttributes: sticky })).toEqual([false, false]);
  });
});

describe('shares are refused where sessions are sticky', () => {
  const refused = /Sticky sessions keep clients on blue/;

  test('the Platform Server’s', () => {
    expect(() => planBlueGreen(shares, observed({ platformServerAttributes: sticky }))).toThrow(refused);
    const own = { ...inSlotA(['Orders', 'OrdersAPI']), platformServerAttributes: sticky };
    expect(planBlueGreen(shares, observed(own)).options.shift).toHaveLength(2);
  });

  test('blue’s alone, and green’s as it was left', () => {
    const off = { ...turnedOff, options: shares.options };
    expect(() => planBlueGreen(off, observed({ ...inSlotA(), slots: stickySlots(sticky) }))).toThrow(refused);
    expect(() => planBlueGreen(shares, observed({ slots: stickySlots(sticky) }))).toThrow(refused);
  });
});

describe('a removal’s test rule is sticky where a group in it is', () => {
  const remove = (changes: Partial<Observed>) =>
    planRemoval(request(), observed({ ...inSlotA(), ...changes }), ['Orders']).testRoute.sticky;

  test.each<[string, Partial<Observed>, boolean]>([
    ['none', {}, false],
    ['the Platform Server’s', { platformServerAttributes: sticky }, true],
    ['the containers’', { slots: stickySlots(sticky) }, true],
    ['what still runs beside them', { slots: stickySlots({}, sticky, 2) }, true],
    ['an empty slot’s', { slots: stickySlots({}, sticky) }, false],
  ])('%s', (_, changes, expected) => expect(remove(changes)).toBe(expected));
});
