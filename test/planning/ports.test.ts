/** A service that is in several target groups of one load balancer: an administration page beside the modules, a second container. */
import type { TaskDefinition } from '@aws-sdk/client-ecs';
import { findForeignRoute } from '../../planning/adoption/foreign-route';
import { portsBeside } from '../../planning/listeners/ports';
import { tagKeys, targetGroupOfPort } from '../../planning/names';
import type {
  Observed,
  ObservedPort,
  ObservedService,
  ObservedSlot,
  ServicePort,
} from '../../planning/observed/observed';
import { planBlueGreen } from '../../planning/plans/deployment';
import { planRemoval } from '../../planning/plans/removal';
import { planRetirement } from '../../planning/plans/retirement';
import { planRollingUpdate } from '../../planning/plans/rolling-update';
import { previewDeployment } from '../../planning/preview/deployment';
import { planReturn } from '../../planning/returning/return';
import type { ListenerRule } from '../../planning/routing/listener-rules';
import { ruleAt } from '../../planning/routing/rule-states';
import { inSlotA, listener, listenerArn, liveTags, observed, orders, request, rule, slot } from './zone';

const wildcard = (...values: string[]) => ({ field: 'path-pattern' as const, values, regularExpressions: [] });
const forwards = (targetGroupArn: string, ...values: string[]) => ({
  conditions: [wildcard(...values)],
  forward: [{ targetGroupArn, weight: 1 }],
});
const fixed = { protocol: 'HTTP', protocolVersion: 'HTTP1', port: 80, targetType: 'ip', vpcId: 'vpc-1' };
const adminCheck = { HealthCheckPath: '/health', HealthCheckIntervalSeconds: '15', Matcher: '200-399' };
const web = { name: 'web', port: 8080 };
const admin = { name: 'admin', port: 9090 };

const task: TaskDefinition = {
  taskDefinitionArn: 'legacy:3',
  networkMode: 'awsvpc',
  containerDefinitions: [
    { name: 'web', image: 'registry/orders:latest', portMappings: [{ containerPort: 8080 }, { containerPort: 8081 }] },
    { name: 'admin', image: 'admin:1', portMappings: [{ containerPort: 9090 }] },
  ],
};

/** A service with its target groups, those of the modules first. */
const inGroups = (...ports: readonly (ServicePort & { targetGroupArn: string })[]): Partial<ObservedService> => ({
  container: { name: ports[0]!.name, port: ports[0]!.port },
  targetGroupArns: ports.map(({ targetGroupArn }) => targetGroupArn),
  ports,
});
const legacy = {
  name: 'legacy',
  desiredCount: 4,
  runningCount: 4,
  pendingCount: 0,
  taskDefinitionArn: 'legacy:3',
  targetGroupArns: ['old-admin', 'old'],
  settings: {},
  image: 'registry/orders:latest',
  ...inGroups({ ...web, targetGroupArn: 'old' }, { ...admin, targetGroupArn: 'old-admin' }),
};

const adminRule = rule('their-admin', 5, {
  ...forwards('old-admin', '/backoffice/*'),
  described: { Type: 'forward', TargetGroupArn: 'old-admin' },
});
const adminListenerArn = listenerArn.replace(/f$/, '9');

/** What another tool made, and where its second target group is reached. */
function adopting(leading: readonly ListenerRule[] = [adminRule], changes: Partial<ObservedPort> = {}): Observed {
  const live = listener(listenerArn, rule('r1', 10, forwards('old', '/Orders*')), ...leading);
  const route = findForeignRoute(orders, live, ['/Orders', '/OrdersAPI'], ['apps.example.com'])!;
  const foreign = { route, service: legacy, targetGroupArn: 'old', attributes: {}, adopted: task };
  const port: ObservedPort = {
    ...admin,
    id: 'admin:9090',
    listeners: [live],
    slots: [slot('a'), slot('b')],
    foreign: {
      ...foreign,
      targetGroupArn: 'old-admin',
      attributes: { 'slow_start.duration_seconds': '30' },
      fixed,
      healthCheck: adminCheck,
    },
    ...changes,
  };
  return observed({ liveListener: live, foreign, ports: [port] });
}

const plan = (seen: Observed, options = {}) => planBlueGreen(request(options), seen);

test('the target groups beside that of the modules are found, a port each, however often a port is there', () => {
  const again = { ...admin, targetGroupArn: 'old-admin-2' };
  const service = { ...legacy, ports: [...legacy.ports!, again] };
  const { foreign } = adopting();
  const seen = { ...observed(), foreign: { ...foreign!, service } };
  expect(portsBeside(seen)).toEqual([
    { ...admin, id: 'admin:9090', foreignGroup: 'old-admin' },
    { ...admin, id: 'admin:9090:2', foreignGroup: 'old-admin-2' },
  ]);
  expect(portsBeside(observed(inSlotA()))).toEqual([]);
});

