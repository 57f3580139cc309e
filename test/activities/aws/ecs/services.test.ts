/** Services on the local AWS, through the real SDK. */
import { DescribeServicesCommand, type Service } from '@aws-sdk/client-ecs';
import { observeService } from '../../../../activities/aws/ecs/observed-services';
import { startLocalZone, type LocalZone } from '../local-zone';

let zone: LocalZone;
beforeAll(async () => (zone = await startLocalZone()));
afterAll(() => zone.close());

test('a desired count of 0 for a service that does not exist is nothing to do', async () => {
  const { plan, run } = zone;
  await expect(run('setDesiredCount', [plan.site, { service: 'gone', desiredCount: 0 }])).resolves.toBeUndefined();
  await expect(run('setDesiredCount', [plan.site, { service: 'gone', desiredCount: 2 }])).rejects.toMatchObject({
    type: 'NotFound',
  });
});

test('an idle service whose target group is in no rule any more is at 0 already, though ECS takes no count for it', async () => {
  const { plan, run, local, greenGroup } = zone;
  const group = await greenGroup();
  const groups = { blue: plan.blue.targetGroupArn, green: group };
  const taskDefinition = await run('registerTaskDefinition', [plan.site, plan.taskDefinition]);
  await run('setRoute', [plan.site, plan.testRoute, { blue: 0, green: 100 }, groups]);
  const { name: service } = plan.green.service;
  await run('setService', [plan.site, { ...plan.green.service, desiredCount: 0 }, taskDefinition, group]);
  await run('setRoute', [plan.site, plan.testRoute, 'gone', groups]);
  const { cluster } = plan.site;
  await expect(local.ecs.updateService({ cluster, service, desiredCount: 0 })).rejects.toThrow(/load balancer/);
  await expect(run('setDesiredCount', [plan.site, { service, desiredCount: 0 }])).resolves.toBeUndefined();
  await expect(run('setDesiredCount', [plan.site, { service, desiredCount: 1 }])).rejects.toMatchObject({
    type: 'NotYet',
  });
});

test('a count that somebody raised stays where at least so many are wanted, and another revision is refused first', async () => {
  const { plan, run, local } = zone;
  const taskDefinition = await run('registerTaskDefinition', [plan.site, plan.taskDefinition]);
  await local.ecs.createService({
    cluster: plan.site.cluster,
    serviceName: 'raised',
    taskDefinition,
    desiredCount: 3,
    networkConfiguration: { awsvpcConfiguration: { subnets: ['subnet-1'] } },
  });
  const raised = { service: 'raised', expecting: taskDefinition };
  const count = async () =>
    (await local.ecs.describeServices({ cluster: plan.site.cluster, services: ['raised'] })).services?.[0]
      ?.desiredCount;
  await run('setDesiredCount', [plan.site, { ...raised, atLeast: 2 }]);
  expect(await count()).toBe(3);
  await expect(
    run('setDesiredCount', [plan.site, { ...raised, expecting: 'another:1', atLeast: 4 }]),
  ).rejects.toMatchObject({
    type: 'ServiceChangedByOthers',
  });
  expect(await count()).toBe(3);
  await run('setDesiredCount', [plan.site, { ...raised, desiredCount: 0 }]);
  expect(await count()).toBe(0);
});

test('an idle slot takes over another capacity provider strategy in a deployment of its own, and is made anew for a launch type', async () => {
  const { plan, run, local, listenerArn } = zone;
  const { site, green } = plan;
  const group = await zone.greenGroup();
  await local.elbv2.createRule({
    ListenerArn: listenerArn,
    Priority: 7,
    Conditions: [{ Field: 'path-pattern', Values: ['/idle-slot'] }],
    Actions: [{ Type: 'forward', TargetGroupArn: group }],
  });
  const taskDefinition = await run('registerTaskDefinition', [site, plan.taskDefinition]);
  const spot = [{ capacityProvider: 'FARGATE_SPOT', weight: 1 }];
  const set = async (capacityProviderStrategy?: typeof spot) => {
    const { launchType, ...others } = green.service.settings;
    const capacity = capacityProviderStrategy ? { capacityProviderStrategy } : { launchType };
    const service = { ...green.service, desiredCount: 0, settings: { ...others, ...capacity } };
    await run('setService', [site, service, taskDefinition, group]);
    const names = { cluster: site.cluster, services: [green.service.name] };
    const [found] = (await local.ecs.describeServices(names)).services ?? [];
    return [found?.capacityProviderStrategy ?? [], found?.deployments?.[0]?.id] as const;
  };
  const [, first] = await set();
  const [strategy, second] = await set(spot);
  expect(strategy).toEqual(spot);
  expect(second).not.toBe(first);
  expect(await set(spot)).toEqual([spot, second]);
  // Which launch type a service goes back to AWS doesn't say.
  await expect(set()).rejects.toMatchObject({ type: 'NotYet', message: expect.stringContaining('is made anew') });
});

