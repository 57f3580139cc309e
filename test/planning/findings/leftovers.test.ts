import { findLeftovers } from '../../../planning/findings/leftovers';
import type { ListenerSettings } from '../../../settings/listeners';
import { applicationTags, tagKeys, type ApplicationIdentity } from '../../../planning/names';
import { defaultRule, invoices, orders, rule, slot } from '../zone';

const of = (identity: ApplicationIdentity, route = 'live') => ({
  ...applicationTags(identity),
  [tagKeys.route]: route,
});
const problems = (findings: ReturnType<typeof findLeftovers>) =>
  findings.filter(({ state }) => state !== 'ok').map(({ state, says }) => `${state}: ${says}`);

test('what a terminated deployment left is found: test rules, split traffic, tasks without traffic', () => {
  const split = [
    { targetGroupArn: 'group-a', weight: 90 },
    { targetGroupArn: 'group-b', weight: 10 },
  ];
  const live = [rule('arn/live', 1999, { forward: split }, of(orders)), defaultRule];
  const tests = [rule('arn/test', 1000, {}, of(orders, 'test')), defaultRule];
  const found = {
    liveListener: { rules: live },
    testListener: { rules: tests },
    slots: [
      slot('a', { name: 'orders-a' }),
      { ...slot('b', { name: 'orders-c', targetGroupArns: ['group-c'] }), targetGroupArn: 'group-c' },
    ],
  };
  expect(findLeftovers(orders, found).map(({ says }) => says)).toEqual([
    'Orders has 1 test rules',
    'Live traffic of Orders is split by rule live (priority 1999, of Orders)',
    'orders-c runs 3 tasks without live traffic',
  ]);
  expect(findLeftovers(invoices, { ...found, slots: [] })).toEqual([]);
});

test('a live service that somebody scaled to nothing is an error, for nobody serves', () => {
  const rules = [rule('arn/live', 1999, { forward: [{ targetGroupArn: 'group-a', weight: 1 }] }, of(orders))];
  const listeners = { liveListener: { rules }, testListener: { rules: [] } };
  const slots = [slot('a', { name: 'orders-a', desiredCount: 0 })];
  const wanted = [
    'error: orders-a has live traffic of Orders and wants no task: each request that it gets is answered 503',
  ];
  expect(problems(findLeftovers(orders, { ...listeners, slots }))).toEqual(wanted);
});

test('another tool’s service that serves and wants no task is an error too, and no leftover while it has tasks', () => {
  const theirs = rule('arn/theirs', 1, { forward: [{ targetGroupArn: 'old', weight: 1 }] });
  const legacy = (desiredCount: number) => ({
    service: { ...slot('a', { name: 'legacy', desiredCount }).service!, image: null },
    targetGroupArn: 'old',
    attributes: {},
    route: { rules: [theirs], winners: [theirs], behind: { targetGroupArn: 'old' } },
  });
  const listeners = { liveListener: { rules: [theirs, defaultRule] }, testListener: { rules: [] }, slots: [] };
  expect(problems(findLeftovers(orders, { ...listeners, foreign: legacy(0) }))).toEqual([
    expect.stringMatching(/^error: legacy has live traffic of Orders and wants no task/),
  ]);
  expect(findLeftovers(orders, { ...listeners, foreign: legacy(2) })).toEqual([]);
});

test('what is left on another of the zone’s load balancers is found too, and what serves there alone is no leftover', () => {
  const on = (route: 'live' | 'test', ...groups: string[]) => ({
    rules: [
      rule(
        `arn/${route}-${groups.join('-')}`,
        5,
        { forward: groups.map((targetGroupArn) => ({ targetGroupArn, weight: 1 })) },
        of(orders, route),
      ),
    ],
  });
  const slots = [
    slot('a', { targetGroupArns: ['group-a', 'public-a'] }),
    slot('b', { targetGroupArns: ['group-b', 'public-b'] }),
  ];
  const settings = {} as ListenerSettings;
  const seen = (...groups: string[]) => ({
    liveListener: on('live', 'group-a'),
    testListener: { rules: [] },
    slots,
    others: [{ settings, liveListener: on('live', ...groups), testListener: on('test', 'public-b') }],
  });
  expect(problems(findLeftovers(orders, seen('public-a')))).toEqual([
    'warning: Orders has 1 test rules',
    'warning: service-b runs 3 tasks without live traffic',
  ]);
  expect(problems(findLeftovers(orders, seen('public-a', 'public-b')))).toEqual([
    'warning: Orders has 1 test rules',
    expect.stringMatching(/^warning: Live traffic of Orders is split by/),
  ]);
});
