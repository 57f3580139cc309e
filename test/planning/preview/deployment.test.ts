import { planBlueGreen } from '../../../planning/plans/deployment';
import { applicationTags, tagKeys } from '../../../planning/names';
import type { Observed } from '../../../planning/observed/observed';
import { previewDeployment } from '../../../planning/preview/deployment';
import type { PlaceOf } from '../../../planning/preview/settings';
import { tagsAtCreation } from '../../../planning/tags';
import { settingsOfPlan, type TargetGroupPlan } from '../../../planning/plans/target-group';
import { resolveApplication } from '../../../activities/aws/plans/applications';
import { parseSettings } from '../../../settings/load';
import { zone as minimal } from '../../settings/minimal';
import type { RunbookOptions } from '../../../settings/runbook';
import { listener, listenerArn, observed, orders, path, release, request, rule, slot } from '../zone';

const loadBalancers = [{ rules: 98, ruleLimit: 100, targetGroups: 3, targetGroupLimit: 100 }];
const modules = ['Orders', 'OrdersAPI'];

function preview(
  from: Partial<Observed>,
  blueIsTheSame = false,
  options: RunbookOptions = {},
  { edits = '', placeOf }: { readonly edits?: string; readonly placeOf?: PlaceOf } = {},
) {
  const plan = planBlueGreen(request(options, edits), observed(from));
  const { containerDefinitions = [], ...rest } = planBlueGreen(request(options), observed(from)).taskDefinition;
  const [container] = containerDefinitions;
  const registered = { ...rest, containerDefinitions: [{ ...container, ...(!blueIsTheSame && { image: 'old' }) }] };
  const blueTaskDefinition = plan.blue.kind === 'slot' ? (registered as never) : undefined;
  return previewDeployment(plan, { observed: observed(from), blueTaskDefinition, loadBalancers, placeOf });
}

/** Slot a serves 1.0.0 with the modules that the next release has too. */
const inContainers = (): Partial<Observed> => {
  const conditions = [path('^/(Orders|OrdersAPI)(/.*)?$')];
  const forward = [{ targetGroupArn: 'group-a', weight: 100 }];
  const tags = { ...applicationTags(orders), [tagKeys.route]: 'live', [tagKeys.rule]: '0' };
  return {
    liveListener: listener(listenerArn, rule('arn/1', 1999, { conditions, forward }, tags)),
    slots: [slot('a', { release: release('1.0.0', modules) }), slot('b')],
  };
};

const told = ({ changes }: ReturnType<typeof preview>) => changes.map(({ action, what }) => `${action} ${what}`);

test('a move from the Platform Server creates all and says that two rules more are needed', () => {
  const shown = preview({});
  expect(told(shown)).toEqual([
    'create task definition',
    'create target group',
    'create test listener rule',
    'create service',
    'create listener rule',
    'delete test listener rule',
  ]);
  expect(shown.upToDate).toBe(false);
  expect(shown.budgets[0]).toEqual({ what: 'rules of the load balancer', used: 98, atMost: 100, limit: 100 });
});

test('what an earlier run left running is told to go, and only that', () => {
  const { changes } = preview({ slots: [slot('a', { desiredCount: 2 }), slot('b', { desiredCount: 2 })] });
  const going = changes.filter(({ details }) => details.some((line) => line.includes('→ 0 tasks')));
  expect(going).toMatchObject([
    { what: 'service', name: 'service-b', details: ['→ 0 tasks, once the bake is over: an earlier run left them'] },
  ]);
});

test('the next version turns the one live rule from blue to green, and scales blue in', () => {
  const shown = preview(inContainers());
  expect(told(shown)).toContain('change listener rule');
  const cut = shown.changes.find(({ what, action }) => what === 'listener rule' && action === 'change');
  expect(cut?.details).toEqual([
    '- forwards to group-a (blue)',
    expect.stringMatching(/^\+ forwards to Orders-\w+-b \(green\)$/),
  ]);
  expect(shown.changes).toContainEqual(
    expect.objectContaining({ what: 'service', name: 'service-a', details: ['3 → 0 tasks, once the bake is over'] }),
  );
});

