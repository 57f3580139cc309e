import { planBlueGreen } from '../../planning/deployment';
import type { ObservedListener } from '../../planning/observed';
import { applicationTags, tagKeys } from '../../planning/names';
import { planRollingUpdate } from '../../planning/rolling-update';
import { isExpected, ruleAt } from '../../planning/route';
import {
  defaultRule,
  inSlotA,
  invoices,
  listener,
  listenerArn,
  observed,
  orders,
  path,
  platformServerGroup,
  release,
  request,
  rule,
  slot,
} from './zone';

const ordersInEast = { ...orders, zone: 'east' };
const liveTags = (place = 0) => ({
  ...applicationTags(orders),
  [tagKeys.route]: 'live',
  [tagKeys.rule]: String(place),
});
const ordersRule = (group: string, expression = '^/(Orders|OrdersOld)(/.*)?$') =>
  rule('live-0', 1990, { conditions: [path(expression)], forward: [{ targetGroupArn: group, weight: 1 }] }, liveTags());

describe('refused before anything is touched', () => {
  test('a module whose path another application owns, naming that application', () => {
    const theirs = rule('theirs', 1500, { conditions: [path('^/(OrdersAPI)(/.*)?$')] }, applicationTags(invoices));
    expect(() => planBlueGreen(request(), observed({ live: listener(listenerArn, theirs) }))).toThrow(
      /\/OrdersAPI is already caught by listener rule theirs \(priority 1500\), which belongs to application Invoices/,
    );
  });

  test('a wider pattern of somebody else that catches a module', () => {
    const wide = rule('wide', 5, {
      conditions: [{ field: 'path-pattern', values: ['/Orders*'], regularExpressions: [] }],
    });
    expect(() => planBlueGreen(request(), observed({ live: listener(listenerArn, wide) }))).toThrow(
      /caught by listener rule wide/,
    );
  });

  test('a rule that would be looked at before another zone’s, and win its hosts’ requests', () => {
    const east = { field: 'host-header' as const, values: ['east.example.com'], regularExpressions: [] };
    const theirs = (priority: number, ...more: (typeof east)[]) =>
      listener(
        listenerArn,
        rule('theirs', priority, { conditions: [path('^/(Orders)(/.*)?$'), ...more] }, applicationTags(ordersInEast)),
      );
    const plan =
      (live: ObservedListener, hosts = '') =>
      () =>
        planBlueGreen(request({}, hosts), observed({ live }));
    expect(plan(theirs(2000, east))).toThrow(
      /would win \/Orders at east\.example\.com from listener rule theirs \(priority 2000\), .* Orders of zone east: name the zone's own "hosts"/,
    );
    expect(plan(theirs(2000, east), ", hosts: ['*.example.com']")).toThrow(/would win \/Orders at east/);
    expect(plan(theirs(1500, east))).not.toThrow();
    expect(plan(theirs(2000, east), ", hosts: ['west.example.com']")).not.toThrow();
    expect(plan(theirs(2000))).toThrow(/\/Orders is already caught .* application Orders of zone east/);
  });

  test('a priority range without room', () => {
    const taken = [10, 11].map((priority) =>
      rule(`r${priority}`, priority, { conditions: [path(`^/other${priority}$`)] }),
    );
    const full = observed({ live: listener(listenerArn, ...taken) });
    expect(() => planBlueGreen(request({}, ', priorities: { from: 10, to: 11 }'), full)).toThrow(
      /Every priority from 10 to 11/,
    );
  });

  test('shares where sessions are sticky', () => {
    const sticky = request(
      { shift: [{ percent: 10 }, { percent: 100 }] },
      ", targetGroup: { attributes: { stickiness.enabled: 'true' } }",
    );
    expect(() => planBlueGreen(sticky, observed())).toThrow(/Sticky sessions keep clients on blue/);
  });

  test('a rule of others that leads to the slot that is retired, unless it only attaches its group', () => {
    const { live, ...slots } = inSlotA();
    const leading = (weight: number) =>
      rule('theirs', 7, { conditions: [path('^/shop$')], forward: [{ targetGroupArn: 'group-a', weight }] });
    const beside = (weight: number) =>
      observed({ ...slots, live: listener(listenerArn, ...(live?.rules ?? []), leading(weight)) });
    expect(() => planBlueGreen(request(), beside(1))).toThrow(
      /rule theirs \(priority 7\) is none of Orders's own and sends requests to service-a, which is retired/,
    );
    expect(() => planBlueGreen(request(), beside(0))).not.toThrow();
    expect(() => planRollingUpdate(request(), beside(1))).not.toThrow();
    const elsewhere = (weight: number) => observed({ ...slots, live: live!, elsewhere: [leading(weight)] });
    expect(() => planBlueGreen(request(), elsewhere(1))).toThrow(/theirs \(priority 7\), of another listener than/);
    expect(() => planBlueGreen(request(), elsewhere(0))).not.toThrow();
    const testing = { ...leading(1), tags: { [tagKeys.route]: 'test' } };
    expect(() => planBlueGreen(request(), observed({ ...slots, live: live!, elsewhere: [testing] }))).not.toThrow();
  });

  test('rules that forward to a group that no service of the application uses', () => {
    const lost = observed({ live: listener(listenerArn, ordersRule('group-unknown')) });
    expect(() => planBlueGreen(request(), lost)).toThrow(
      /forward to group-unknown, which no service of its slots uses/,
    );
  });
});

