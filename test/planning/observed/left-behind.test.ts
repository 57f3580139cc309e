/** Users who come by another listener of the load balancer: no rule of the application is there. */
import { findUsersLeftBehind } from '../../../planning/findings/left-behind';
import { planBlueGreen } from '../../../planning/plans/deployment';
import type { ListenerRule, RuleCondition } from '../../../planning/routing/listener-rules';
import {
  defaultRule,
  elsewhere,
  inSlotA,
  invoices,
  listener,
  listenerArn,
  observed,
  orders,
  path,
  request,
  rule,
  testListenerArn,
  zoneSettings,
} from '../zone';
import { probeOf } from '../../../planning/routing/live-and-test-routes';

const secondGroup = 'arn:aws:elasticloadbalancing:eu-west-1:1:targetgroup/front-ends-too/9';
const to = (targetGroupArn: string) => ({ forward: [{ targetGroupArn, weight: 1 }] });
const redirect = { forward: [], otherActions: [{ Type: 'redirect' as const }] };
const at = (port: number, ...rules: readonly ListenerRule[]) => rules.map((one) => elsewhere(port, one));
const seen = (rules: ReturnType<typeof at>, live: object = {}) =>
  observed({ elsewhere: rules, liveListener: { ...listener(listenerArn), ...live } });
const leftBehind = (rules: ReturnType<typeof at>, live: object = {}) =>
  planBlueGreen(request(), seen(rules, live)).leftBehind;

test('an HTTP listener that leads to the Platform Server is named before the move, with what to do', () => {
  expect(leftBehind(at(80, defaultRule))).toEqual([
    `The default rule of the load balancer's listener HTTP:80 (${listenerArn.replace(/[^/]*$/, '80')}) sends requests for /Orders, /OrdersAPI to platform-server, which is the Platform Server: the move doesn't reach them, and they are left with nothing once its copy is undeployed. Let that listener redirect to HTTPS:443, or let it lead elsewhere, before the move.`,
  ]);
});

test.each<[string, Partial<ListenerRule>, string]>([
  ['paths', { conditions: [path('^/Orders/')] }, 'requests for /Orders to platform-server'],
  [
    'a secret header',
    { conditions: [{ field: 'http-header', header: 'X-Key', values: ['s3cret'], regularExpressions: [] }] },
    'requests for /Orders, /OrdersAPI with http-header X-Key to platform-server',
  ],
  [
    'another host',
    { conditions: [{ field: 'host-header', values: ['shop.example.com'], regularExpressions: [] }] },
    'requests for /Orders, /OrdersAPI with host-header shop.example.com to platform-server',
  ],
])('so is a rule of it under %s', (_, state, says) => {
  const [only, ...more] = leftBehind(at(8443, rule('arn/1', 7, state), { ...defaultRule, ...redirect })) ?? [];
  expect(only).toContain("Rule arn/1 (priority 7) of the load balancer's listener HTTP:8443 sends ");
  expect(only).toContain(says);
  expect(only).not.toContain('s3cret');
  expect(more).toEqual([]);
});

const caughtWhole: RuleCondition = { field: 'path-pattern', values: ['/*'], regularExpressions: [] };

test.each([
  ['only redirects', at(80, { ...defaultRule, ...redirect })],
  ['leads elsewhere', at(80, { ...defaultRule, ...to('arn:targetgroup/other/1') })],
  [
    'answers every path before its default rule',
    at(80, rule('arn/1', 1, { conditions: [caughtWhole], ...redirect }), defaultRule),
  ],
  ['has a rule for other paths', at(80, rule('arn/1', 1, { conditions: [path('^/Invoices/')] }))],
  [
    'is the test route’s',
    [{ ...elsewhere(80, defaultRule), listener: { arn: testListenerArn, protocol: 'HTTP', port: 80 } as const }],
  ],
])('a listener that %s leaves nobody behind', (_, rules) => {
  expect(leftBehind(rules)).toBeUndefined();
});

test('a second target group with the same front ends is the Platform Server there too, and one of which nobody can tell is said to be that', () => {
  const rules = at(80, { ...defaultRule, ...to(secondGroup) });
  expect(leftBehind(rules, { sameFrontEnds: [secondGroup] })?.[0]).toContain(
    'to front-ends-too, which is the Platform Server',
  );
  expect(leftBehind(rules, { unknownFrontEnds: [secondGroup] })?.[0]).toMatch(
    /to front-ends-too; whether its servers are the Platform Server could not be told, .* \(ec2:DescribeInstances\)\. Let that listener/,
  );
  expect(leftBehind(rules)).toBeUndefined();
});

test('what is in containers already has nobody left behind', () => {
  expect(planBlueGreen(request(), observed({ ...inSlotA(), elsewhere: at(80, defaultRule) }))).not.toHaveProperty(
    'leftBehind',
  );
});

test('doctor warns once a rule, as long as the Platform Server serves any application', () => {
  const zone = { elsewhere: at(80, defaultRule), testListener: testListenerArn, probe: probeOf(zoneSettings()) };
  const both = [
    { identity: orders, modules: ['Orders'] },
    { identity: invoices, modules: ['Invoices'] },
  ];
  const before = findUsersLeftBehind(both, { ...zone, liveListener: listener(listenerArn) });
  expect(before).toMatchObject([{ check: 'other listeners', state: 'warning' }]);
  expect(before[0]?.says).toContain('requests for /Orders, /Invoices to platform-server');
  const { liveListener } = inSlotA(['Orders']);
  const after = findUsersLeftBehind(both, { ...zone, liveListener });
  expect(after[0]?.says).toContain('requests for /Invoices to platform-server');
  expect(findUsersLeftBehind(both.slice(0, 1), { ...zone, liveListener })).toEqual([]);
  const [unknown] = findUsersLeftBehind([{ identity: orders, modules: [] }], {
    ...zone,
    liveListener: listener(listenerArn),
  });
  expect(unknown?.says).toContain('requests for /<Module> to');
});
