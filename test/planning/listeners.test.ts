/** An application that is reached through an internal and a public load balancer. */
import { formatServing } from '../../contract/text';
import { refuseOtherBlue, slotsThrough, withOwnGroups } from '../../planning/listeners/others';
import { targetGroupBeside, slotNames } from '../../planning/names';
import type { ObservedBeside, ObservedSlot } from '../../planning/observed/observed';
import { planBlueGreen } from '../../planning/plans/deployment';
import { planRemoval } from '../../planning/plans/removal';
import { planRetirement } from '../../planning/plans/retirement';
import { planRollingUpdate } from '../../planning/plans/rolling-update';
import { previewDeployment } from '../../planning/preview/deployment';
import { Refusal } from '../../planning/refusal';
import { ruleAt } from '../../planning/routing/rule-states';
import {
  defaultRule,
  inSlotA,
  listener,
  listenerArn,
  liveRule,
  observed,
  orders,
  path,
  release,
  request,
  rule,
  slot,
  testListenerArn,
} from './zone';

const publicArn = listenerArn.replace('/main/', '/public/');
const publicTestArn = testListenerArn.replace('/main/', '/public/');
const settings = {
  listener: publicArn,
  testListener: publicTestArn,
  address: 'https://shop.example.com',
  hosts: ['shop.example.com'],
};

const publicSlot = (name: 'a' | 'b', service: ObservedSlot['service']): ObservedSlot => ({
  ...slot(name),
  service,
  targetGroupArn: service && `public-${name}`,
});

/** Through the public load balancer; without a group its rules lead nowhere yet. */
const through = (group: string | null, slots: readonly ObservedSlot[] = inSlotA().slots): ObservedBeside => ({
  settings,
  liveListener: listener(publicArn, ...(group === null ? [] : [liveRule(group, ['Orders'])])),
  testListener: listener(publicTestArn),
  elsewhere: [],
  slots: slots.map(({ slot: name, service }) => publicSlot(name, service)),
});

const both = observed({ ...inSlotA(), others: [through('public-a')] });

test('an application has a target group in each slot behind each load balancer, and one service', () => {
  const { green, alsoThrough = [] } = planBlueGreen(request(), both);
  const [other] = alsoThrough;
  expect(alsoThrough).toHaveLength(1);
  expect(other?.green.service).toEqual(green.service);
  expect(other?.green.slot).toBe('b');
  expect(other?.green.targetGroup.name).not.toBe(green.targetGroup.name);
  expect(other?.blue).toMatchObject({ kind: 'slot', service: 'service-a', targetGroupArn: 'public-a' });
});

test('an edit is told for the target group behind each load balancer, and where one alone differs it isn’t up to date', () => {
  const edited = request({}, ', targetGroup: { healthCheck: { interval: 20s } }');
  const [, beside] = [planBlueGreen(edited, both), { ...both, others: [through('public-a')] }];
  const shown = previewDeployment(planBlueGreen(edited, beside), {
    observed: beside,
    blueTaskDefinition: undefined,
    loadBalancers: [],
  });
  const groups = shown.changes.filter(({ what }) => what === 'target group');
  expect(groups).toHaveLength(2);
  for (const { details } of groups) expect(details).toContain('HealthCheckIntervalSeconds: none → "20"');
});

test('each listener has the same rules, with its own hosts and priorities, and its own way back', () => {
  const [other] = planBlueGreen(request(), both).alsoThrough ?? [];
  const [only] = other?.liveRoute.rules ?? [];
  const groups = { blue: 'public-a', green: 'public-b' };
  expect(other?.liveRoute.listenerArn).toBe(publicArn);
  expect(other?.testRoute.listenerArn).toBe(publicTestArn);
  expect(other?.liveAddress.host).toBe('shop.example.com');
  expect(ruleAt(only!, { blue: 0, green: 100 }, groups)?.conditions).toEqual([
    { field: 'host-header', values: ['shop.example.com'], regularExpressions: [] },
    path('^/(Orders|OrdersAPI)(/.*)?$'),
  ]);
  expect(ruleAt(only!, 'before', groups)?.forward).toEqual([{ targetGroupArn: 'public-a', weight: 1 }]);
});

