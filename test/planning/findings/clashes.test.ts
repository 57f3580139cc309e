import { findClashes } from '../../../planning/findings/clashes';
import { applicationTags, tagKeys, type ApplicationIdentity } from '../../../planning/names';
import { defaultRule, invoices, orders, path, rule } from '../zone';

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