test('an idle slot loses registries and volumes that nothing wants any more, and keeps what somebody tagged it with', async () => {
  const { plan, run, local } = zone;
  const { site, green } = plan;
  const group = await zone.greenGroup();
  const volumes = [{ name: 'data', configuredAtLaunch: true }];
  const register = async (definition: typeof plan.taskDefinition) =>
    (
      await local.ecs.registerTaskDefinition({
        ...definition,
        family: plan.taskDefinition.family.replace(/^[^-]+/, 'registered'),
      })
    ).taskDefinition?.taskDefinitionArn ?? '';
  const [bare, voluminous] = [await register(plan.taskDefinition), await register({ ...plan.taskDefinition, volumes })];
  const managedEBSVolume = { roleArn: 'arn:aws:iam::000000000000:role/ebs', sizeInGiB: 5 };
  const more = {
    serviceRegistries: [{ registryArn: 'arn:aws:servicediscovery:us-east-1:000000000000:service/srv-1' }],
    volumeConfigurations: [{ name: 'data', managedEBSVolume }],
  };
  const set = async (
    settings: typeof green.service.settings,
    definition: string,
    tagsOfOthers: Record<string, string>,
  ) => {
    const service = { ...green.service, name: 'orders-registered', desiredCount: 0, settings, tagsOfOthers };
    await run('setService', [site, service, definition, group]);
    const [found] =
      (await local.ecs.describeServices({ cluster: site.cluster, services: [service.name], include: ['TAGS'] }))
        .services ?? [];
    return found;
  };
  await local.elbv2.createRule({
    ListenerArn: zone.listenerArn,
    Priority: 8,
    Conditions: [{ Field: 'path-pattern', Values: ['/registered'] }],
    Actions: [{ Type: 'forward', TargetGroupArn: group }],
  });
  const made = await set({ ...green.service.settings, ...more }, voluminous, { Team: 'web' });
  expect(made?.serviceRegistries).toEqual(more.serviceRegistries);
  expect(made?.deployments?.[0]?.volumeConfigurations).toEqual(more.volumeConfigurations);
  const bared = await set(green.service.settings, bare, { Team: 'web', CostCentre: '7' });
  expect(bared?.serviceRegistries).toEqual([]);
  expect(bared?.deployments?.[0]?.volumeConfigurations ?? []).toEqual([]);
  expect(bared?.tags).toEqual(
    expect.arrayContaining([
      { key: 'Team', value: 'web' },
      { key: 'CostCentre', value: '7' },
      { key: 'cutover:application', value: 'Orders' },
    ]),
  );
});

