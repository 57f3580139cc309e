import { findClashes, findLeftovers, findQuotas } from '../../planning/doctor';
import { applicationTags, tagKeys, type ApplicationIdentity } from '../../planning/names';
import { defaultRule, invoices, orders, path, rule, slot } from './zone';

const modules = (identity: ApplicationIdentity, ...names: string[]) => ({ identity, modules: names });
const of = (identity: ApplicationIdentity, route = 'live') => ({
  ...applicationTags(identity),
  [tagKeys.route]: route,
});
const hosts = ['apps.example.com'];
const wildcard = (...values: string[]) => ({ field: 'path-pattern' as const, values, regularExpressions: [] });
const problems = (findings: ReturnType<typeof findClashes>) =>
  findings.filter(({ state }) => state !== 'ok').map(({ state, says }) => `${state}: ${says}`);

test.each([
  [
    'somebody’s wide pattern catches a module by its prefix',
    [rule('arn/1', 10, { conditions: [wildcard('/Ord*')] })],
    [modules(orders, 'Orders')],
    ['error: /Orders of Orders is caught by rule 1 (priority 10, not one of cutover’s)'],
  ],
  [
    'a rule of one application catches another’s module',
    [rule('arn/2', 1500, { conditions: [path('^/(Invoices|Orders)(/.*)?$')] }, of(invoices))],
    [modules(orders, 'Orders'), modules(invoices, 'Invoices')],
    ['error: /Orders of Orders is caught by rule 2 (priority 1500, of Invoices)'],
  ],
  [
    'only the case of letters tells two applications apart',
    [rule('arn/3', 1500, { conditions: [path('^/(orders)(/.*)?$')] }, of(invoices))],
    [modules(orders, 'Orders')],
    ["warning: Only the letters' case keeps /Orders of Orders apart from rule 3 (priority 1500, of Invoices)"],
  ],
  [
    'two applications claim one module',
    [],
    [modules(orders, 'Common'), modules(invoices, 'Common')],
    ['error: Module Common of Orders and module Common of Invoices are the same path'],
  ],
])('doctor finds that %s', (_, rules, applications, wanted) => {
  expect(problems(findClashes([...rules, defaultRule], applications, hosts))).toEqual(wanted);
});

test('another zone’s rule for the same module is no clash where it is for other hosts only', () => {
  const forHost = (host: string) => ({ field: 'host-header' as const, values: [host], regularExpressions: [] });
  const found = (host: string) => {
    const conditions = [path('^/(Orders)(/.*)?$'), forHost(host)];
    const rules = [rule('arn/1', 1999, { conditions }, of({ ...orders, zone: 'east' })), defaultRule];
    return findClashes(rules, [modules(orders, 'Orders')], hosts).map(({ state }) => state);
  };
  expect(found('east.example.com')).toEqual(['ok']);
  expect(found('*.example.com')).toEqual(['error']);
});

test('rules that catch their own modules, beside a sibling with the same beginning, are no clash', () => {
  const rules = [rule('arn/1', 1999, { conditions: [path('^/(Orders)(/.*)?$')] }, of(orders)), defaultRule];
  const found = findClashes(rules, [modules(orders, 'Orders'), modules(invoices, 'OrdersAdmin')], hosts);
  expect(found.map(({ state }) => state)).toEqual(['ok']);
});

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
    slots: [slot('a', { name: 'orders-a' }), { ...slot('b', { name: 'orders-c' }), targetGroupArn: 'group-c' }],
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

test('a load balancer without room for one more deployment is an error, one that is nearly full a warning', () => {
  const use = { rules: 99, ruleLimit: 100, targetGroups: 95, targetGroupLimit: 100 };
  const states = findQuotas(use, [], { from: 1000, to: 1999 }).map(({ state }) => state);
  expect(states).toEqual(['error', 'warning', 'ok']);
});

test('where the zone’s own priorities run out, it is they that are to be widened, and no limit of AWS', () => {
  const use = { rules: 1, ruleLimit: 100, targetGroups: 1, targetGroupLimit: 100 };
  const next = (taken: number, to: number) => {
    const rules = Array.from({ length: taken }, (_, at) => rule(`arn/${at}`, 1000 + at, {}));
    return findQuotas(use, rules, { from: 1000, to }).map((one) => one.next);
  };
  expect(next(1, 1001)).toEqual([null, null, expect.stringMatching(/widen the zone's "priorities".*, then deploy/)]);
  expect(next(38, 1039)).toEqual([null, null, expect.stringMatching(/^Before they run out, widen the zone's "prior/)]);
});
