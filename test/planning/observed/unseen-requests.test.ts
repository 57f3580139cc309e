import { findUnseen } from '../../../planning/findings/unseen';
import { planBlueGreen } from '../../../planning/plans/deployment';
import { planRollingUpdate } from '../../../planning/plans/rolling-update';
import type { ListenerRule, RuleCondition } from '../../../planning/routing/listener-rules';
import { findUnseenRules } from '../../../planning/routing/unseen-rules';
import {
  defaultRule,
  inSlotA,
  listener,
  listenerArn,
  observed,
  orders,
  platformServerGroup,
  request,
  rule,
} from '../zone';

const condition = (field: RuleCondition['field'], ...values: string[]): RuleCondition => ({
  field,
  values,
  regularExpressions: [],
});
const secret: RuleCondition = { ...condition('http-header', 's3cret'), header: 'X-Origin-Verify' };
const to = (targetGroupArn: string) => ({ forward: [{ targetGroupArn, weight: 1 }] });
const toPlatformServer = to(platformServerGroup);
const forbidden = { forward: [], otherActions: [{ Type: 'fixed-response' as const }] };
const closed: ListenerRule = { ...defaultRule, ...forbidden };

const plan = (rules: readonly ListenerRule[], byDefault = defaultRule) =>
  planBlueGreen(request(), observed({ liveListener: { ...listener(listenerArn), rules: [...rules, byDefault] } }));

test.each([
  ['a secret header of the CDN', [secret], 'http-header X-Origin-Verify'],
  ['the office’s addresses', [condition('source-ip', '10.1.0.0/16')], 'source-ip 10.1.0.0/16'],
  ['another host name', [condition('host-header', 'shop.example.com')], 'host-header shop.example.com'],
  ['a query string', [condition('query-string', 'preview=yes')], 'query-string preview'],
  ['what is written', [condition('http-request-method', 'POST')], 'http-request-method POST'],
  ['paths below a module', [condition('path-pattern', '/Orders/api/*')], 'path-pattern /Orders/api/*'],
  ['any path that ends so', [condition('path-pattern', '*/upload.aspx')], 'path-pattern */upload.aspx'],
  [
    'a path and an address',
    [condition('path-pattern', '/Or*'), condition('source-ip', '10.1.0.0/16')],
    'source-ip 10.1.0.0/16',
  ],
])('a move from the Platform Server is refused while a rule of its own leads %s there', (_, conditions, named) => {
  const moving = () => plan([rule('arn/1', 1, { conditions, ...toPlatformServer })]);
  expect(moving).toThrow(`Listener rule arn/1 (priority 1) wins requests for /Orders`);
  expect(moving).toThrow(`with ${named}, which no probe sees, and sends them to platform-server`);
  expect(moving).toThrow('Remove or narrow that rule first, or give it a priority behind the zone\'s "priorities".');
  expect(moving).not.toThrow('s3cret');
});

const secondGroup = 'arn:aws:elasticloadbalancing:eu-west-1:1:targetgroup/front-ends-too/9';

test.each([
  ['another host name', condition('host-header', 'shop.example.com')],
  ['a secret header of the CDN', secret],
  ['the office’s addresses', condition('source-ip', '10.1.0.0/16')],
])('a second target group with the same front ends is the Platform Server too, for %s', (_, met) => {
  const rules = [rule('arn/1', 1, { conditions: [met], ...to(secondGroup) }), defaultRule];
  const planned = (sameFrontEnds?: readonly string[]) => () =>
    planBlueGreen(
      request(),
      observed({ liveListener: { ...listener(listenerArn), rules, ...(sameFrontEnds && { sameFrontEnds }) } }),
    );
  expect(planned([secondGroup])).toThrow(
    'and sends them to front-ends-too. Its servers are the Platform Server, whose copy of Orders is undeployed after the move',
  );
  expect(planned()).not.toThrow();
});

test.each([1, 5000])(
  'a rule for a host that the zone’s own rules leave alone is in the way at priority %d too',
  (priority) => {
    const theirs = rule('arn/1', priority, {
      conditions: [condition('host-header', 'shop.example.com')],
      ...toPlatformServer,
    });
    const seen = observed({ liveListener: { ...listener(listenerArn), rules: [theirs, defaultRule] } });
    const moving = () => planBlueGreen(request({}, ", hosts: ['apps.example.com']"), seen);
    expect(moving).toThrow(`Listener rule arn/1 (priority ${priority}) wins requests for /Orders`);
    expect(moving).toThrow('those users would be left with nothing');
    expect(moving).toThrow('Remove or narrow that rule first, or have its hosts among the zone\'s "hosts".');
  },
);

