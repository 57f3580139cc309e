import { planBlueGreen, type DeploymentPlan } from '../../../planning/plans/deployment';
import { catches } from '../../../planning/routing/listener-rules';
import { slotNames, tagKeys } from '../../../planning/names';
import { planRollingUpdate } from '../../../planning/plans/rolling-update';
import { isExpected, ruleAt, type RouteTraffic } from '../../../planning/routing/rule-states';
import {
  defaultRule,
  inSlotA,
  listener,
  listenerArn,
  liveRule,
  liveTags,
  observed,
  orders,
  path,
  platformServerGroup,
  release,
  request,
  rule,
  slot,
} from '../zone';

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

describe('where somebody led users to the Platform Server', () => {
  const ledTo = (...weights: readonly [platformServer: number, groupA: number]) => {
    const forward = [platformServerGroup, 'group-a'].map((targetGroupArn, at) => ({
      targetGroupArn,
      weight: weights[at] ?? 0,
    }));
    const led = { ...liveRule('group-a', ['Orders']), forward };
    const slots = [slot('a', { release: release('1.0.0', ['Orders']) }), slot('b', { desiredCount: 0 })];
    return { forward, plan: planBlueGreen(request(), observed({ liveListener: listener(listenerArn, led), slots })) };
  };
  const groups = { blue: platformServerGroup, green: 'group-a' };

  test('the way back is to the rule as they left it: ECS takes no count for what is in no rule', () => {
    const { forward, plan } = ledTo(1, 0);
    expect(plan.blue).toMatchObject({ kind: 'platformServer' });
    expect(ruleAt(plan.liveRoute.rules[0]!, 'before', groups)).toMatchObject({ forward });
  });

  test.each<[string, [number, number]]>([
    ['gives it a share', [60, 40]],
    ['leads nowhere', [0, 0]],
  ])('nobody is led back to what a rollback takes down: a rule that %s goes', (_, weights) => {
    const { plan } = ledTo(...weights);
    expect(plan.blue).toMatchObject({ kind: 'platformServer' });
    expect(ruleAt(plan.liveRoute.rules[0]!, 'before', groups)).toBeNull();
  });

  test('what runs in green’s slot, in no rule, is known for what it is', () => {
    const detached = (desiredCount: number, isAttached?: boolean) => {
      const slots = [{ ...slot('a', { desiredCount }), ...(isAttached !== undefined && { isAttached }) }, slot('b')];
      return planBlueGreen(request(), observed({ slots })).green.detached;
    };
    expect(detached(3, false)).toBe(true);
    for (const other of [detached(0, false), detached(3, true), detached(3)]) expect(other).toBeUndefined();
  });
});