describe('from the Platform Server', () => {
  const plan = planBlueGreen(request(), observed());

  test('blue is the default rule, green slot a with the zone’s count', () => {
    expect(plan.blue).toEqual({ kind: 'platformServer', targetGroupArn: platformServerGroup });
    expect(plan.green).toMatchObject({ slot: 'a', service: { desiredCount: 2 } });
  });

  test('the cut is creating the rules, and the way back is deleting them', () => {
    const [only, ...others] = plan.liveRoute.rules;
    expect(others).toEqual([]);
    const groups = { blue: platformServerGroup, green: 'green' };
    expect(ruleAt(only!, { blue: 0, green: 100 }, groups)).toMatchObject({
      conditions: [path('^/(Orders|OrdersAPI)(/.*)?$')],
      forward: [{ targetGroupArn: 'green', weight: 100 }],
    });
    expect(ruleAt(only!, 'before', groups)).toBeNull();
  });

  test('live rules take the range from its top', () => {
    expect(plan.liveRoute.rules[0]?.priority).toBe(1999);
  });
});

describe('from a slot', () => {
  const before = observed({
    live: listener(listenerArn, ordersRule('group-a')),
    slots: [slot('a', { release: release('1.0.0', ['Orders', 'OrdersOld']) }), slot('b', { desiredCount: 0 })],
  });

  test('green is the other slot, a twin of blue at blue’s count', () => {
    const { green, blue } = planBlueGreen(request(), before);
    expect(blue).toMatchObject({ kind: 'slot', slot: 'a', release: { version: '1.0.0' } });
    expect(green).toMatchObject({ slot: 'b', service: { desiredCount: 3 } });
    // Nothing of blue runs: the settings tell how many are wanted.
    const stopped = { ...before, slots: [slot('a', { desiredCount: 0 }), slot('b', { desiredCount: 0 })] };
    expect(planBlueGreen(request(), stopped).green.service.desiredCount).toBe(2);
  });

  test('the cut changes conditions and target group of the same rule: modules come and go with it', () => {
    const [only] = planBlueGreen(request(), before).liveRoute.rules;
    expect(only).toMatchObject({ arn: 'live-0', priority: 1990 });
    const groups = { blue: 'group-a', green: 'group-b' };
    expect(ruleAt(only!, { blue: 0, green: 100 }, groups)).toMatchObject({
      conditions: [path('^/(Orders|OrdersAPI)(/.*)?$')],
      forward: [{ targetGroupArn: 'group-b', weight: 100 }],
    });
    expect(ruleAt(only!, 'before', groups)).toMatchObject({
      conditions: [path('^/(Orders|OrdersOld)(/.*)?$')],
      forward: [{ targetGroupArn: 'group-a', weight: 1 }],
    });
  });

  test('of mixed weights, as a terminated deployment leaves them, blue is the larger', () => {
    const forward = [
      { targetGroupArn: 'group-a', weight: 30 },
      { targetGroupArn: 'group-b', weight: 70 },
    ];
    const mixed = { ...ordersRule('group-a'), forward };
    const plan = planBlueGreen(request(), { ...before, live: listener(listenerArn, mixed) });
    expect(plan.blue).toMatchObject({ slot: 'b' });
    expect(plan.green.slot).toBe('a');
  });

  test('someone else’s change of the rule is told from the deployment’s own states', () => {
    const [only] = planBlueGreen(request(), before).liveRoute.rules;
    const groups = { blue: 'group-a', green: 'group-b' };
    const state = ruleAt(only!, { blue: 40, green: 60 }, groups)!;
    expect(isExpected(only!, ordersRule('group-a'), groups)).toBe(true);
    expect(isExpected(only!, state, groups)).toBe(true);
    expect(isExpected(only!, { ...state, forward: [{ targetGroupArn: 'another', weight: 1 }] }, groups)).toBe(false);
    expect(isExpected(only!, { ...state, conditions: [path('^/changed$')] }, groups)).toBe(false);
    expect(isExpected(only!, null, groups)).toBe(false);
  });
});

