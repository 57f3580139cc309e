/**
 * What somebody would write who may start workflows and activities, and can't edit the settings: every write is held to the zone and
 * the application of the run that asks, and nothing is written.
 */
import { DescribeTaskDefinitionCommand, ListTaskDefinitionsCommand } from '@aws-sdk/client-ecs';
import { MockActivityEnvironment } from '@temporalio/testing';
import { awsActivities } from '../../../../activities/aws';
import { heldToSettings } from '../../../../activities/aws/held/index';
import { touchedBy } from '../../../../activities/aws/held/touched';
import { stepsTogether } from '../../../../activities/aws/together';
import { applicationTags, ecsTags, slotNames, tagKeys, type ApplicationIdentity } from '../../../../planning/names';
import { planBlueGreen } from '../../../../planning/plans/deployment';
import { repeatTaskDefinition, type TaskDefinition } from '../../../../planning/release/task-definitions';
import { releaseLabels } from '../../../../planning/release/release';
import { findForeignRoute } from '../../../../planning/adoption/foreign-route';
import { planRollingUpdate } from '../../../../planning/plans/rolling-update';
import { parseSettings } from '../../../../settings/load';
import type { Settings } from '../../../../settings/schema';
import {
  inSlotA,
  invoices,
  listener as listenerOf,
  listenerArn,
  observed,
  orders,
  request,
  rule as ruleOf,
  testListenerArn,
  zoneSettings,
} from '../../../planning/zone';
import { zone as minimal } from '../../../settings/minimal';

const more = `, network: { subnets: [subnet-1], securityGroups: [group-1] }, targetGroup: { vpc: vpc-1 },
    container: { logGroup: /ecs/orders },
    taskDefinition: { taskRoleArn: 'arn:aws:iam::123456789012:role/orders', executionRoleArn: 'arn:aws:iam::123456789012:role/pulls' }`;
const settings: Settings = {
  ...parseSettings(minimal, 'test'),
  zones: { production: zoneSettings(more), other: { ...zoneSettings(), cluster: 'other' } },
  applications: { Orders: { key: orders.key, paths: {} }, Invoices: { key: invoices.key, paths: {} } },
};
const plan = planBlueGreen(request({}, more), observed());
const names = slotNames(orders, 'a');
const theirs = slotNames(invoices, 'a');
const arn = (kind: string, name: string) => `arn:aws:ecs:eu-west-1:123456789012:${kind}/${name}`;
const groupArn = (name: string) =>
  `arn:aws:elasticloadbalancing:eu-west-1:123456789012:targetgroup/${name}/0123456789abcdef`;
const ownGroup = groupArn(names.targetGroup);
const ownRelease = arn('task-definition', `${names.taskDefinitionFamily}:7`);
const groups = { blue: plan.blue.targetGroupArn, green: ownGroup };

interface Registered extends Partial<TaskDefinition> {
  readonly arn: string;
}

/** ECS as far as it is asked: the newest release of a family first. */
function ecs(registered: readonly Registered[]) {
  const send = (command: unknown) => {
    if (command instanceof ListTaskDefinitionsCommand) {
      const found = registered.filter(({ arn: one }) => one.includes(`/${command.input.familyPrefix}:`));
      return Promise.resolve({ taskDefinitionArns: found.map(({ arn: one }) => one) });
    }
    if (!(command instanceof DescribeTaskDefinitionCommand)) throw new Error('it was about to write');
    const { taskDefinition = '' } = command.input;
    const { tags, ...found } =
      registered.find(({ arn: one }) => one === taskDefinition || one.includes(`/${taskDefinition}:`)) ?? {};
    return Promise.resolve({ taskDefinition: found, tags });
  };
  return { send };
}

interface Asking {
  readonly workflowId?: string;
  readonly settings?: Settings;
  readonly registered?: readonly Registered[];
}

/** Asks for an activity that would write, as a run does. */
async function ask(
  name: string,
  args: readonly unknown[],
  { workflowId = 'production/Orders', settings: own = settings, registered = [] }: Asking = {},
): Promise<unknown> {
  const clientsOf = () => ({ ecs: ecs(registered) }) as never;
  const held = heldToSettings({ settings: () => own, clientsOf }, { [name]: () => Promise.resolve('written') });
  const activity = held[name] as unknown as (...given: readonly unknown[]) => Promise<unknown>;
  const environment = new MockActivityEnvironment({ workflowExecution: { workflowId, runId: 'run-1' } });
  return await environment.run(() => activity(...args));
}

