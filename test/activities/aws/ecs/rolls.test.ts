/** What a rolling update changes of the live service, through the real SDK against the local AWS. */
import { startLocalZone, type LocalZone } from '../local-zone';

let zone: LocalZone;
beforeAll(async () => (zone = await startLocalZone()));
afterAll(() => zone.close());

test('the live service gets its revision with grace, network, percents, capacity and tags, and goes back to the old settings', async () => {
  const { plan, run, local, listenerArn } = zone;
  const { site } = plan;
  const { container, name: service } = plan.green.service;
  const group = await zone.greenGroup();
  await local.elbv2.createRule({
    ListenerArn: listenerArn,
    Priority: 7,
    Conditions: [{ Field: 'path-pattern', Values: ['/rolled'] }],
    Actions: [{ Type: 'forward', TargetGroupArn: group }],
  });
  const first = await run('registerTaskDefinition', [site, plan.taskDefinition]);
  const { containerDefinitions: [only] = [] } = plan.taskDefinition;
  const other = {
    ...plan.taskDefinition,
    containerDefinitions: [{ ...only, environment: [{ name: 'A', value: '1' }] }],
  };
  const second = await run('registerTaskDefinition', [site, other]);
  await local.ecs.createService({
    cluster: site.cluster,
    serviceName: service,
    taskDefinition: first,
    desiredCount: 0,
    launchType: 'FARGATE',
    networkConfiguration: { awsvpcConfiguration: { subnets: ['subnet-1'] } },
    loadBalancers: [{ targetGroupArn: group, containerName: container.name, containerPort: container.port }],
    healthCheckGracePeriodSeconds: 60,
    tags: [{ key: 'Owner', value: 'ops' }],
  });
  const now = async () => {
    const asked = { cluster: site.cluster, services: [service], include: ['TAGS' as const] };
    return (await local.ecs.describeServices(asked)).services?.[0];
  };
  const before = await now();
  const strategy = [{ capacityProvider: 'FARGATE_SPOT', weight: 1 }];
  const roll = {
    service,
    taskDefinitionArn: second,
    expected: [first],
    bounds: { minimumHealthyPercent: 50, maximumPercent: 150 },
    settings: {
      capacityProviderStrategy: strategy,
      healthCheckGracePeriodSeconds: 300,
      networkConfiguration: { awsvpcConfiguration: { subnets: ['subnet-1', 'subnet-2'] } },
    },
    tags: { CostCentre: '42' },
  };
  await run('rollService', [site, roll]);
  const rolled = await now();
  expect(rolled).toMatchObject({
    taskDefinition: second,
    healthCheckGracePeriodSeconds: 300,
    networkConfiguration: { awsvpcConfiguration: { subnets: ['subnet-1', 'subnet-2'] } },
    deploymentConfiguration: { minimumHealthyPercent: 50, maximumPercent: 150 },
    capacityProviderStrategy: strategy,
    tags: expect.arrayContaining([
      { key: 'Owner', value: 'ops' },
      { key: 'CostCentre', value: '42' },
    ]),
  });
  // Asked again, it is there already: another forced deployment would replace every replica once more.
  await run('rollService', [site, roll]);
  expect((await now())?.deployments?.[0]?.id).toBe(rolled?.deployments?.[0]?.id);
  expect(rolled?.deployments?.[0]?.id).not.toBe(before?.deployments?.[0]?.id);

  await run('rollService', [site, { ...roll, tags: {} }]);
  expect((await now())?.tags).toEqual([{ key: 'Owner', value: 'ops' }]);

  const back = { healthCheckGracePeriodSeconds: 60, launchType: 'FARGATE' as const };
  await run('rollService', [site, { ...roll, taskDefinitionArn: first, expected: [second], settings: back }]);
  expect(await now()).toMatchObject({ taskDefinition: first, healthCheckGracePeriodSeconds: 60 });
  expect((await now())?.capacityProviderStrategy ?? []).toEqual([]);
});