test('green’s shares are shown with their bakes, in their order, before it gets all', () => {
  const shift = [{ percent: 5, bake: 600_000 }, { percent: 50 }, { percent: 100 }];
  const { changes } = preview(inContainers(), false, { shift });
  expect(changes.find(({ what }) => what === 'listener rule')?.details).toEqual([
    '- forwards to group-a (blue)',
    '5 % to green first, for 10m',
    '50 % to green first',
    expect.stringMatching(/^\+ forwards to .* \(green\)$/),
  ]);
});

test('a release that is live already would change nothing', () => {
  const { from } = asSettingsSay();
  expect(preview(from, true).upToDate).toBe(true);
  expect(preview(from, false).upToDate).toBe(false);
});

test('tags that the settings changed are told for all that exists, and it is no longer up to date', () => {
  const { from } = asSettingsSay();
  const slots = from.slots.map((one) => ({ ...one, targetGroupTags: tagsAtCreation({ Owner: 'ops' }) }));
  const { changes, upToDate } = preview({ ...from, slots }, true, {}, { edits: ", tags: { CostCentre: '42' }" });
  expect(upToDate).toBe(false);
  expect(changes).toContainEqual({
    action: 'change',
    what: 'target group',
    name: 'group-a',
    details: ['- tag Owner', '+ tag CostCentre: 42'],
  });
  expect(changes).toContainEqual({
    action: 'change',
    what: 'listener rule',
    name: 'priority 1999',
    details: ['+ tag CostCentre: 42'],
  });
});

/** Slot a serves, and its service and target group are as the settings want them. */
function asSettingsSay() {
  const [blue, idle] = [slot('a', { release: release('1.0.0', modules) }), slot('b', { desiredCount: 0 })];
  const wanted = planBlueGreen(request(), observed(inContainers())).green;
  const set = { ...blue, healthCheck: settingsOfPlan(wanted.targetGroup), fixed: fixedOf(wanted.targetGroup) };
  const service = blue.service && { ...blue.service, settings: wanted.service.settings };
  return {
    from: {
      ...inContainers(),
      slots: [
        { ...set, service },
        { ...idle, fixed: set.fixed },
      ],
    },
    idle,
  };
}

const fixedOf = ({ protocol, port, targetType }: TargetGroupPlan) => ({
  protocol,
  port,
  targetType,
  vpcId: 'vpc-1',
  protocolVersion: 'HTTP1',
});

test('an edit of the settings is told as now → then, with the line that wants it, and is no longer up to date', () => {
  const { from } = asSettingsSay();
  const edits =
    ", service: { healthCheckGracePeriod: 120s, maximumPercent: 150 }, network: { subnets: [subnet-2] }, targetGroup: { healthCheck: { interval: 20s } }, taskDefinition: { cpu: '2048' }";
  const placeOf = (path: readonly string[]) => `cutover.yaml:${path.length}`;
  const { changes, upToDate } = preview(from, true, {}, { edits, placeOf });
  expect(upToDate).toBe(false);
  expect(changes.flatMap(({ details }) => details)).toEqual(
    expect.arrayContaining([
      'healthCheckGracePeriodSeconds: 60 → 120 (cutover.yaml:2)',
      'deploymentConfiguration.maximumPercent: 200 → 150 (cutover.yaml:2)',
      'networkConfiguration.awsvpcConfiguration.subnets.0: none → "subnet-2" (cutover.yaml:1)',
      'cpu: "1024" → "2048" (cutover.yaml:2)',
      'HealthCheckIntervalSeconds: none → "20" (cutover.yaml:3)',
    ]),
  );
});

test('lists that AWS gives in another order are no difference, and a role that the settings name no more is one', () => {
  const { from } = asSettingsSay();
  const network = (subnets: readonly string[]) => `, network: { subnets: [${subnets.join(', ')}] }`;
  const [blue, idle] = from.slots;
  const twoSubnets = planBlueGreen(request({}, network(['subnet-1', 'subnet-2'])), observed(from)).green.service;
  const service = blue?.service && { ...blue.service, settings: twoSubnets.settings };
  const seen = { ...from, slots: [{ ...blue!, service: service! }, idle!] };
  expect(preview(seen, true, {}, { edits: network(['subnet-2', 'subnet-1']) }).upToDate).toBe(true);
  const withRole = planBlueGreen(request({}, ', taskDefinition: { taskRoleArn: role }'), observed(from)).taskDefinition;
  const { changes, upToDate } = previewDeployment(planBlueGreen(request(), observed(from)), {
    observed: observed(from),
    blueTaskDefinition: withRole as never,
    loadBalancers,
  });
  expect(upToDate).toBe(false);
  expect(changes[0]?.details).toContain('- taskRoleArn');
});

