/** Clusters' settings, capacity providers, account settings and container instances, which many tools read before they deploy. */
import { startLocalAws, type LocalAws } from '../local-aws';

let local: LocalAws;

beforeAll(async () => {
  local = await startLocalAws();
  await local.ecs.createCluster({ clusterName: 'zone' });
});
afterAll(() => local.close());

test('a capacity provider that is not there is refused or listed as missing', async () => {
  const { capacityProviders, failures } = await local.ecs.describeCapacityProviders({
    capacityProviders: ['FARGATE', 'mine'],
  });
  expect(capacityProviders).toMatchObject([{ name: 'FARGATE', status: 'ACTIVE' }]);
  expect(failures).toMatchObject([{ reason: 'MISSING' }]);
  const put = { cluster: 'zone', capacityProviders: ['mine'], defaultCapacityProviderStrategy: [] };
  await expect(local.ecs.putClusterCapacityProviders(put)).rejects.toMatchObject({
    name: 'InvalidParameterException',
  });
  await expect(
    local.ecs.putClusterCapacityProviders({
      ...put,
      capacityProviders: ['FARGATE'],
      defaultCapacityProviderStrategy: [{ capacityProvider: 'FARGATE_SPOT' }],
    }),
  ).rejects.toThrow('not associated with the cluster');
});

test('a service that says nothing of capacity has the cluster’s default strategy, and one that does has its own', async () => {
  await local.ecs.createCluster({ clusterName: 'spot' });
  await local.ecs.putClusterCapacityProviders({
    cluster: 'spot',
    capacityProviders: ['FARGATE', 'FARGATE_SPOT'],
    defaultCapacityProviderStrategy: [{ capacityProvider: 'FARGATE_SPOT', weight: 1 }],
  });
  const containerDefinitions = [{ name: 'web', image: 'web:1', memory: 128 }];
  await local.ecs.registerTaskDefinition({ family: 'plain', networkMode: 'bridge', containerDefinitions });
  const create = async (serviceName: string, given: object) =>
    (
      await local.ecs.createService({
        cluster: 'spot',
        serviceName,
        taskDefinition: 'plain',
        desiredCount: 0,
        ...given,
      })
    ).service;
  const inherited = await create('inherits', {});
  expect(inherited?.capacityProviderStrategy).toMatchObject([{ capacityProvider: 'FARGATE_SPOT', weight: 1 }]);
  expect(inherited?.launchType).toBeUndefined();
  expect(await create('own', { launchType: 'EC2' })).toMatchObject({ launchType: 'EC2' });
  expect(await create('none', { capacityProviderStrategy: [] })).toMatchObject({ launchType: 'EC2' });
});

test('a cluster keeps its providers, its strategy and its settings as they were last given', async () => {
  await local.ecs.putClusterCapacityProviders({
    cluster: 'zone',
    capacityProviders: ['FARGATE', 'FARGATE_SPOT'],
    defaultCapacityProviderStrategy: [{ capacityProvider: 'FARGATE', weight: 1 }],
  });
  await local.ecs.updateCluster({ cluster: 'zone', settings: [{ name: 'containerInsights', value: 'enabled' }] });
  await local.ecs.updateClusterSettings({
    cluster: 'zone',
    settings: [{ name: 'containerInsights', value: 'enhanced' }],
  });
  const { clusters } = await local.ecs.describeClusters({ clusters: ['zone'], include: ['SETTINGS'] });
  expect(clusters?.[0]).toMatchObject({
    capacityProviders: ['FARGATE', 'FARGATE_SPOT'],
    defaultCapacityProviderStrategy: [{ capacityProvider: 'FARGATE', weight: 1 }],
    settings: [{ name: 'containerInsights', value: 'enhanced' }],
  });
  await expect(
    local.ecs.updateCluster({ cluster: 'zone', settings: [{ name: 'containerInsights', value: 'loud' }] }),
  ).rejects.toMatchObject({ name: 'InvalidParameterException' });
});

test('account settings are listed where the effective ones are asked for, page by page', async () => {
  expect((await local.ecs.listAccountSettings({})).settings).toEqual([]);
  const first = await local.ecs.listAccountSettings({ effectiveSettings: true, maxResults: 4 });
  const rest = await local.ecs.listAccountSettings({ effectiveSettings: true, nextToken: first.nextToken });
  expect(first.settings).toHaveLength(4);
  const names = [...(first.settings ?? []), ...(rest.settings ?? [])].map(({ name }) => name);
  expect(names).toContain('taskLongArnFormat');
  expect(new Set(names).size).toBe(names.length);
});

test('there are no container instances', async () => {
  expect((await local.ecs.listContainerInstances({ cluster: 'zone' })).containerInstanceArns).toEqual([]);
  const { failures } = await local.ecs.describeContainerInstances({ cluster: 'zone', containerInstances: ['abc'] });
  expect(failures).toMatchObject([{ arn: expect.stringContaining(':container-instance/zone/abc'), reason: 'MISSING' }]);
  await expect(local.ecs.listContainerInstances({ cluster: 'nowhere' })).rejects.toMatchObject({
    name: 'ClusterNotFoundException',
  });
});