const { site, liveRoute, green, taskDefinition } = plan;
const replica = { ...green.service, name: names.service };
const scaled = { service: names.service, targetGroupArns: [ownGroup, null] };
const scaling = { minimum: 1, maximum: 2, suspended: {}, policies: [], scheduled: [] };
const adoption = {
  service: 'terraform-orders',
  targetGroupArn: groupArn('terraform-orders'),
  rules: [{ arn: `${listenerArn.replace(':listener/', ':listener-rule/')}/1`, priority: 1, found: {}, ruleIndex: 0 }],
  marks: { ...applicationTags(orders), [tagKeys.adopted]: 'terraform-orders' },
};

/** Every activity that writes, as a deployment of Orders asks for it. */
const own: readonly [string, ...unknown[]][] = [
  ['registerTaskDefinition', site, taskDefinition],
  ['recordOutcome', site, ownRelease, 'completed'],
  ['recordReturn', site, { taskDefinitionArn: ownRelease, previous: null, by: null, reason: null }],
  ['recordApprovals', site, ownRelease, {}],
  ['setService', site, replica, ownRelease, [ownGroup]],
  ['setDesiredCount', site, { service: names.service, desiredCount: 0 }],
  ['setFailureDetection', site, { service: names.service, configuration: {} }],
  ['deleteService', site, names.service],
  ['rollService', site, { service: names.service, taskDefinitionArn: ownRelease, expected: [], bounds: {} }],
  ['holdRoll', site, names.service],
  ['markAdopted', site, adoption],
  ['unmarkAdopted', site, adoption],
  ['settleAdoption', site, liveRoute, adoption],
  ['setRoute', site, liveRoute, 'before', groups],
  ['setRoutes', site, [{ route: liveRoute, groups }], 'before'],
  ['recordName', site, liveRoute],
  ['createTargetGroup', site, green.targetGroup],
  ['setTargetGroup', site, ownGroup, green.targetGroup],
  ['setTargetGroupAttributes', site, ownGroup, {}],
  ['deleteTargetGroup', site, ownGroup],
  ['moveAlarms', site, names.service, slotNames(orders, 'b').service],
  ['makeScaling', site, scaling, scaled, scaled],
  ['setScaling', site, { service: names.service }],
  ['removeScaling', site, names.service],
  ['setTags', site, [ownGroup, arn('service', `outsystems/${names.service}`)], green.targetGroup.tags],
];

const refused = (sentence: RegExp) => ({
  type: 'OtherSettings',
  nonRetryable: true,
  message: expect.stringMatching(sentence),
});

test('no activity that writes is left out', () => {
  const aws = {
    settings: () => settings,
    clientsOf: () => ({}) as never,
    earlierRuns: () => Promise.reject(new Error()),
  };
  const all = awsActivities(aws);
  const reads = /^(plan|describe|mounts|confirm(Route|TargetGroups)$)/;
  const together = Object.keys(stepsTogether(all));
  // It finds zone and application in the settings by itself, and is given no site.
  const others = new Set([...together, 'recordCountersignature']);
  const writes = Object.keys(all).filter((name) => !reads.test(name) && !others.has(name));
  expect(Object.keys(touchedBy).toSorted()).toEqual(writes.toSorted());
  expect(own.map(([name]) => name).toSorted()).toEqual(writes.toSorted());
});

describe.each(own)('%s', (name, ...args) => {
  const elsewhere = (changes: object) => ask(name, [{ ...site, ...changes }, ...args.slice(1)]);

  test('is done for the run’s own application', async () => {
    expect(await ask(name, args)).toBe('written');
  });

  test('is not done in another cluster, region or account', async () => {
    await expect(elsewhere({ cluster: 'other' })).rejects.toMatchObject(refused(/cluster other.*outsystems/));
    await expect(elsewhere({ region: 'us-east-1' })).rejects.toMatchObject(refused(/region us-east-1.*eu-west-1/));
    const role = { arn: 'arn:aws:iam::999999999999:role/admin' };
    await expect(elsewhere({ role })).rejects.toMatchObject(refused(/role arn:aws:iam::9.*have none/));
  });

  test('is not done for a site that says only half', async () => {
    await expect(ask(name, [undefined, ...args.slice(1)])).rejects.toMatchObject(refused(/no zone at all/));
    await expect(ask(name, [{ role: site.role, runId: 'run-1' }, ...args.slice(1)])).rejects.toMatchObject(
      refused(/region that AWS/),
    );
  });

  test('is not done for a run that calls itself by no zone', async () => {
    for (const workflowId of ['other/Orders', 'nowhere/Orders', '__proto__/Orders', 'Orders', ''])
      await expect(ask(name, args, { workflowId })).rejects.toMatchObject({ type: 'OtherSettings' });
  });

  test('is not done by a run of another application, nor by one with a name that nobody knows', async () => {
    for (const workflowId of ['production/Invoices', 'production/Anything', 'production/orders', 'production/Orders!'])
      await expect(ask(name, args, { workflowId })).rejects.toMatchObject(refused(/another application|another tool/));
  });
});