test('a difference in a container is told with the line of that container, and of what an application takes away', () => {
  const { from } = asSettingsSay();
  const { zone, placeOf } = resolveApplication(
    parseSettings(
      `${minimal}applications:\n  Orders:\n    key: ${orders.key}\n    taskDefinition:\n      containerDefinitions:\n        - name: application\n          environment:\n            - { name: LEVEL, value: debug }\n`,
      'cutover.yaml',
    ),
    'production/Orders',
  );
  const plan = planBlueGreen({ ...request(), zone }, observed(from));
  const { containerDefinitions = [], ...rest } = plan.taskDefinition;
  const blueTaskDefinition = {
    ...rest,
    containerDefinitions: [{ ...containerDefinitions[0], environment: [{ name: 'LEVEL', value: 'info' }] }],
  } as never;
  const { changes } = previewDeployment(plan, { observed: observed(from), blueTaskDefinition, loadBalancers, placeOf });
  expect(changes[0]?.details).toContain(
    'containerDefinitions.application.environment.LEVEL.value: "info" → "debug" (cutover.yaml:15)',
  );
});

test('a target group that can’t be changed into what is wanted is told to be made anew, in the idle slot', () => {
  const { from } = asSettingsSay();
  const { changes } = preview(from, false, {}, { edits: ', targetGroup: { protocol: HTTPS, port: 443 }' });
  expect(changes.find(({ what }) => what === 'target group')?.details[0]).toBe(
    '- made anew, for AWS changes none of it: protocol: HTTP → HTTPS, port: 80 → 443',
  );
});

test('what keepWarm keeps is told to go after it, and with it the test route', () => {
  const { changes } = preview(inContainers(), false, { keepWarm: 7_200_000 });
  expect(changes.at(-2)?.details).toEqual(['3 → 0 tasks, once the bake is over and they were kept warm for 2h']);
  expect(changes.at(-1)).toMatchObject({ action: 'delete', details: ['with what it keeps warm'] });
});

test('an undo to what is warm makes no task definition and starts no replica', () => {
  const { liveListener } = inContainers();
  const earlier = { taskDefinitionArn: 'definition-b', containerDefinitions: [] };
  const shown = preview({
    ...(liveListener && { liveListener }),
    slots: [slot('a', { desiredCount: 2 }), slot('b', { desiredCount: 2 })],
    earlier,
  });
  expect(told(shown)).not.toContain('create task definition');
  expect(shown.changes.filter(({ what }) => what === 'service').map(({ name }) => name)).toEqual(['service-a']);
});

test('the secret of the test route is not shown', () => {
  const { testListener: _, ...zone } = request().zone;
  const testRoute = { header: 'X-Test', value: 'very secret' };
  const plan = planBlueGreen({ ...request(), zone: { ...zone, testRoute } }, observed());
  expect(JSON.stringify(plan.testRoute)).toContain('very secret');
  const shown = previewDeployment(plan, { observed: observed(), blueTaskDefinition: undefined, loadBalancers });
  expect(JSON.stringify(shown)).not.toContain('very secret');
});

test('a subnet where the load balancer is not enabled is said before a replica can be placed there', () => {
  const plan = planBlueGreen(request(), observed());
  const unserved = [{ subnet: 'subnet-4', zone: 'eu-west-1c', loadBalancer: 'front' }];
  const { note } = previewDeployment(plan, {
    observed: observed(),
    blueTaskDefinition: undefined,
    loadBalancers,
    unserved,
  });
  expect(note).toMatch(/Tasks may be placed in subnet-4, in eu-west-1c, .* Enable eu-west-1c for the load balancer/);
});