describe('at the adoption', () => {
  test('each port gets a target group of its own as blue’s is, and green’s service is in all of them', () => {
    const { green, alsoThrough = [] } = plan(adopting());
    expect(green.service.ports).toEqual([web, admin]);
    const [port] = alsoThrough;
    expect(alsoThrough).toHaveLength(1);
    expect(port).toMatchObject({
      port: 'admin:9090',
      paths: [],
      blue: { service: 'legacy', targetGroupArn: 'old-admin' },
      green: {
        service: green.service,
        targetGroup: {
          name: targetGroupOfPort(green.targetGroup.name.replace(/-a$/, ''), 'a', 'admin:9090'),
          protocol: 'HTTP',
          vpcId: 'vpc-1',
          healthCheck: { path: '/health', intervalSeconds: 15, matcher: '200-399' },
          attributes: { 'slow_start.duration_seconds': '30' },
        },
      },
    });
    expect(port?.green.targetGroup.name).not.toBe(green.targetGroup.name);
  });

  test('its rules keep what they catch, lead to green with the cut, and are put back word for word', () => {
    const [port] = plan(adopting()).alsoThrough!;
    const groups = { blue: 'old-admin', green: 'new-admin' };
    const [moved, ...others] = port!.liveRoute.rules;
    expect(others).toEqual([]);
    expect(moved).toMatchObject({ arn: 'their-admin', priority: 5 });
    const after = ruleAt(moved!, { blue: 0, green: 100 }, groups);
    expect(after).toMatchObject({
      conditions: adminRule.conditions,
      forward: [{ targetGroupArn: 'new-admin', weight: 100 }],
    });
    expect(after).not.toHaveProperty('described');
    expect(ruleAt(moved!, 'before', groups)).toMatchObject({
      forward: adminRule.forward,
      described: adminRule.described,
    });
    expect(ruleAt(moved!, { blue: 90, green: 10 }, groups)?.forward.map(({ weight }) => weight)).toEqual([90, 10]);
  });

  test('a rule that nobody asks keeps both target groups attached, beside that of the modules', () => {
    const { testRoute, alsoThrough } = plan(adopting());
    const [port] = alsoThrough!;
    const groups = { blue: 'old-admin', green: 'new-admin' };
    const attached = ruleAt(port!.testRoute.rules[0]!, { blue: 0, green: 100, keepBlue: true }, groups);
    expect(attached?.forward.map(({ targetGroupArn }) => targetGroupArn)).toEqual(['old-admin', 'new-admin']);
    expect(attached?.conditions[0]?.values).toEqual([`/cutover-attaches/${orders.key}`]);
    expect([testRoute.port, port!.testRoute.port]).toEqual([undefined, 'admin:9090']);
  });

  test('plan names what is made and moved for it, and how that is proven', () => {
    const seen = adopting();
    const { changes, note } = previewDeployment(plan(seen), {
      observed: seen,
      blueTaskDefinition: task,
      loadBalancers: [],
    });
    const [port] = plan(seen).alsoThrough!;
    expect(changes.filter(({ what }) => what === 'target group')).toHaveLength(2);
    expect(changes).toContainEqual(
      expect.objectContaining({
        action: 'change',
        what: 'listener rule',
        name: 'priority 5',
        details: ['- forwards to old-admin (blue)', `+ forwards to ${port!.green.targetGroup.name} (green)`],
      }),
    );
    expect(note).toMatch(/rules that lead to admin:9090 move in the same burst/);
    expect(note).not.toMatch(/load balancers/);
  });

  test('what is deleted with what was adopted is its target group too, unless a default rule keeps that', () => {
    const seen = adopting();
    const { changes } = previewDeployment(plan(seen, { deleteAdopted: true }), {
      observed: seen,
      blueTaskDefinition: task,
      loadBalancers: [],
    });
    expect(
      changes.filter(({ action, what }) => action === 'delete' && what === 'target group').map(({ name }) => name),
    ).toEqual(['old', 'old-admin']);
    const [kept] = plan(byDefault(), { deleteAdopted: true }).alsoThrough!;
    expect(kept?.adoption?.deleted).toBe(false);
  });
});

/** The port has a listener of its own, whose default rule leads to it. */
function byDefault(group = 'old-admin', ...rules: readonly ListenerRule[]): Observed {
  const own = {
    ...listener(adminListenerArn),
    rules: [...rules, rule('default-9090', 0, { forward: [{ targetGroupArn: group, weight: 1 }] })],
  };
  const [defaultRule] = own.rules.slice(-1);
  const listeners = [{ ...own, rules: [...rules, { ...defaultRule!, priority: 'default' as const, conditions: [] }] }];
  return adopting([], { listeners });
}