describe('sharing traffic', () => {
  const shared = request({ shift: [{ percent: 10 }, { percent: 100 }] });
  const groups = { blue: 'group-a', green: 'group-b' };
  const before = (modules: string[]) =>
    observed({
      live: listener(listenerArn, ordersRule('group-a', '^/(Orders)(/.*)?$')),
      slots: [slot('a', { release: release('1.0.0', modules) }), slot('b', { desiredCount: 0 })],
    });

  test('a module that green brings joins with the last step: blue would answer it with 404', () => {
    const [only] = planBlueGreen(shared, before(['Orders'])).liveRoute.rules;
    expect(ruleAt(only!, { blue: 90, green: 10 }, groups)).toMatchObject({
      conditions: [path('^/(Orders)(/.*)?$')],
      forward: [
        { targetGroupArn: 'group-a', weight: 90 },
        { targetGroupArn: 'group-b', weight: 10 },
      ],
    });
    expect(ruleAt(only!, { blue: 0, green: 100 }, groups)?.conditions).toEqual([path('^/(Orders|OrdersAPI)(/.*)?$')]);
  });

  test('from the Platform Server, which serves every module, all of them share at once', () => {
    const [only] = planBlueGreen(shared, observed()).liveRoute.rules;
    expect(ruleAt(only!, { blue: 90, green: 10 }, { blue: platformServerGroup, green: 'group-a' })).toMatchObject({
      conditions: [path('^/(Orders|OrdersAPI)(/.*)?$')],
      forward: [{ targetGroupArn: platformServerGroup }, { targetGroupArn: 'group-a' }],
    });
  });

  test('a release that drops a module is refused: green would answer it with 404', () => {
    expect(() => planBlueGreen(shared, before(['Orders', 'OrdersOld']))).toThrow(/The image drops OrdersOld/);
  });

  test('a default rule that forwards nowhere is refused: blue can have no share', () => {
    const nowhere = { ...listener(listenerArn), rules: [{ ...defaultRule, forward: [] }] };
    expect(() => planBlueGreen(shared, observed({ live: nowhere }))).toThrow(/default rule doesn't forward/);
  });
});

describe('a module published under another path', () => {
  const published = { ...request(), paths: { Orders: '/shop' } };
  const plan = planBlueGreen(published, observed());

  test('has a rule of its own that rewrites, live and test', () => {
    for (const { rules } of [plan.liveRoute, plan.testRoute]) {
      expect(rules.map(({ module }) => module)).toEqual([null, 'Orders']);
      expect(rules[1]?.after).toMatchObject({
        conditions: [path('^/(shop)(/.*)?$')],
        transforms: [{ UrlRewriteConfig: { Rewrites: [{ Regex: '^/shop([/?].*)?$', Replace: '/Orders$1' }] } }],
      });
    }
  });

  test.each([
    ['/shop', '/Orders'],
    ['/shop?id=1', '/Orders?id=1'],
    ['/shop/Cart?id=1', '/Orders/Cart?id=1'],
    ['/SHOP/Cart', '/Orders/Cart'],
  ])('%s reaches the module as %s, in any case where the zone says so', (asked, reached) => {
    const any = { ...published, zone: { ...published.zone, caseInsensitive: true } };
    const [transform] = planBlueGreen(any, observed()).liveRoute.rules[1]?.after?.transforms ?? [];
    const [{ Regex = '', Replace = '' } = {}] = transform?.UrlRewriteConfig?.Rewrites ?? [];
    expect(Regex).toMatch(/^\(\?i\)/);
    expect(asked.replace(new RegExp(Regex.slice('(?i)'.length), 'i'), Replace)).toBe(reached);
  });

  test('is probed where people ask for it', () => expect(plan.paths).toEqual(['/shop', '/OrdersAPI']));

  test('keeps its rule in the next deployment, found by its tag', () => {
    const tags = { ...liveTags(4), [tagKeys.module]: 'Orders' };
    const own = rule(
      'own',
      1980,
      { conditions: [path('^/(shop)(/.*)?$')], forward: [{ targetGroupArn: 'group-a', weight: 1 }] },
      tags,
    );
    const next = observed({ live: listener(listenerArn, own), slots: [slot('a', {}), slot('b', { desiredCount: 0 })] });
    expect(planBlueGreen(published, next).liveRoute.rules).toMatchObject([
      { arn: null, index: 0, module: null },
      { arn: 'own', index: 4, module: 'Orders' },
    ]);
  });
});

test('a login before the forward is kept, and a new rule of the application is behind it too', () => {
  const login = { Type: 'authenticate-cognito', Order: 1 } as const;
  const kept = { ...ordersRule('group-a', '^/(Orders)(/.*)?$'), keptActions: [login] };
  const behind = observed({
    live: listener(listenerArn, kept),
    slots: [slot('a', {}), slot('b', { desiredCount: 0 })],
  });
  const plan = planBlueGreen({ ...request(), paths: { OrdersAPI: '/api' } }, behind);
  expect(plan.liveRoute.rules.map(({ after }) => after?.keptActions)).toEqual([[login], [login]]);
  expect(plan.testRoute.rules.map(({ after }) => after?.keptActions)).toEqual([[], []]);
});

test('a new rule behind a login whose secret nobody can read is refused, with a way out', () => {
  const login = { Type: 'authenticate-oidc', Order: 1 } as const;
  const kept = { ...ordersRule('group-a', '^/(Orders)(/.*)?$'), keptActions: [login] };
  const behind = observed({
    live: listener(listenerArn, kept),
    slots: [slot('a', {}), slot('b', { desiredCount: 0 })],
  });
  expect(() => planBlueGreen({ ...request(), paths: { OrdersAPI: '/api' } }, behind)).toThrow(
    /new listener rule is needed for OrdersAPI, behind the login.*Take the login off/,
  );
  expect(planBlueGreen(request(), behind).liveRoute.rules.map(({ after }) => after?.keptActions)).toEqual([[login]]);
});

test('a test header puts the test rules before the live ones on the same listener', () => {
  const byHeader = request({}, ", testRoute: { value: 'a-long-secret' }");
  const { testListener: _, ...zone } = byHeader.zone;
  const plan = planBlueGreen({ ...byHeader, zone }, observed({ test: listener(listenerArn) }));
  expect(plan.testRoute.rules[0]?.after?.conditions).toContainEqual(
    expect.objectContaining({ field: 'http-header', header: 'X-Cutover-Test', values: ['a-long-secret'] }),
  );
  expect(plan.testRoute.rules[0]!.priority).toBeLessThan(plan.liveRoute.rules[0]!.priority);
  expect(plan.testAddress.headers).toEqual({ 'X-Cutover-Test': 'a-long-secret' });
});

test('a zone’s hosts are a condition of every rule', () => {
  const plan = planBlueGreen(request({}, ", hosts: ['apps.example.com']"), observed());
  for (const { after } of [...plan.liveRoute.rules, ...plan.testRoute.rules])
    expect(after?.conditions).toContainEqual(
      expect.objectContaining({ field: 'host-header', values: ['apps.example.com'] }),
    );
});

test('the task definition pins the digest and records its release', () => {
  const { taskDefinition } = planBlueGreen(request(), observed());
  expect(taskDefinition.containerDefinitions?.[0]).toMatchObject({
    image: 'registry/orders@sha256:2.0.0',
    dockerLabels: { 'io.cutover.image': 'orders:2.0.0', 'io.cutover.run': 'run-1' },
  });
});