test('a login is taken over from the rule that wins there', () => {
  const login = { Type: 'authenticate-cognito' as const, Order: 1 };
  const guarded = { ...through(null), liveListener: listener(publicArn) };
  const view = {
    ...guarded,
    liveListener: { ...guarded.liveListener, rules: [{ ...defaultRule, otherActions: [login] }] },
  };
  const plan = planBlueGreen(request(), observed({ others: [{ ...view, slots: [slot('a'), slot('b')] }] }));
  expect(plan.behindLogin).toBeUndefined();
  expect(plan.liveRoute.rules[0]?.after?.otherActions).toEqual([]);
  expect(plan.alsoThrough?.[0]?.liveRoute.rules[0]?.after?.otherActions).toEqual([login]);
  expect(plan.alsoThrough?.[0]?.behindLogin?.paths).toEqual(['/Orders', '/OrdersAPI']);
});

test('a load balancer that is new in the settings leads to the Platform Server until the cut', () => {
  const plan = planBlueGreen(request(), observed({ ...inSlotA(), others: [through(null)] }));
  expect(plan.green.slot).toBe('b');
  expect(plan.alsoThrough?.[0]).toMatchObject({ blue: { kind: 'platformServer' }, green: { slot: 'b' } });
});

test('what a run that was terminated between the two left is refused, for no slot is idle', () => {
  const torn = observed({ ...inSlotA(), others: [through('public-b', [...inSlotA().slots])] });
  expect(() => planBlueGreen(request(), torn)).toThrow(
    /service-a through listener .*\/main\/.*service-b through listener/,
  );
});

test('a rule of somebody else is refused on the second listener as on the first', () => {
  const theirs = rule(
    'theirs',
    5,
    { conditions: [path('^/Orders$')], forward: [{ targetGroupArn: 'x', weight: 1 }] },
    { 'cutover:key': 'other' },
  );
  const view = through('public-a');
  const others = [{ ...view, liveListener: { ...view.liveListener, rules: [theirs, ...view.liveListener.rules] } }];
  expect(() => planBlueGreen(request(), observed({ ...inSlotA(), others }))).toThrow(Refusal);
});

test('a rolling update has a pilot behind both, and rolls what serves through both', () => {
  const plan = planRollingUpdate(request(), both);
  const [other] = plan.alsoThrough ?? [];
  expect(plan.green.service.desiredCount).toBe(1);
  expect(other?.green).toMatchObject({ slot: 'b', service: { desiredCount: 1 } });
  expect(other?.blue).toMatchObject({ kind: 'slot', service: 'service-a', targetGroupArn: 'public-a' });
  expect(plan.rulesMove).toBe(true);
});

test('rules of a rolling update move where those of any listener do', () => {
  const known = observed({ ...inSlotA(['Orders', 'OrdersAPI']) });
  const behind = (modules: string[]) => ({
    ...through('public-a', known.slots),
    liveListener: listener(publicArn, {
      ...liveRule('public-a', modules),
      conditions: [
        { field: 'host-header', values: ['shop.example.com'], regularExpressions: [] },
        path(`^/(${modules.join('|')})(/.*)?$`),
      ],
    }),
  });
  const moves = (modules: string[]) => planRollingUpdate(request(), { ...known, others: [behind(modules)] }).rulesMove;
  expect(moves(['Orders', 'OrdersAPI'])).toBe(false);
  expect(moves(['Orders'])).toBe(true);
});

test('what another listener doesn’t lead to yet can’t roll', () => {
  expect(() => planRollingUpdate(request(), observed({ ...inSlotA(), others: [through(null)] }))).toThrow(
    /isn't in containers yet through listener .*\/public\/.*blueGreen first/,
  );
});

test('replicas are warm only where they are warm behind both', () => {
  const before = { taskDefinitionArn: 'definition-b' };
  const warm = (groups: string[]) => {
    const slots = [slot('a', { release: release('1.0.0', ['Orders']) }), slot('b', {})];
    const there = slots.map(({ slot: name, service: one }) =>
      publicSlot(name, name === 'b' ? one && { ...one, targetGroupArns: groups } : one),
    );
    const other = { ...through('public-a', slots), slots: there };
    return planBlueGreen(
      request(),
      observed({ slots, earlier: before, liveListener: inSlotA().liveListener, others: [other] }),
    );
  };
  expect(warm(['public-b']).warm).toMatchObject(before);
  expect(warm([]).warm).toBeNull();
});