describe('a listener of the port’s own, whose default rule leads to it', () => {
  test('its default rule stays, and a rule behind every other catches all until a rollback takes that away', () => {
    const other = rule('other', 40, forwards('elsewhere', '/x'));
    const [port] = plan(byDefault('old-admin', other)).alsoThrough!;
    const [made, ...others] = port!.liveRoute.rules;
    const groups = { blue: 'old-admin', green: 'new-admin' };
    expect(others).toEqual([]);
    expect(made).toMatchObject({ arn: null, priority: 41, found: null });
    expect(ruleAt(made!, { blue: 0, green: 100 }, groups)?.conditions).toEqual([wildcard('/*')]);
    expect(ruleAt(made!, 'before', groups)).toBeNull();
  });

  test('a deployment that was terminated after its cut left that rule: a rollback of the next takes it away', () => {
    const tags = { ...liveTags(), [tagKeys.port]: 'admin:9090' };
    const left = rule('made', 41, forwards('new-admin', '/*'), tags);
    const seen = byDefault('old-admin', left);
    const [port] = seen.ports!;
    const slots = [{ ...slot('a'), targetGroupArn: 'new-admin' }, slot('b')];
    const [planned] = plan({ ...seen, ports: [{ ...port!, slots }] }).alsoThrough!;
    expect(planned!.liveRoute.rules).toHaveLength(1);
    expect(planned!.liveRoute.rules[0]).toMatchObject({ arn: 'made', index: 0, before: null });
  });
});

