import type { TaskDefinition } from '@aws-sdk/client-ecs';
import { findForeignRoute } from '../../../planning/adoption/foreign-route';
import { planBlueGreen } from '../../../planning/plans/deployment';
import { previewDeployment } from '../../../planning/preview/deployment';
import { planRollingUpdate } from '../../../planning/plans/rolling-update';
import { applicationTags, fromEcsTags, tagKeys } from '../../../planning/names';
import type { ListenerRule } from '../../../planning/routing/listener-rules';
import type { Observed, ObservedForeign, ObservedService, ServiceTraits } from '../../../planning/observed/observed';
import { ruleAt } from '../../../planning/routing/rule-states';
import {
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
  slot,
} from '../zone';

const hosts = ['apps.example.com'];
const paths = ['/Orders', '/OrdersAPI'];
const wildcard = (...values: string[]) => ({ field: 'path-pattern' as const, values, regularExpressions: [] });
const theirs = (arn: string, priority: number, values: string[], more: Partial<ListenerRule> = {}) => ({
  ...rule(arn, priority, { conditions: [wildcard(...values)], forward: [{ targetGroupArn: 'old', weight: 1 }] }),
  ...more,
});
/** As the reference automation makes them: a pattern a module, one target group. */
const reference = [theirs('r1', 1, ['/Orders*']), theirs('r2', 2, ['/OrdersAPI*'])];

const method = { field: 'http-request-method' as const, values: ['GET'], regularExpressions: [] };

const traits: ServiceTraits = {
  controller: 'ECS',
  strategy: 'ROLLING',
  scheduling: 'REPLICA',
  serviceConnect: false,
};
const legacy: ObservedService & { image: string | null } = {
  name: 'legacy',
  desiredCount: 4,
  runningCount: 4,
  pendingCount: 0,
  taskDefinitionArn: 'legacy:3',
  targetGroupArns: ['old'],
  settings: { platformVersion: '1.4.0' },
  traits,
  image: 'registry/orders:latest',
};

function behind(rules: readonly ListenerRule[], changes: Partial<ObservedForeign> = {}): Observed {
  const live = listener(listenerArn, ...rules);
  const route = findForeignRoute(orders, live, paths, hosts);
  if (!route) throw new Error('Nothing to adopt.');
  const found = { route, service: legacy, targetGroupArn: 'old', attributes: {} };
  return observed({ liveListener: live, foreign: { ...found, ...changes } });
}
const plan = (rules: readonly ListenerRule[] = reference, changes: Partial<ObservedForeign> = {}, options = {}) =>
  planBlueGreen(request(options), behind(rules, changes));