test('the plan says that the cut is two calls', () => {
  const plan = planBlueGreen(request(), both);
  const use = { rules: 1, ruleLimit: 100, targetGroups: 1, targetGroupLimit: 100 };
  const loadBalancers = [use, { ...use, name: 'public', rules: 99 }];
  const preview = previewDeployment(plan, { observed: both, blueTaskDefinition: undefined, loadBalancers });
  expect(preview.note).toMatch(/one burst of calls to 2 load balancers, and not one instant/);
  expect(preview.changes.filter(({ what }) => what === 'target group')).toHaveLength(2);
  expect(preview.budgets.map(({ what, used, atMost }) => `${what}: ${used}, ${atMost}`)).toEqual([
    'rules of the load balancer: 1, 2',
    'target groups of the load balancer: 1, 2',
    'rules of public: 99, 100',
    'target groups of public: 1, 2',
  ]);
});

test('a removal goes on through the other listener where an earlier one had come to its end through the first', () => {
  const { release: _, ...found } = observed({ slots: [slot('a'), slot('b')], others: [through('public-a')] });
  const plan = planRemoval(request(), found, ['Orders']);
  expect(plan).toMatchObject({ nothing: false, routed: true, servingGroupArn: 'public-a' });
});

test('a removal takes the rules and target groups of both', () => {
  const { release: _, ...found } = both;
  const plan = planRemoval(request(), found, ['Orders']);
  expect(plan).toMatchObject({ servingGroupArn: 'group-a' });
  expect(plan.alsoThrough?.[0]).toMatchObject({ servingGroupArn: 'public-a', liveRoute: { listenerArn: publicArn } });
});

test('replicas that were kept warm stay while one of the listeners leads to them', () => {
  const warm = { service: 'service-b', taskDefinition: 'definition-b' };
  const slots = [slot('a', { release: release('1.0.0', ['Orders']) }), slot('b', {})];
  const found = (group: string) => ({ ...both, slots, others: [through(group, slots)] });
  expect(planRetirement(request(), found('public-a'), warm)).toMatchObject({ service: 'service-b' });
  expect(planRetirement(request(), found('public-b'), warm)).toMatchObject({ service: null });
});

test('only target groups that no listener knows stand in the way of a twin', () => {
  const service = (groups: string[]) => slot('a', { targetGroupArns: groups });
  const views = (groups: string[]) => [
    { slots: [service(groups)] },
    { slots: [publicSlot('a', service(groups).service)] },
  ];
  const left = (groups: string[]) =>
    withOwnGroups(views(groups)).map(({ slots: [one] }) => one?.service?.targetGroupArns);
  expect(left(['group-a', 'public-a'])).toEqual([['group-a'], ['public-a']]);
  expect(left(['group-a', 'public-a', 'theirs'])).toEqual([
    ['group-a', 'theirs'],
    ['public-a', 'theirs'],
  ]);
});

test('names of the second groups fit, and differ by slot and load balancer', () => {
  const base = slotNames({ ...orders, name: 'A name that is far longer than any' }, 'a').service.slice(0, -2);
  const names = [publicArn, listenerArn].flatMap((arn) => [
    targetGroupBeside(base, 'a', arn),
    targetGroupBeside(base, 'b', arn),
  ]);
  expect(new Set(names).size).toBe(4);
  for (const name of names) expect(name).toMatch(/^[A-Za-z0-9-]{1,32}$/);
  expect(targetGroupBeside(base, 'a', publicTestArn)).toBe(targetGroupBeside(base, 'a', publicArn));
});

test('listeners that agree are no reason to stop', () => {
  const served = { blue: planBlueGreen(request(), both).blue, liveRoute: { listenerArn } };
  expect(() => refuseOtherBlue(orders, [served, served])).not.toThrow();
});

test('a slot’s target group behind another listener is the one of its service’s that the rules there know', () => {
  const slots = [slot('a', { targetGroupArns: ['group-a', 'public-a'] }), slot('b', { targetGroupArns: ['group-b'] })];
  const [there, idle] = slotsThrough(slots, [liveRule('public-a', ['Orders'])]);
  expect(there?.targetGroupArn).toBe('public-a');
  expect(idle?.targetGroupArn).toBeNull();
});

test('what serves through another load balancer is told where it is something else', () => {
  const live = { slot: 'a', servedBy: 'container', image: 'orders:2', version: '2' } as const;
  const elsewhere = { public: { slot: null, servedBy: 'platform-server', image: null, version: null } } as const;
  expect(formatServing(live)).toBe('slot a, orders:2');
  expect(formatServing({ ...live, elsewhere })).toBe('slot a, orders:2; through public the Platform Server');
});