/** What belongs to Invoices, in the place of what belongs to Orders. */
const another = (text: string) =>
  text
    .replaceAll(names.service, theirs.service)
    .replaceAll(names.taskDefinitionFamily, theirs.taskDefinitionFamily)
    .replaceAll(orders.key, invoices.key);

test.each(own.filter(([name]) => !name.includes('Adopt')))(
  '%s is not done with another application’s names and keys',
  async (name, ...args) => {
    const [given, ...others] = args;
    const forged = JSON.parse(another(JSON.stringify(others))) as unknown[];
    await expect(ask(name, [given, ...forged])).rejects.toMatchObject(refused(/another application/));
  },
);

test('a role that no release of the application has had is passed to nobody', async () => {
  for (const member of ['taskRoleArn', 'executionRoleArn'])
    await expect(
      ask('registerTaskDefinition', [site, { ...taskDefinition, [member]: 'arn:aws:iam::123456789012:role/admin' }]),
    ).rejects.toMatchObject(
      refused(new RegExp(`${member} "arn:aws:iam::123456789012:role/admin", where the settings`)),
    );
});

const [container] = taskDefinition.containerDefinitions ?? [];
test.each<[string, Partial<TaskDefinition>]>([
  ['the host’s network', { networkMode: 'host' }],
  ['the host’s processes', { pidMode: 'host' }],
  ['a folder of the host', { volumes: [{ name: 'configs', host: { sourcePath: '/' } }] }],
  ['a privileged container', { containerDefinitions: [{ ...container, privileged: true }] }],
  [
    'a capability',
    { containerDefinitions: [{ ...container, linuxParameters: { capabilities: { add: ['SYS_ADMIN'] } } }] },
  ],
  ['a secret', { containerDefinitions: [{ ...container, secrets: [{ name: 'A', valueFrom: 'arn:aws:ssm:x' }] }] }],
  [
    'another log group',
    {
      containerDefinitions: [
        { ...container, logConfiguration: { logDriver: 'awslogs', options: { 'awslogs-group': '/x' } } },
      ],
    },
  ],
  [
    'a container beside it that is privileged',
    { containerDefinitions: [{ ...container }, { name: 'x', privileged: true }] },
  ],
])('a task definition with %s is registered only where the settings have it', async (_, changes) => {
  await expect(ask('registerTaskDefinition', [site, { ...taskDefinition, ...changes }])).rejects.toMatchObject({
    type: 'OtherSettings',
  });
});

const before = (role: string, family: string, identity: ApplicationIdentity): Registered => ({
  arn: arn('task-definition', `${family}:6`),
  family,
  taskRoleArn: role,
  containerDefinitions: [{ name: 'app', image: 'x', dockerLabels: { [releaseLabels.image]: 'orders:1' } }],
  tags: ecsTags(applicationTags(identity)),
});
const comingFrom = (previous: string): TaskDefinition => ({
  ...taskDefinition,
  taskRoleArn: 'arn:aws:iam::123456789012:role/earlier',
  containerDefinitions: [
    { ...container, dockerLabels: { ...container?.dockerLabels, [releaseLabels.previous]: previous } },
  ],
});

test('an undo brings a release back with the role that it had, and nobody else’s', async () => {
  const role = 'arn:aws:iam::123456789012:role/earlier';
  const mine = before(role, names.taskDefinitionFamily, orders);
  const foreign = before(role, theirs.taskDefinitionFamily, invoices);
  const undo = comingFrom(mine.arn);
  expect(await ask('registerTaskDefinition', [site, undo], { registered: [mine] })).toBe('written');
  await expect(
    ask('registerTaskDefinition', [site, comingFrom(foreign.arn)], { registered: [foreign] }),
  ).rejects.toMatchObject(refused(/taskRoleArn/));
});