describe('what it was adopted with stays', () => {
  const adopted: TaskDefinition = {
    taskDefinitionArn: 'legacy:3',
    family: 'legacy',
    revision: 3,
    status: 'ACTIVE',
    networkMode: 'awsvpc',
    cpu: '512',
    memory: '4096',
    taskRoleArn: 'role/legacy',
    runtimePlatform: { operatingSystemFamily: 'LINUX' },
    containerDefinitions: [
      {
        name: 'web',
        image: 'registry/orders:latest',
        portMappings: [{ containerPort: 9000 }],
        environment: [
          { name: 'A', value: 'theirs' },
          { name: 'B', value: 'theirs' },
        ],
        secrets: [{ name: 'KEY', valueFrom: 'arn' }],
        logConfiguration: { logDriver: 'splunk' },
        dependsOn: [{ containerName: 'agent', condition: 'START' }],
        stopTimeout: 90,
      },
      { name: 'agent', image: 'agent:1' },
    ],
  };
  const container = { name: 'web', port: 9000 };
  const theirService = { ...legacy, container };
  const adopting = (settings = '') =>
    planBlueGreen(request({}, settings), behind(reference, { adopted, service: theirService }));

  test('all of it but the image, where the settings say nothing', () => {
    const { taskDefinition, green } = adopting();
    const [web, ...others] = taskDefinition.containerDefinitions ?? [];
    expect(web).toMatchObject({ ...adopted.containerDefinitions?.[0], image: 'registry/orders@sha256:2.0.0' });
    expect(others).toEqual([{ name: 'agent', image: 'agent:1' }]);
    expect(taskDefinition).toMatchObject({
      networkMode: 'awsvpc',
      cpu: '512',
      memory: '4096',
      taskRoleArn: 'role/legacy',
    });
    expect(taskDefinition).not.toHaveProperty('status');
    expect(green.service.container).toEqual(container);
  });

  test('the tags that somebody gave it, beside cutover’s own and those of the settings', () => {
    const tags = { Team: 'web', CostCentre: '7', 'aws:cloudformation:stack-name': 'legacy' };
    const service = { ...theirService, tags };
    const tagged = behind(reference, { adopted: { ...adopted, tags }, service });
    const { taskDefinition, green } = planBlueGreen(request({}, ", tags: { CostCentre: '42' }"), tagged);
    expect(green.service).toMatchObject({ tags: { CostCentre: '42' }, tagsOfOthers: { Team: 'web' } });
    expect(fromEcsTags(taskDefinition.tags)).toMatchObject({ Team: 'web', CostCentre: '42' });
    expect(fromEcsTags(taskDefinition.tags)).not.toHaveProperty(['aws:cloudformation:stack-name']);
  });

  test('what ECS judges its own deployments by: once this one is over, for in the midst of it ECS would be in the way', () => {
    const failureDetection = {
      deploymentCircuitBreaker: { enable: true, rollback: true },
      alarms: { alarmNames: ['5xx'], enable: true, rollback: true },
      earlySuccessCriteria: { enable: true, healthyPercent: 50 },
    };
    const seen = behind(reference, { adopted, service: { ...theirService, failureDetection } });
    const plan = planBlueGreen(request(), seen);
    const { name, settings } = plan.green.service;
    expect(settings.deploymentConfiguration).toEqual({ minimumHealthyPercent: 100, maximumPercent: 200 });
    expect(plan.failureDetection).toEqual({
      service: name,
      configuration: {
        ...settings.deploymentConfiguration,
        ...failureDetection,
        earlySuccessCriteria: { enable: true, healthyPercent: 100 },
      },
    });
    const { changes } = previewDeployment(plan, { observed: seen, blueTaskDefinition: adopted, loadBalancers: [] });
    const members = Object.keys(failureDetection).map((member) => `deploymentConfiguration.${member}`);
    const lines = changes.find(({ what }) => what === 'service')?.details ?? [];
    expect(lines).toContain(`${members.join(' and ')} as now, once this deployment is over`);
  });

  test('the settings’ own words are put on top', () => {
    const { taskDefinition, green } = adopting(
      ", taskDefinition: { cpu: '1024', containerDefinitions: [{ name: application, memory: 5 }, { name: agent, image: 'agent:2' }] }, container: { port: 9000, environment: { A: ours } }",
    );
    const [web, ...others] = taskDefinition.containerDefinitions ?? [];
    expect(taskDefinition).toMatchObject({ cpu: '1024', memory: '4096' });
    expect(web).toMatchObject({ name: 'web', memory: 5, stopTimeout: 90 });
    expect(web?.environment).toEqual([
      { name: 'A', value: 'ours' },
      { name: 'B', value: 'theirs' },
    ]);
    expect(others).toEqual([{ name: 'agent', image: 'agent:2' }]);
    expect(green.service.container).toEqual(container);
  });

  test('at the next deployments too: each release says what it was adopted with', () => {
    const first = adopting().taskDefinition.containerDefinitions?.[0]?.dockerLabels;
    expect(first?.['io.cutover.adopted']).toBe('legacy:3');
    const found = inSlotA();
    const [a, ...others] = found.slots;
    const serving = { ...a!, service: { ...a!.service!, container }, adopted };
    const next = planBlueGreen(request(), observed({ ...found, slots: [serving, ...others] })).taskDefinition;
    expect(next.containerDefinitions?.[0]).toMatchObject({ name: 'web', stopTimeout: 90 });
    expect(next.containerDefinitions?.[0]?.dockerLabels?.['io.cutover.adopted']).toBe('legacy:3');
  });
});

