import { findOpenPaths } from '../../../planning/findings/logins';
import { defaultRule, inSlotA, invoices, listener, listenerArn, liveRule, orders, path, rule } from '../zone';

const login = { Type: 'authenticate-cognito' as const, Order: 1 };
const guarded = { ...defaultRule, otherActions: [login] };
const asked = { paths: ['/Orders'], hosts: ['apps.example.com'] };
const own = liveRule('group-a', ['Orders']);

test('a rule of ours that lets everybody in where the default rule asks for a login is told, with what to do', () => {
  expect(findOpenPaths(orders, { rules: [own, guarded] }, asked)).toMatchObject([
    {
      check: 'logins',
      state: 'warning',
      application: 'Orders',
      says: "/Orders of Orders is open to everybody by rule live-0 (priority 1990, of Orders), and the listener's default rule would ask for a login there",
      next: expect.stringMatching(/^Put the same login before the forward of that rule/),
    },
  ]);
  const tokens = rule('theirs', 3000, {
    conditions: [path('^/Orders')],
    otherActions: [{ Type: 'jwt-validation' as const }],
  });
  expect(findOpenPaths(orders, { rules: [own, tokens, defaultRule] }, asked)).toHaveLength(1);
});

test.each<[string, readonly (typeof own)[]]>([
  ['asks for a login itself', [{ ...own, otherActions: [login] }, guarded]],
  ["doesn't win the path", [rule('theirs', 1, { conditions: [path('^/Orders')] }), own, guarded]],
  ['wins where nobody asks for one', [own, defaultRule]],
  [
    'wins where only another path has one',
    [own, rule('theirs', 9, { conditions: [path('^/Shop')], otherActions: [login] })],
  ],
])('nothing is told where our rule %s', (_when, rules) => {
  expect(findOpenPaths(orders, { rules }, asked)).toEqual([]);
});

test('an application without rules, and one whose login another application has, are left alone', () => {
  const { liveListener } = inSlotA();
  expect(findOpenPaths(invoices, listener(listenerArn, guarded), { ...asked, paths: ['/Invoices'] })).toEqual([]);
  expect(findOpenPaths(orders, liveListener, asked)).toEqual([]);
});