test('a group of others of which nobody can tell is named, whatever its host', () => {
  const theirs = rule('arn/1', 1, { conditions: [condition('host-header', 'shop.example.com')], ...to(secondGroup) });
  const rules = { ...listener(listenerArn), rules: [theirs, defaultRule], unknownFrontEnds: [secondGroup] };
  expect(planBlueGreen(request(), observed({ liveListener: rules })).unseenRequests).toEqual([
    expect.stringMatching(
      /sends them to front-ends-too; whether its servers are the Platform Server could not be told, .* \(ec2:DescribeInstances\)\.$/,
    ),
  ]);
});

const expression = (text: string): RuleCondition => ({
  field: 'path-pattern',
  values: [],
  regularExpressions: [text],
});
const leads = (path: RuleCondition) => () => plan([rule('arn/1', 1, { conditions: [path], ...toPlatformServer })]);

test.each([
  '^/Orders/api',
  '^/[Oo]rders/upload',
  '^/(Orders|Invoices)/(api|upload)/.*$',
  '^(?:/Or.*)/rest/',
  '[.]aspx$',
  '/moduleservices/',
  '^/[^/]+/rest/v[0-9]{1,2}/',
  String.raw`^\/Orders\/api\/`,
  '^/O[a-z]+s/api{1,3}$',
])('paths below a module are seen in the regular expression %s', (text) => {
  expect(leads(expression(text))).toThrow(`wins requests for /Orders`);
});

test.each([
  '^/Invoices/.*$',
  '^/Order/api',
  '^/(Invoices|Claims)/',
  '^/[Ii]nvoices(/|$)',
  '^/OrdersAPI/',
  '^/orders/api',
  '^/Orders$|^/Invoices/x',
])('and others are not: %s', (text) => {
  const rules = [rule('arn/1', 1, { conditions: [expression(text)], ...toPlatformServer })];
  const own = [{ path: '/Orders', priority: 100, isThere: false }];
  const found = findUnseenRules(rules, {
    application: orders,
    own,
    adopted: [],
    probe: { hosts: ['apps.example.com'] },
  });
  expect(found).toEqual([]);
});

test.each([
  ['alone', []],
  ['beside a header', [secret]],
])('users of another case, %s, are led by a rule in their case, where a zone takes any', (_, beside) => {
  const lower = rule('arn/1', 1, {
    conditions: [condition('path-pattern', '/orders/*'), ...beside],
    ...toPlatformServer,
  });
  const seen = observed({ liveListener: { ...listener(listenerArn), rules: [lower, defaultRule] } });
  expect(() => planBlueGreen(request({}, ', caseInsensitive: classes'), seen)).toThrow(
    /wins requests for \/Orders with path-pattern \/orders\/\*.*, which no probe sees, and sends them to platform-server/,
  );
  expect(planBlueGreen(request(), seen)).not.toHaveProperty('unseenRequests');
});

test('a rule behind the application’s own, or for other paths, stands in nobody’s way', () => {
  const behind = plan([rule('arn/1', 5000, { conditions: [secret], ...toPlatformServer })]);
  expect(behind.unseenRequests).toEqual([
    'Listener rule arn/1 (priority 5000), which sends them to platform-server, would no longer win requests for /Orders, /OrdersAPI with http-header X-Origin-Verify, which no probe sees.',
  ]);
  const paths = [condition('path-pattern', '/Invoices*', '/OrdersAdmin/*'), secret];
  expect(plan([rule('arn/1', 1, { conditions: paths, ...toPlatformServer })])).not.toHaveProperty('unseenRequests');
});

test('a rule that leads elsewhere is named, and for other hosts it is not even that', () => {
  const beta = plan([rule('arn/1', 1, { conditions: [secret], ...to('arn:targetgroup/beta/1') })]);
  expect(beta.unseenRequests).toEqual([
    'Listener rule arn/1 (priority 1) wins requests for /Orders, /OrdersAPI with http-header X-Origin-Verify, which no probe sees, and sends them to beta.',
  ]);
  const maintenance = plan([rule('arn/1', 1, { conditions: [secret], ...forbidden })]);
  expect(maintenance.unseenRequests?.[0]).toMatch(/which no probe sees, and answers them with fixed-response\.$/);
  const site = [condition('host-header', 'www.example.com')];
  expect(plan([rule('arn/1', 1, { conditions: site, ...to('other') })])).not.toHaveProperty('unseenRequests');
});