describe('refused, with what to do', () => {
  test.each<[string, readonly ListenerRule[], Partial<ObservedForeign>, RegExp]>([
    ['no service is behind the rules', reference, { service: null }, /no ECS service of the zone's cluster is behind/],
    [
      'it is in several target groups',
      reference,
      { service: { ...legacy, targetGroupArns: ['old', 'internal'] } },
      /is in 2 target groups/,
    ],
    [
      'a rule asks for more than paths',
      [theirs('r1', 1, ['/Orders*'], { conditions: [wildcard('/Orders*'), method] })],
      {},
      /r1 \(priority 1\) asks for http-request-method too/,
    ],
    [
      'a rule is for a host that the zone does not name',
      [
        theirs('r1', 1, ['/Orders*'], {
          conditions: [
            wildcard('/Orders*'),
            { field: 'host-header', values: [...hosts, 'old.example.com'], regularExpressions: [] },
          ],
        }),
      ],
      {},
      /is for host old\.example\.com, which the zone doesn't name/,
    ],
  ])('%s', (_, rules, changes, message) => expect(() => plan(rules, changes)).toThrow(message));

  test('modules behind several target groups', () => {
    const two = [
      theirs('r1', 1, ['/Orders']),
      theirs('r2', 1, ['/OrdersAPI*'], { forward: [{ targetGroupArn: 'other', weight: 1 }] }),
    ];
    expect(() => plan(two)).toThrow(/behind 2 target groups of another tool \(.*\), and one application is adopted/);
  });

  test('a rolling update: there is no slot to roll yet', () => {
    expect(() => planRollingUpdate(request({ strategy: 'rollingUpdate' }), behind(reference))).toThrow(
      /served by ECS service legacy, which another tool made: deploy it with the strategy blueGreen first/,
    );
  });

  test.each<[Partial<ServiceTraits>, RegExp]>([
    [{ controller: 'CODE_DEPLOY' }, /deployed by CODE_DEPLOY.*--deployment-controller type=ECS"/],
    [{ strategy: 'BLUE_GREEN' }, /ECS's own deployment strategy BLUE_GREEN.*strategy=ROLLING"/],
    [{ scheduling: 'DAEMON' }, /scheduling strategy DAEMON/],
    [{ serviceConnect: true }, /uses Service Connect.*--service-connect-configuration enabled=false"/],
  ])('a service with %j', (changed, message) =>
    expect(() => plan(reference, { service: { ...legacy, traits: { ...traits, ...changed } } })).toThrow(message),
  );

  test('what another application of cutover owns is never adopted', () => {
    const owned = theirs('r1', 1, ['/Orders*'], { tags: { ...applicationTags(invoices), [tagKeys.route]: 'live' } });
    const live = listener(listenerArn, owned);
    expect(findForeignRoute(orders, live, paths, hosts)).toBeUndefined();
    expect(() => planBlueGreen(request(), observed({ liveListener: live }))).toThrow(/belongs to application Invoices/);
  });
});

test('what another tool made is blue: green is its twin, at its count', () => {
  const { blue, blueFailover, green, live } = plan();
  expect(blue).toMatchObject({ kind: 'adopted', service: 'legacy', targetGroupArn: 'old', desiredCount: 4 });
  expect(blueFailover).toBeUndefined();
  expect(green).toMatchObject({ slot: 'a', service: { desiredCount: 4, settings: { platformVersion: '1.4.0' } } });
  expect(live).toEqual({ slot: null, servedBy: 'container', image: 'registry/orders:latest', version: 'latest' });
});

test('one call cuts every module: the first of their rules becomes ours, and a rollback puts it back exactly', () => {
  const { liveRoute, adoption } = plan();
  const groups = { blue: 'old', green: 'green' };
  expect(liveRoute.rules).toHaveLength(1);
  const [only] = liveRoute.rules;
  expect(only).toMatchObject({ arn: 'r1', priority: 1 });
  expect(ruleAt(only!, { blue: 0, green: 100 }, groups)).toMatchObject({
    conditions: [path('^/(Orders|OrdersAPI)(/.*)?$')],
    forward: [{ targetGroupArn: 'green', weight: 100 }],
  });
  const { conditions, forward, otherActions, transforms } = reference[0]!;
  expect(ruleAt(only!, 'before', groups)).toEqual({ conditions, forward, otherActions, transforms });
  expect(adoption?.rules.map(({ arn, ruleIndex }) => [arn, ruleIndex])).toEqual([
    ['r1', 0],
    ['r2', null],
  ]);
});

test('every rule that leads to what is adopted goes with it, also for modules that are no more', () => {
  const { adoption } = plan([...reference, theirs('r3', 3, ['/OrdersOld*'])]);
  expect(adoption?.rules.map(({ arn }) => arn)).toEqual(['r1', 'r2', 'r3']);
});

test('rules that differ in a login each keep their own modules, and their login', () => {
  const login = { Type: 'authenticate-oidc', Order: 1 } as const;
  const apart = [theirs('r1', 1, ['/OrdersAPI*'], { otherActions: [login] }), theirs('r2', 2, ['/Orders*'])];
  const { liveRoute } = plan(apart);
  expect(liveRoute.rules.map(({ arn, after }) => [arn, after?.conditions, after?.otherActions])).toEqual([
    ['r1', [path('^/(OrdersAPI)(/.*)?$')], [login]],
    ['r2', [path('^/(Orders)(/.*)?$')], []],
  ]);
});

test('with shares, every rule shares what it catches now', () => {
  const { liveRoute } = plan(reference, {}, { shift: [{ percent: 10 }, { percent: 100 }] });
  // The first catches both modules, the second none that is left.
  const [first] = liveRoute.rules;
  expect(ruleAt(first!, { blue: 90, green: 10 }, { blue: 'old', green: 'green' })).toMatchObject({
    conditions: [wildcard('/Orders*')],
    forward: [
      { targetGroupArn: 'old', weight: 90 },
      { targetGroupArn: 'green', weight: 10 },
    ],
  });
});

test('what another listener leads to as well is not adopted: requests that come that way would be lost', () => {
  const onAnother = [elsewhere(80, theirs('http-rule', 4, ['/Orders*']))];
  expect(() => planBlueGreen(request(), { ...behind(reference), elsewhere: onAnother })).toThrow(
    /rule http-rule \(priority 4\), of another listener than .*, sends requests to legacy, which is retired/,
  );
});

test('a module that would be caught by yet another rule after the cut is refused', () => {
  const between = theirs('x', 5, ['/OrdersAPI'], { forward: [{ targetGroupArn: 'else', weight: 1 }], tags: {} });
  const login = { Type: 'authenticate-cognito', Order: 1 } as const;
  const published = { ...request(), paths: { OrdersAPI: '/api' } };
  const rules = [theirs('r1', 1, ['/Orders*', '/api*'], { otherActions: [login] }), between];
  const live = listener(listenerArn, ...rules);
  const route = findForeignRoute(orders, live, ['/Orders', '/api'], hosts)!;
  const foreign = { route, service: legacy, targetGroupArn: 'old', attributes: {} };
  const seen = observed({
    liveListener: listener(listenerArn, theirs('wide', 3, ['/api*'], { forward: between.forward }), ...rules),
    foreign,
  });
  expect(() => planBlueGreen(published, seen)).toThrow(/\/api .*caught by listener rule wide/);
});

test('a module that a rule before the adopted one catches loses nothing, and is not named', () => {
  const own = rule('admin', 0.5, { conditions: [path('^/OrdersAdmin(/.*)?$')] });
  const planned = planBlueGreen(
    { ...request(), others: () => ({ OrdersAdmin: 'Back Office', Elsewhere: 'Back Office' }) },
    behind([...reference, own]),
  );
  expect(planned.adoption?.stopsCatching.join()).not.toMatch(/Back Office/);
});

test('plan tells what the narrower rules stop catching, and what becomes of theirs', () => {
  const planned = planBlueGreen(
    { ...request({ deleteAdopted: true }), others: () => ({ OrdersAdmin: 'Back Office' }) },
    behind(reference),
  );
  const loadBalancers = [{ rules: 3, ruleLimit: 100, targetGroups: 2, targetGroupLimit: 100 }];
  const { stopsCatching, changes } = previewDeployment(planned, {
    observed: behind(reference),
    blueTaskDefinition: undefined,
    loadBalancers,
  });
  expect(stopsCatching).toEqual([
    '/Orders* (priority 1), but for the modules themselves; among it /OrdersAdmin of Back Office',
    '/OrdersAPI* (priority 2), but for the modules themselves',
  ]);
  expect(changes.filter(({ action }) => action === 'delete').map(({ what, name }) => `${what} ${name}`)).toEqual([
    'listener rule priority 2',
    'service legacy',
    'target group old',
    'test listener rule priority 1000',
  ]);
});

describe('after a Terminate in the middle of it', () => {
  const marks = { ...applicationTags(orders), [tagKeys.route]: 'adopted', [tagKeys.adopted]: 'legacy' };
  const cut = rule(
    'r1',
    1,
    { conditions: [path('^/(Orders|OrdersAPI)(/.*)?$')], forward: [{ targetGroupArn: 'group-a', weight: 100 }] },
    marks,
  );

  test('before the cut it begins again', () => {
    const { blue, adoption } = plan(reference.map((one) => ({ ...one, tags: marks })));
    expect(blue).toMatchObject({ kind: 'adopted', service: 'legacy' });
    expect(adoption?.rules).toHaveLength(2);
  });

  test('after the cut blue is the slot, and what was adopted goes with the next deployment', () => {
    const left = behind([cut, theirs('r2', 2, ['/OrdersAPI*'], { tags: marks })]);
    const planned = planBlueGreen(request(), { ...left, slots: [slot('a', {}), slot('b')] });
    expect(planned.blue).toMatchObject({ kind: 'slot', slot: 'a' });
    expect(planned.green.slot).toBe('b');
    expect(planned.adoption).toMatchObject({
      service: 'legacy',
      targetGroupArn: 'old',
      rules: [
        { arn: 'r1', ruleIndex: 0 },
        { arn: 'r2', ruleIndex: null },
      ],
    });
    expect(ruleAt(planned.liveRoute.rules[0]!, 'before', { blue: 'group-a', green: 'x' })).toMatchObject({
      forward: [{ targetGroupArn: 'group-a', weight: 100 }],
    });
  });

  test('with shares, blue is the larger', () => {
    const forward = [
      { targetGroupArn: 'old', weight: 80 },
      { targetGroupArn: 'group-a', weight: 20 },
    ];
    const shared = behind([theirs('r1', 1, ['/Orders*'], { tags: marks, forward })]);
    const { blue, liveRoute } = planBlueGreen(request(), { ...shared, slots: [slot('a', {}), slot('b')] });
    expect(blue).toMatchObject({ kind: 'adopted' });
    expect(ruleAt(liveRoute.rules[0]!, 'before', { blue: 'old', green: 'x' })).toMatchObject({
      conditions: [wildcard('/Orders*')],
      forward: [{ targetGroupArn: 'old', weight: 100 }],
    });
  });
});