test('ECS judges no deployment of an idle slot that is used again, and judges again once it is told to', async () => {
  const { plan, run, local } = zone;
  const { site, green } = plan;
  const group = await zone.greenGroup();
  await local.elbv2.createRule({
    ListenerArn: zone.listenerArn,
    Priority: 9,
    Conditions: [{ Field: 'path-pattern', Values: ['/judged'] }],
    Actions: [{ Type: 'forward', TargetGroupArn: group }],
  });
  const definition = await run('registerTaskDefinition', [site, plan.taskDefinition]);
  const service = { ...green.service, name: 'orders-judged', desiredCount: 0 };
  const names = { cluster: site.cluster, services: [service.name] };
  const now = async () => (await local.ecs.describeServices(names)).services?.[0];
  const percents = { minimumHealthyPercent: 50, maximumPercent: 150 };
  const failureDetection = {
    deploymentCircuitBreaker: { enable: true, rollback: true },
    alarms: { alarmNames: ['5xx'], enable: true, rollback: true },
  };
  await run('setService', [site, service, definition, group]);
  const made = await now();
  await run('setFailureDetection', [
    site,
    { service: service.name, configuration: { ...percents, ...failureDetection } },
  ]);
  const judged = await now();
  expect(judged?.deploymentConfiguration).toMatchObject({ ...percents, ...failureDetection });
  expect(judged?.deployments?.[0]?.id).toBe(made?.deployments?.[0]?.id);

  await run('setService', [site, service, definition, group]);
  expect((await now())?.deploymentConfiguration).toMatchObject({
    deploymentCircuitBreaker: { enable: false, rollback: false },
    alarms: { enable: false, rollback: false },
  });
});

test('an idle slot whose launch type is to be another is made anew, for AWS changes it in no service', async () => {
  const { plan, run, local } = zone;
  const { site, green } = plan;
  const group = await zone.greenGroup();
  const taskDefinition = await run('registerTaskDefinition', [site, plan.taskDefinition]);
  const service = { ...green.service, desiredCount: 0 };
  await run('setService', [site, service, taskDefinition, group]);
  const onInstances = { ...service, settings: { ...service.settings, launchType: 'EC2' as const } };
  const next = { ...site, runId: 'run-2' };
  const set = () => run('setService', [next, onInstances, taskDefinition, group], 'run-2');
  await expect(set()).rejects.toMatchObject({ type: 'NotYet', nonRetryable: false });
  const names = { cluster: site.cluster, services: [service.name] };
  await until(async () => {
    await set().catch(() => undefined);
    const { services = [] } = await local.ecs.describeServices(names);
    return services[0]?.launchType === 'EC2' && services[0].status === 'ACTIVE';
  });
});

test('a target group that somebody deleted is made anew, and the idle service with it: on AWS a moved one may never get steady', async () => {
  const { plan, local } = zone;
  const [site, next] = [plan.site, { ...plan.site, runId: 'run-3' }];
  const run: LocalZone['run'] = (name, args) => zone.run(name, args, 'run-3');
  const service = { ...plan.green.service, name: 'orders-cleaned', desiredCount: 0 };
  const targetGroup = { ...plan.green.targetGroup, name: 'orders-cleaned' };
  const taskDefinition = await run('registerTaskDefinition', [next, plan.taskDefinition]);
  const attached = async (forwarded: string, Priority: number) =>
    await local.elbv2.createRule({
      ListenerArn: zone.listenerArn,
      Priority,
      Conditions: [{ Field: 'path-pattern', Values: [`/cleaned-${Priority}`] }],
      Actions: [{ Type: 'forward', TargetGroupArn: forwarded }],
    });
  const old = await run('createTargetGroup', [next, targetGroup]);
  const { Rules: [rule] = [] } = await attached(old, 21);
  await run('setService', [next, service, taskDefinition, old]);
  await local.elbv2.deleteRule({ RuleArn: rule?.RuleArn });
  await local.elbv2.deleteTargetGroup({ TargetGroupArn: old });

  const group = await run('createTargetGroup', [next, targetGroup]);
  expect(group).not.toBe(old);
  await attached(group, 22);
  const set = () => run('setService', [next, service, taskDefinition, group]);
  await expect(set()).rejects.toMatchObject({ type: 'NotYet', nonRetryable: false });
  const names = { cluster: site.cluster, services: [service.name] };
  await until(async () => {
    await set().catch(() => undefined);
    const { services = [] } = await local.ecs.describeServices(names);
    return services[0]?.status === 'ACTIVE' && services[0].loadBalancers?.[0]?.targetGroupArn === group;
  });
});

async function until(holds: () => Promise<boolean>): Promise<void> {
  while (!(await holds())) await new Promise((resolve) => setTimeout(resolve, 20));
}