test('what another tool made is adopted with its role, and goes on', async () => {
  const made = before('arn:aws:iam::123456789012:role/earlier', 'terraform-orders', orders);
  const adopts = comingFrom(made.arn);
  expect(await ask('registerTaskDefinition', [site, adopts], { registered: [made] })).toBe('written');
});

test('a service runs the application’s own releases alone', async () => {
  const foreign = arn('task-definition', 'terraform-admin:1');
  for (const asked of [arn('task-definition', `${theirs.taskDefinitionFamily}:1`), foreign]) {
    await expect(ask('setService', [site, replica, asked, [ownGroup]])).rejects.toMatchObject({
      type: 'OtherSettings',
    });
    const roll = { service: names.service, taskDefinitionArn: asked, expected: [], bounds: {} };
    await expect(ask('rollService', [site, roll])).rejects.toMatchObject({ type: 'OtherSettings' });
  }
});

test('a roll goes back to what was before it, whoever had registered that', async () => {
  const foreign = arn('task-definition', 'by-hand:3');
  const rolled: Registered = { ...comingFrom(foreign), arn: ownRelease };
  const back = { service: names.service, taskDefinitionArn: foreign, expected: [ownRelease], bounds: {} };
  expect(await ask('rollService', [site, back], { registered: [rolled] })).toBe('written');
});

test.each([
  ['subnets', { subnets: ['subnet-9'], securityGroups: ['group-1'], assignPublicIp: 'DISABLED' }],
  ['security groups', { subnets: ['subnet-1'], securityGroups: ['open'], assignPublicIp: 'DISABLED' }],
  ['public addresses', { subnets: ['subnet-1'], securityGroups: ['group-1'], assignPublicIp: 'ENABLED' }],
])('green gets no other %s than the settings say', async (_, awsvpcConfiguration) => {
  const service = { ...replica, settings: { ...replica.settings, networkConfiguration: { awsvpcConfiguration } } };
  await expect(ask('setService', [site, service, ownRelease, [ownGroup]])).rejects.toMatchObject(
    refused(/networkConfiguration/),
  );
});

test('rules are written on the zone’s own listeners, in its own range', async () => {
  const listener = listenerArn.replace('app/main', 'app/other');
  const ruleOn = (one: string) => `${one.replace(':listener/', ':listener-rule/')}/1`;
  const [first] = liveRoute.rules;
  const routes = [
    { ...liveRoute, listenerArn: listener },
    { ...liveRoute, rules: [{ ...first, arn: ruleOn(listener) }] },
    { ...liveRoute, priorities: { from: 1, to: 50_000 } },
  ];
  for (const route of routes) {
    await expect(ask('setRoute', [site, route, 'before', groups])).rejects.toMatchObject({ type: 'OtherSettings' });
    await expect(ask('setRoutes', [site, [{ route, groups }], 'before'])).rejects.toMatchObject({
      type: 'OtherSettings',
    });
  }
  const elsewhere = { ...adoption, rules: [{ ...adoption.rules[0], arn: ruleOn(listener) }] };
  await expect(ask('markAdopted', [site, elsewhere])).rejects.toMatchObject(refused(/load balancers app\/main/));
  const atPort = { ...liveRoute, port: 'admin:9090', listenerArn: listener };
  await expect(ask('setRoute', [site, atPort, 'before', groups])).rejects.toMatchObject(refused(/load balancers/));
  // Another port of the service may be led to from any listener of the load balancer, behind all other rules.
  const own = {
    ...atPort,
    listenerArn: `${listenerArn.slice(0, -1)}9`,
    rules: [],
    priorities: { from: 1, to: 50_000 },
  };
  expect(await ask('setRoute', [site, own, 'before', groups])).toBe('written');
  const test = { ...liveRoute, listenerArn: testListenerArn, rules: [{ ...first, arn: ruleOn(testListenerArn) }] };
  expect(await ask('setRoute', [site, test, 'before', groups])).toBe('written');
});

test('reads go to no other account either', async () => {
  const elsewhere = { ...site, role: { arn: 'arn:aws:iam::999999999999:role/admin' } };
  await expect(ask('waitForDrained', [elsewhere, names.service, null])).rejects.toMatchObject(refused(/role/));
  await expect(ask('confirmServing', [[{ site: elsewhere }]])).rejects.toMatchObject(refused(/role/));
  const verified = [{ site, verification: { replicas: { site: elsewhere } } }];
  await expect(ask('verifyGreen', [verified])).rejects.toMatchObject(refused(/role/));
});