describe('from a slot', () => {
  const before = observed({
    liveListener: listener(listenerArn, liveRule('group-a', ['Orders', 'OrdersOld'])),
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

  test('modules that have no room in their rule any more, in classes, move to a new one and are never in none', () => {
    const modules = Array.from({ length: 10 }, (_, index) => `Customers${index}`);
    const asked = request({}, ', caseInsensitive: classes');
    const now = observed({
      liveListener: listener(listenerArn, liveRule('group-a', modules)),
      slots: [slot('a', { release: release('1.0.0', modules) }), slot('b', { desiredCount: 0 })],
      release: release('2.0.0', [...modules, 'Brand']),
    });
    const groups = { blue: 'group-a', green: 'group-b' };
    const caughtAt = (plan: DeploymentPlan, traffic: RouteTraffic) => {
      const rules = plan.liveRoute.rules.flatMap((one) => {
        const state = ruleAt(one, traffic, groups);
        return state ? [{ ...state, arn: '', priority: one.priority, tags: {} }] : [];
      });
      return [...modules, 'Brand'].filter((module) => rules.some((one) => catches(one, module)));
    };
    const plan = planBlueGreen(asked, now);
    expect(plan.liveRoute.rules).toHaveLength(2);
    expect(caughtAt(plan, { blue: 0, green: 100 })).toEqual([...modules, 'Brand']);
    expect(caughtAt(plan, { blue: 90, green: 10 })).toEqual(modules);
    expect(caughtAt(plan, 'before')).toEqual(modules);
    expect(caughtAt(planRollingUpdate(asked, now), 'common')).toEqual(modules);
  });

  test('of mixed weights, as a terminated deployment leaves them, blue is the larger', () => {
    const forward = [
      { targetGroupArn: 'group-a', weight: 30 },
      { targetGroupArn: 'group-b', weight: 70 },
    ];
    const mixed = { ...liveRule('group-a', ['Orders', 'OrdersOld']), forward };
    const plan = planBlueGreen(request(), { ...before, liveListener: listener(listenerArn, mixed) });
    expect(plan.blue).toMatchObject({ slot: 'b' });
    expect(plan.green.slot).toBe('a');
  });

  test('someone else’s change of the rule is told from the deployment’s own states', () => {
    const [only] = planBlueGreen(request(), before).liveRoute.rules;
    const groups = { blue: 'group-a', green: 'group-b' };
    const state = ruleAt(only!, { blue: 40, green: 60 }, groups)!;
    expect(isExpected(only!, liveRule('group-a', ['Orders', 'OrdersOld']), groups)).toBe(true);
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
      liveListener: listener(listenerArn, liveRule('group-a', ['Orders'])),
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
    expect(() => planBlueGreen(shared, observed({ liveListener: nowhere }))).toThrow(/default rule doesn't forward/);
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
    const next = observed({
      liveListener: listener(listenerArn, own),
      slots: [slot('a', {}), slot('b', { desiredCount: 0 })],
    });
    expect(planBlueGreen(published, next).liveRoute.rules).toMatchObject([
      { arn: null, index: 0, module: null },
      { arn: 'own', index: 4, module: 'Orders' },
    ]);
  });
});

test('a login before the forward is kept, and a new rule of the application is behind it too', () => {
  const login = { Type: 'authenticate-cognito', Order: 1 } as const;
  const kept = { ...liveRule('group-a', ['Orders']), otherActions: [login] };
  const behind = observed({
    liveListener: listener(listenerArn, kept),
    slots: [slot('a', {}), slot('b', { desiredCount: 0 })],
  });
  const plan = planBlueGreen({ ...request(), paths: { OrdersAPI: '/api' } }, behind);
  expect(plan.liveRoute.rules.map(({ after }) => after?.otherActions)).toEqual([[login], [login]]);
  expect(plan.testRoute.rules.map(({ after }) => after?.otherActions)).toEqual([[], []]);
});

test('a new rule behind a login whose secret nobody can read is refused, with a way out', () => {
  const login = { Type: 'authenticate-oidc', Order: 1 } as const;
  const kept = { ...liveRule('group-a', ['Orders']), otherActions: [login] };
  const behind = observed({
    liveListener: listener(listenerArn, kept),
    slots: [slot('a', {}), slot('b', { desiredCount: 0 })],
  });
  expect(() => planBlueGreen({ ...request(), paths: { OrdersAPI: '/api' } }, behind)).toThrow(
    /new listener rule is needed for OrdersAPI, behind the login.*Take the login off/,
  );
  expect(planBlueGreen(request(), behind).liveRoute.rules.map(({ after }) => after?.otherActions)).toEqual([[login]]);
});

test('a test header puts the test rules before the live ones on the same listener', () => {
  const byHeader = request({}, ", testRoute: { value: 'a-long-test-secret' }");
  const { testListener: _, ...zone } = byHeader.zone;
  const plan = planBlueGreen({ ...byHeader, zone }, observed({ testListener: listener(listenerArn) }));
  expect(plan.testRoute.rules[0]?.after?.conditions).toContainEqual(
    expect.objectContaining({ field: 'http-header', header: 'X-Cutover-Test', values: ['a-long-test-secret'] }),
  );
  expect(plan.testRoute.rules[0]!.priority).toBeLessThan(plan.liveRoute.rules[0]!.priority);
  expect(plan.testAddress.headers).toEqual({ 'X-Cutover-Test': 'a-long-test-secret' });
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

test('the first deployment under a new name makes green under it, and knows the old one; it can’t roll', () => {
  const sales = { ...orders, name: 'Sales & Service' };
  const found = observed(inSlotA(['Orders', 'OrdersAPI']));
  const plan = planBlueGreen({ ...request(), application: sales }, found);
  expect(plan).toMatchObject({ renamedFrom: 'Orders', blue: { service: 'service-a' } });
  expect(plan.green.service.name).toBe(slotNames(sales, 'b').service);
  expect(planBlueGreen(request(), found)).not.toHaveProperty('renamedFrom');
  expect(() => planRollingUpdate({ ...request(), application: sales }, found)).toThrow(
    /Orders becomes Sales & Service/,
  );
});