/** Answers every DescribeServices with this, and lets other calls through. */
function describeAs(services: readonly Service[]): void {
  const { ecs } = zone.clients;
  const send = ecs.send.bind(ecs) as (command: object) => Promise<unknown>;
  const answer = (command: object) =>
    command instanceof DescribeServicesCommand ? Promise.resolve({ services }) : send(command);
  Object.assign(ecs, { send: answer });
  undo = () => Object.assign(ecs, { send });
}
let undo: () => void = () => undefined;
afterEach(() => undo());

test('a service that drains is absent for a plan, and is waited for before it is made anew', async () => {
  const { plan, run, clients } = zone;
  const { service } = plan.green;
  describeAs([{ serviceName: service.name, status: 'DRAINING', taskDefinition: 'orders:1' }]);
  expect(await observeService(clients.ecs, plan.site.cluster, service.name)).toBeNull();
  await expect(
    run('setService', [plan.site, service, `${plan.taskDefinition.family}:1`, 'group']),
  ).rejects.toMatchObject({
    type: 'NotYet',
    nonRetryable: false,
  });
});

test('a service that a read misses is taken to no task all the same', async () => {
  const { plan, run, local } = zone;
  const { cluster } = plan.site;
  const taskDefinition = await run('registerTaskDefinition', [plan.site, plan.taskDefinition]);
  await local.ecs.createService({
    cluster,
    serviceName: 'unseen',
    taskDefinition,
    desiredCount: 2,
    networkConfiguration: { awsvpcConfiguration: { subnets: ['subnet-1'] } },
  });
  describeAs([]);
  await run('setDesiredCount', [plan.site, { service: 'unseen', desiredCount: 0 }]);
  const { services = [] } = await local.ecs.describeServices({ cluster, services: ['unseen'] });
  expect(services[0]?.desiredCount).toBe(0);
});

test('what only a service’s revision tells is read there: metrics go on as fine as blue’s, and a gateway’s requests are no twin’s', async () => {
  const { plan, run, local, clients, calls } = zone;
  const { cluster } = plan.site;
  const taskDefinition = await run('registerTaskDefinition', [plan.site, plan.taskDefinition]);
  const monitoring = { metricConfigurations: [{ metricNames: ['CPUUtilization'], resolutionSeconds: 20 }] };
  const network = { networkConfiguration: { awsvpcConfiguration: { subnets: ['subnet-1'] } } };
  const make = async (serviceName: string, desiredCount: number) =>
    await local.ecs.createService({
      cluster,
      serviceName,
      taskDefinition,
      desiredCount,
      ...network,
      monitoring,
      gatewayConnectors: [{ portName: 'http' }],
    });
  await make('seen', 1);
  const seen = await observeService(clients.ecs, cluster, 'seen');
  expect(seen?.settings.monitoring).toEqual(monitoring);
  expect(seen?.traits?.missingInTwin).toEqual(['gatewayConnectors (what a gateway leads to)']);
  const before = (await calls())['ecs:DescribeServiceRevisions'];
  await make('idle', 0);
  expect((await observeService(clients.ecs, cluster, 'idle'))?.settings).not.toHaveProperty('monitoring');
  expect((await calls())['ecs:DescribeServiceRevisions']).toBe(before);
});

test('a twin has the monitoring of blue, when it is made and when its slot is there already', async () => {
  const { plan, run, local, greenGroup, clients } = zone;
  const group = await greenGroup();
  const taskDefinition = await run('registerTaskDefinition', [plan.site, plan.taskDefinition]);
  await run('setRoute', [plan.site, plan.testRoute, { blue: 0, green: 100 }, { blue: null, green: group }]);
  const { service } = plan.green;
  for (const resolutionSeconds of [20, 60]) {
    const monitoring = { metricConfigurations: [{ metricNames: ['CPUUtilization'], resolutionSeconds }] };
    const settings = { ...service.settings, monitoring };
    await run('setService', [
      plan.site,
      { ...service, name: 'twin', settings, desiredCount: 1 },
      taskDefinition,
      group,
    ]);
    expect((await observeService(clients.ecs, plan.site.cluster, 'twin'))?.settings.monitoring).toEqual(monitoring);
  }
  await local.ecs.updateService({ cluster: plan.site.cluster, service: 'twin', desiredCount: 0 });
});