describe('an application that was renamed', () => {
  const old: ApplicationIdentity = { ...orders, name: 'Sales' };
  const oldNames = slotNames(old, 'b');
  const recorded = before('x', oldNames.taskDefinitionFamily, old);
  const renaming = { workflowId: 'production/Sales', registered: [recorded] };

  test('is deployed under its old name, whose releases AWS has', async () => {
    for (const service of [oldNames.service, names.service])
      expect(await ask('setDesiredCount', [site, { service, desiredCount: 0 }], renaming)).toBe('written');
    expect(await ask('setRoute', [site, liveRoute, 'before', groups], renaming)).toBe('written');
  });

  test('is no other application of that zone, and a made-up name no way to it', async () => {
    const forged = { ...renaming, workflowId: 'production/Billing' };
    await expect(
      ask('setDesiredCount', [site, { service: names.service, desiredCount: 0 }], forged),
    ).rejects.toMatchObject(refused(/another application/));
    await expect(
      ask('setDesiredCount', [site, { service: theirs.service, desiredCount: 0 }], renaming),
    ).rejects.toMatchObject(refused(/another application/));
  });
});

test('a run that the settings don’t know adopts what another tool named as cutover does', async () => {
  const wanted = [site, { service: 'web-1a2b3c4d', desiredCount: 0 }];
  expect(await ask('setDesiredCount', wanted, { workflowId: 'production/Shop' })).toBe('written');
  expect(await ask('setDesiredCount', wanted)).toBe('written');
});

test('an application that only the platform knows is deployed by its own name', async () => {
  const shop: ApplicationIdentity = { zone: 'production', name: 'Shop', key: 'c3c0a9a4-7a1b-4b6b-9a53-0c6a6f1f8f11' };
  const { service } = slotNames(shop, 'a');
  const wanted = [site, { service, desiredCount: 1 }];
  expect(await ask('setDesiredCount', wanted, { workflowId: 'production/Shop' })).toBe('written');
  const registered = [before('x', slotNames(shop, 'a').taskDefinitionFamily, shop)];
  await expect(ask('setDesiredCount', wanted, { registered })).rejects.toMatchObject(refused(/another application/));
  // Where another zone's cutover made it, it is as another tool's.
  const elsewhere = [before('x', slotNames(shop, 'a').taskDefinitionFamily, { ...shop, zone: 'old' })];
  expect(await ask('setDesiredCount', wanted, { registered: elsewhere })).toBe('written');
});

test('settings that were edited hold a deployment, which goes on once they agree again', async () => {
  const edited = { ...settings, zones: { ...settings.zones, production: { ...zoneSettings(more), cluster: 'new' } } };
  let now: Settings = edited;
  let isReadable = true;
  const unreadable = () => {
    throw new Error('cutover.yaml:3: expected a zone');
  };
  const held = heldToSettings(
    { settings: () => (isReadable ? now : unreadable()), clientsOf: () => ({}) as never },
    { deleteService: (_site: unknown, service: string) => Promise.resolve(`${service} is gone`) },
  );
  const attempt = () =>
    new MockActivityEnvironment({ workflowExecution: { workflowId: 'production/Orders', runId: 'run-1' } }).run(() =>
      held.deleteService(site, names.service),
    );
  await expect(attempt()).rejects.toMatchObject(refused(/cluster outsystems, where the settings have new.*then retry/));
  now = settings;
  expect(await attempt()).toBe(`${names.service} is gone`);
  // In the midst of an edit the file can't be read: what it said before holds.
  isReadable = false;
  expect(await attempt()).toBe(`${names.service} is gone`);
});