const below = condition('path-pattern', '/Orders/admin/*');
const cognito = {
  Type: 'authenticate-cognito' as const,
  Order: 1,
  AuthenticateCognitoConfig: { UserPoolArn: 'arn:pool', UserPoolClientId: 'a', UserPoolDomain: 'a' },
};

test.each([
  [
    'is behind a login',
    [below],
    { ...toPlatformServer, otherActions: [cognito] },
    'Nobody would be asked for the login there any more.',
  ],
  ['is forbidden', [below], forbidden, 'What it answers now would be answered by the containers.'],
  ['is another service’s', [below], to('arn:targetgroup/api/1'), 'What it leads to would get none of those requests'],
  ['has a header', [secret], to('arn:targetgroup/beta/1'), 'What it leads to would get none of those requests'],
])('no new rule comes before one of others by which a part of a module’s requests %s', (_, conditions, state, lost) => {
  const before = (priority: number) => () => plan([rule('arn/1', priority, { conditions, ...state })]);
  expect(before(5000)).toThrow('Listener rule arn/1 (priority 5000), which ');
  expect(before(5000)).toThrow(`which no probe sees. ${lost}`);
  expect(before(5000)).toThrow('Give that rule a priority before the zone\'s "priorities", or remove it.');
});

test('a login that the new rule asks for itself is no other one', () => {
  const guarded = { ...toPlatformServer, otherActions: [cognito] };
  const own = [{ path: '/Orders', priority: 1999, isThere: false, login: [{ ...cognito, Order: 7 }] }];
  const rules = [rule('arn/1', 5000, { conditions: [below], ...guarded })];
  const asked = { application: orders, own, adopted: [], probe: { hosts: ['apps.example.com'] } };
  expect(findUnseenRules(rules, asked)).toMatchObject([{ asksMore: false }]);
});

test('where the load balancer forwards nothing without the secret, no new rule goes around it', () => {
  const guarded = (priority: number) => () =>
    plan([rule('arn/1', priority, { conditions: [secret], ...toPlatformServer })], closed);
  expect(guarded(5000)).toThrow('the rule that Orders needs would be the way around it');
  expect(guarded(1)).toThrow('those users would not reach the containers');
});

test('where a zone’s rules and probes bear the condition themselves, its rule is seen', () => {
  const rules = [rule('arn/1', 1, { conditions: [secret], ...toPlatformServer }), defaultRule];
  const asked = { application: orders, own: [{ path: '/Orders', priority: 1999, isThere: false }], adopted: [] };
  const hosts = ['apps.example.com'];
  expect(findUnseenRules(rules, { ...asked, probe: { hosts } })).toHaveLength(1);
  expect(findUnseenRules(rules, { ...asked, probe: { hosts, conditions: [secret] } })).toEqual([]);
});

test('an application in containers is deployed, and the rule is named each time', () => {
  const { liveListener, slots } = inSlotA(['Orders', 'OrdersAPI']);
  const rules = [rule('arn/1', 1, { conditions: [secret], ...toPlatformServer }), ...liveListener.rules];
  const before = observed({ liveListener: { ...liveListener, rules }, slots });
  expect(planBlueGreen(request(), before).unseenRequests).toHaveLength(1);
  expect(planRollingUpdate(request(), before).unseenRequests).toHaveLength(1);
});

test('doctor says it before anybody publishes, once a rule', () => {
  const zone = { probe: { hosts: ['apps.example.com'] }, priorities: { from: 1000, to: 1999 } };
  const rules = [rule('arn/1', 1, { conditions: [secret], ...toPlatformServer }), defaultRule];
  const applications = [
    { identity: orders, modules: ['Orders'] },
    { identity: { ...orders, name: 'Unknown', key: 'other' }, modules: [] },
  ];
  const [only, ...others] = findUnseen(rules, applications, zone);
  expect(others).toEqual([]);
  expect(only).toMatchObject({ state: 'error', application: 'Orders' });
  expect(only?.says).toMatch(/ wins requests for \/Orders with .* The same holds for 1 other applications\.$/);
  const elsewhere = [rule('arn/1', 1, { conditions: [secret], ...to('beta') }), defaultRule];
  expect(findUnseen(elsewhere, applications.slice(1), zone)).toMatchObject([{ state: 'ok', next: null }]);
});