describe('what can’t be moved is refused by name', () => {
  test.each<[string, Observed, RegExp]>([
    [
      'no rule leads to it',
      adopting([]),
      /target group old-admin too, for its port admin:9090, and no rule of an Application Load Balancer leads to that/,
    ],
    [
      'rules of two listeners lead to it',
      adopting(undefined, { listeners: [listener(listenerArn, adminRule), listener(adminListenerArn, adminRule)] }),
      /Rules of 2 listeners lead to target group old-admin/,
    ],
    [
      'others share its rule',
      adopting([
        rule('shared', 5, {
          ...forwards('old-admin', '/b'),
          forward: [
            { targetGroupArn: 'old-admin', weight: 1 },
            { targetGroupArn: 'other', weight: 1 },
          ],
        }),
      ]),
      /shared .*shares its requests between target groups old-admin and other/,
    ],
    [
      'another application owns its rule',
      adopting([
        { ...adminRule, tags: { [tagKeys.zone]: 'production', [tagKeys.key]: 'x', [tagKeys.application]: 'Invoices' } },
      ]),
      /which belongs to application Invoices, leads to another port of Orders's service/,
    ],
    [
      'it is behind a Network Load Balancer',
      adopting(undefined, { foreign: { ...adopting().ports![0]!.foreign!, fixed: { ...fixed, protocol: 'TCP' } } }),
      /old-admin \(TCP\) too, .* Application Load Balancers only/,
    ],
  ])('%s', (_, seen, sentence) => {
    expect(() => plan(seen)).toThrow(sentence);
  });

  test('the new release has no such container, or the port isn’t mapped', () => {
    const seen = adopting();
    const without = {
      ...seen.foreign!,
      adopted: { ...task, containerDefinitions: task.containerDefinitions!.slice(0, 1) },
    };
    expect(() => plan({ ...seen, foreign: without })).toThrow(
      /port 9090 of its container admin, which task definition .* doesn't have/,
    );
  });

  test('a target group that nobody can tell anything of', () => {
    const { ports: _, ...seen } = adopting();
    expect(() => plan(seen)).toThrow(/legacy is in 2 target groups, and it can't be told what leads to old-admin/);
  });
});

/** The next deployments: slot a serves, with both of its target groups. */
function inSlots(leads = 'a-admin'): Observed {
  const { liveListener, slots } = inSlotA();
  const live = {
    ...liveListener,
    rules: [rule('their-admin', 5, forwards(leads, '/backoffice/*')), ...liveListener.rules],
  };
  const service = (name: 'a' | 'b'): ObservedSlot['service'] => ({
    ...slots.find((one) => one.slot === name)!.service!,
    ...inGroups({ ...web, targetGroupArn: `group-${name}` }, { ...admin, targetGroupArn: `${name}-admin` }),
  });
  const withAdopted = slots.map((one) => ({ ...one, service: service(one.slot), adopted: task }));
  const ports = withAdopted.map((one) => ({
    ...one,
    targetGroupArn: `${one.slot}-admin`,
    fixed,
    healthCheck: adminCheck,
  }));
  return observed({
    liveListener: live,
    slots: withAdopted,
    ports: [{ ...admin, id: 'admin:9090', listeners: [live], slots: ports }],
  });
}

describe('at the next deployments', () => {
  test('the port moves from slot to slot, by the rule that is still its owner’s', () => {
    const { green, alsoThrough } = plan(inSlots());
    const [port] = alsoThrough!;
    expect(green.slot).toBe('b');
    expect(port).toMatchObject({
      blue: { service: 'service-a', targetGroupArn: 'a-admin' },
      blueTargetGroup: { arn: 'a-admin' },
      blueFailover: { off: expect.anything() },
      adoption: null,
    });
    expect(port!.liveRoute.rules).toMatchObject([
      { arn: 'their-admin', found: { forward: [{ targetGroupArn: 'a-admin' }] } },
    ]);
  });

  test('after a cut that was terminated between the two, the rule that moved is found, and a rollback leads it back', () => {
    const [port] = plan(inSlots('b-admin')).alsoThrough!;
    const [moved] = port!.liveRoute.rules;
    expect(ruleAt(moved!, 'before', { blue: 'a-admin', green: 'b-admin' })?.forward).toEqual([
      { targetGroupArn: 'a-admin', weight: 100 },
    ]);
  });

  test('replicas that were kept warm are of use only where they are targets at every port', () => {
    const seen = inSlots();
    const warm = (ports: ObservedService['ports']) => {
      const slots = seen.slots.map((one) =>
        one.slot === 'b' ? { ...one, service: { ...one.service!, ports: ports!, desiredCount: 3 } } : one,
      );
      return plan({ ...seen, slots, earlier: { ...task, taskDefinitionArn: 'definition-b' } }).warm;
    };
    expect(warm(seen.slots[1]!.service!.ports)).not.toBeNull();
    expect(warm([{ ...web, targetGroupArn: 'group-b' }])).toBeNull();
  });

  test('a rolling update leaves the port’s rules where they are, and its pilot is in all target groups', () => {
    const rolling = planRollingUpdate(request(), inSlots());
    expect(rolling.rulesMove).toBe(true);
    const same = planRollingUpdate(request(), { ...inSlots(), release: { ...inSlots().release, modules: ['Orders'] } });
    expect(same.rulesMove).toBe(false);
    expect(same.green.service).toMatchObject({ desiredCount: 1, ports: [web, admin] });
  });

  test('what was kept warm is drained at every port, and its attaching rule goes', () => {
    const seen = inSlots();
    const slots = seen.slots.map((one) => ({ ...one, service: { ...one.service!, desiredCount: 3 } }));
    const retired = planRetirement(
      request(),
      { ...seen, slots },
      { service: 'service-b', taskDefinition: 'definition-b' },
    );
    expect(retired.alsoThrough).toMatchObject([{ targetGroupArn: 'b-admin', testRoute: { port: 'admin:9090' } }]);
  });

  test('a removal asks for the rule first, for nothing takes over; then the target groups go with the slots', () => {
    const settings =
      ', platformServer: { targetGroup: "arn:aws:elasticloadbalancing:eu-west-1:123456789012:targetgroup/ps/1" }';
    const seen = inSlots();
    expect(() => planRemoval(request({}, settings), seen, ['Orders'])).toThrow(
      /Listener rule their-admin .*leads to port admin:9090/,
    );
    const gone = { ...seen, ports: seen.ports!.map((port) => ({ ...port, listeners: [] })) };
    const removal = planRemoval(request({}, settings), gone, ['Orders']);
    // What runs stays attached until it is drained.
    expect(removal.leftoverGroupArns).toEqual(['a-admin']);
    const groups = removal.slots.map(({ targetGroupArn }) => targetGroupArn);
    expect(groups).toEqual(['group-a', 'group-b', 'a-admin', 'b-admin']);
  });

  test('without Temporal the port goes back with the modules, by its rules', () => {
    const seen = inSlots('b-admin');
    const { liveListener } = inSlotA();
    const live = {
      ...seen.liveListener,
      rules: [
        seen.liveListener.rules[0]!,
        { ...liveListener.rules[0]!, forward: [{ targetGroupArn: 'group-b', weight: 1 }] },
        ...liveListener.rules.slice(1),
      ],
    };
    const slots = seen.slots.map((one) => ({
      ...one,
      service: { ...one.service!, release: inSlotA().slots[0]!.service!.release! },
    }));
    const now = {
      ...seen,
      liveListener: live,
      slots,
      ports: seen.ports!.map((port) => ({
        ...port,
        listeners: [live],
        slots: port.slots.map((one, at) => ({ ...one, service: slots[at]!.service })),
      })),
    };
    const { through } = planReturn(request(), now, { previous: 'definition-a', over: true });
    expect(through).toHaveLength(2);
    expect(through[1]).toMatchObject({
      port: 'admin:9090',
      groups: { blue: 'b-admin', green: 'a-admin' },
      differing: [{ arn: 'their-admin' }],
    });
  });
});