describe('what planners plan passes', () => {
  const rulesArn = (n: number) => `${listenerArn.replace(':listener/', ':listener-rule/')}/${n}`;
  const legacyDefinition = {
    taskDefinitionArn: 'arn:aws:ecs:eu-west-1:123456789012:task-definition/legacy:3',
    family: 'legacy',
    revision: 3,
    status: 'ACTIVE' as const,
    networkMode: 'bridge' as const,
    cpu: '512',
    memory: '4096',
    taskRoleArn: 'role/legacy',
    volumes: [{ name: 'd', host: { sourcePath: '/d' } }],
    containerDefinitions: [
      {
        name: 'web',
        image: 'registry/orders:latest',
        portMappings: [{ containerPort: 9000 }],
        privileged: true,
        secrets: [{ name: 'KEY', valueFrom: 'arn' }],
        logConfiguration: { logDriver: 'awslogs' as const, options: { 'awslogs-group': '/old' } },
      },
    ],
  };
  const plainSettings: Settings = { ...settings, zones: { production: zoneSettings() } };
  const live = listenerOf(
    listenerArn,
    ruleOf(rulesArn(1), 1, {
      conditions: [{ field: 'path-pattern', values: ['/Orders*'], regularExpressions: [] }],
      forward: [{ targetGroupArn: 'old', weight: 1 }],
    }),
  );
  const route = findForeignRoute(orders, live, ['/Orders', '/OrdersAPI'], ['apps.example.com']);
  const foreignPlan = planBlueGreen(
    request(),
    observed({
      liveListener: live,
      foreign: {
        route: route!,
        targetGroupArn: 'old',
        attributes: {},
        adopted: legacyDefinition,
        service: {
          name: 'legacy',
          desiredCount: 4,
          runningCount: 4,
          pendingCount: 0,
          taskDefinitionArn: legacyDefinition.taskDefinitionArn,
          targetGroupArns: ['old'],
          settings: {},
          image: 'x',
          container: { name: 'web', port: 9000 },
          traits: { controller: 'ECS', strategy: 'ROLLING', scheduling: 'REPLICA', serviceConnect: false },
        } as never,
      } as never,
    }),
  );
  const legacy = { arn: legacyDefinition.taskDefinitionArn, ...legacyDefinition } as never;
  const where = { settings: plainSettings, registered: [legacy] };
  const json = <T>(value: T): T => JSON.parse(JSON.stringify(value)) as T;

  test('adoption', async () => {
    const p = json(foreignPlan);
    expect(p.taskDefinition.taskRoleArn).toBe('role/legacy');
    expect(await ask('registerTaskDefinition', [p.site, p.taskDefinition], where)).toBe('written');
    expect(await ask('markAdopted', [p.site, p.adoption], where)).toBe('written');
    expect(await ask('setRoute', [p.site, p.liveRoute, 'before', { blue: 'old', green: ownGroup }], where)).toBe(
      'written',
    );
    expect(await ask('settleAdoption', [p.site, p.liveRoute, p.adoption], where)).toBe('written');
    expect(await ask('createTargetGroup', [p.site, p.green.targetGroup], where)).toBe('written');
    expect(await ask('setService', [p.site, p.green.service, ownRelease, [ownGroup]], where)).toBe('written');
    expect(await ask('deleteService', [p.site, 'legacy'], where)).toBe('written');
    // The next deployment, and an undo to what it was adopted with.
    const next = { arn: ownRelease, ...p.taskDefinition } as never;
    expect(await ask('registerTaskDefinition', [p.site, p.taskDefinition], { ...where, registered: [next] })).toBe(
      'written',
    );
    const undone = json(
      repeatTaskDefinition(orders, observed().release, legacyDefinition as never, {
        runId: 'r',
        strategy: 'undo',
        by: null,
        reason: null,
        previous: ownRelease,
      }),
    );
    expect(await ask('registerTaskDefinition', [p.site, undone], { ...where, registered: [next, legacy] })).toBe(
      'written',
    );
  });

  test('a configuration, secrets and a template', async () => {
    const rich = `, configuration: { store: /s, folder: /f, configurationMount: { kind: host, root: /srv/configs } }, secrets: { mount: { kind: host, root: /srv/secrets } }, service: { launchType: EC2 },
      taskDefinition: { networkMode: bridge, volumes: [{ name: more, host: { sourcePath: /m } }], containerDefinitions: [{ name: app, privileged: true }, { name: side, image: x, secrets: [{ name: A, valueFrom: arn }] }] }`;
    const release = { ...observed().release, configuration: 'b'.repeat(64) };
    const p = json(planBlueGreen(request({}, rich), observed({ release })));
    const own: Settings = { ...settings, zones: { production: zoneSettings(rich) } };
    expect(p.taskDefinition.volumes).toHaveLength(3);
    expect(await ask('registerTaskDefinition', [p.site, p.taskDefinition], { settings: own })).toBe('written');
    expect(await ask('setService', [p.site, p.green.service, ownRelease, [ownGroup]], { settings: own })).toBe(
      'written',
    );
    const rolled = json(
      planRollingUpdate(request({}, rich), observed({ ...inSlotA(), release: { ...release, modules: ['Orders'] } })),
    );
    expect(await ask('registerTaskDefinition', [rolled.site, rolled.taskDefinition], { settings: own })).toBe(
      'written',
    );
  });
});
