/** The operations on clusters. */
import type {
  Cluster as ClusterDescription,
  ClusterField,
  CreateClusterRequest,
  CreateClusterResponse,
  DeleteClusterRequest,
  DeleteClusterResponse,
  DescribeClustersRequest,
  DescribeClustersResponse,
  ListClustersRequest,
  ListClustersResponse,
  PutClusterCapacityProvidersRequest,
  PutClusterCapacityProvidersResponse,
  UpdateClusterRequest,
  UpdateClusterResponse,
} from '@aws-sdk/client-ecs';
import type { Given } from '../operations';
import { fail } from '../protocol/errors';
import { arnOf } from '../scope';
import { capacityProviders } from './account';
import { clusterArn, clusterOf, pageOf, type Ecs } from './ecs';
import type { Cluster } from './state';
import { setTags, tagsOf } from './tags';

/** Creates a cluster, or returns the one that exists already. */
export function createCluster(ecs: Ecs, input: CreateClusterRequest): CreateClusterResponse {
  const name = input.clusterName ?? 'default';
  if (!/^[A-Za-z0-9_-]{1,255}$/.test(name))
    fail('InvalidParameterException', 'Invalid identifier: Identifier is for cluster');
  const arn = clusterArn(ecs, name);
  const known = ecs.state.clusters[arn];
  if (known?.status === 'ACTIVE') return { cluster: describe(ecs, known) };
  setTags(ecs, arn, input.tags);
  const settings = (input.settings ?? []).map((setting) => ({ name: setting.name ?? '', value: setting.value ?? '' }));
  const cluster: Cluster = { arn, name, status: 'ACTIVE', settings, capacityProviders: input.capacityProviders ?? [] };
  configure(ecs, cluster, input);
  ecs.state.clusters[arn] = cluster;
  return { cluster: describe(ecs, cluster) };
}

/** The namespace may be given by name; AWS shows its ARN, and makes it where it isn't there. */
function configure(
  { scope }: Ecs,
  cluster: Cluster,
  given: Pick<CreateClusterRequest, 'configuration' | 'serviceConnectDefaults'>,
): void {
  if (given.configuration !== undefined) cluster.configuration = given.configuration;
  const { namespace } = given.serviceConnectDefaults ?? {};
  if (namespace === undefined) return;
  const arn = namespace.startsWith('arn:') ? namespace : arnOf(scope, 'servicediscovery', `namespace/ns-${namespace}`);
  cluster.serviceConnectDefaults = namespace === '' ? {} : { namespace: arn };
}

export function describeClusters(ecs: Ecs, input: DescribeClustersRequest): DescribeClustersResponse {
  const arns = (input.clusters ?? ['default']).map((cluster) => clusterArn(ecs, cluster));
  const found = arns.map((arn) => ecs.state.clusters[arn]).filter((cluster) => cluster !== undefined);
  const missing = arns.filter((arn) => ecs.state.clusters[arn] === undefined);
  return {
    clusters: found.map((cluster) => withIncluded(describe(ecs, cluster), input.include ?? [])),
    failures: missing.map((arn) => ({ arn, reason: 'MISSING' })),
  };
}

/** What is only shown to who asks for it. */
function withIncluded(
  { tags = [], settings = [], configuration, ...cluster }: ClusterDescription,
  include: readonly ClusterField[],
): ClusterDescription {
  return {
    ...cluster,
    tags: include.includes('TAGS') ? tags : [],
    settings: include.includes('SETTINGS') ? settings : [],
    ...(include.includes('CONFIGURATIONS') && { configuration }),
  };
}

export function listClusters(ecs: Ecs, input: ListClustersRequest): ListClustersResponse {
  const active = Object.values(ecs.state.clusters).filter(({ status }) => status === 'ACTIVE');
  const { items, ...next } = pageOf(active, input);
  return { clusterArns: items.map(({ arn }) => arn), ...next };
}

/** @throws {AwsError} with code `ClusterContainsServicesException` or `ClusterContainsTasksException` */
export function deleteCluster(ecs: Ecs, input: Given<DeleteClusterRequest>): DeleteClusterResponse {
  const cluster = clusterOf(ecs, input.cluster);
  const { activeServicesCount = 0, runningTasksCount = 0, pendingTasksCount = 0 } = describe(ecs, cluster);
  if (activeServicesCount > 0) {
    fail('ClusterContainsServicesException', 'The Cluster cannot be deleted while Services are active.');
  }
  if (runningTasksCount + pendingTasksCount > 0) {
    fail('ClusterContainsTasksException', 'The Cluster cannot be deleted while Tasks are active.');
  }
  cluster.status = 'INACTIVE';
  return { cluster: describe(ecs, cluster) };
}

/** Changes what is given. */
export function updateCluster(ecs: Ecs, input: Given<UpdateClusterRequest>): UpdateClusterResponse {
  const cluster = clusterOf(ecs, input.cluster);
  configure(ecs, cluster, input);
  const given = (input.settings ?? []).map((setting) => ({ name: setting.name ?? '', value: setting.value ?? '' }));
  for (const { name, value } of given) {
    const isKnown = name === 'containerInsights' && ['enabled', 'disabled', 'enhanced'].includes(value);
    if (!isKnown) fail('InvalidParameterException', `The setting ${name} with the value ${value} is not valid.`);
  }
  cluster.settings = [...cluster.settings.filter((one) => given.every(({ name }) => name !== one.name)), ...given];
  return { cluster: describe(ecs, cluster) };
}

/** Replaces all of the cluster's providers and its default strategy. Tasks run as processes whatever these are. */
export function putClusterCapacityProviders(
  ecs: Ecs,
  input: Given<PutClusterCapacityProvidersRequest>,
): PutClusterCapacityProvidersResponse {
  const cluster = clusterOf(ecs, input.cluster);
  const unknown = input.capacityProviders.find((name) => !capacityProviders.includes(name));
  if (unknown !== undefined) {
    fail('InvalidParameterException', `The specified capacity provider ${unknown} was not found.`);
  }
  const foreign = input.defaultCapacityProviderStrategy.find(
    ({ capacityProvider = '' }) => !input.capacityProviders.includes(capacityProvider),
  );
  if (foreign !== undefined) {
    fail(
      'InvalidParameterException',
      `The capacity provider ${foreign.capacityProvider} of the strategy is not associated with the cluster.`,
    );
  }
  cluster.capacityProviders = input.capacityProviders;
  cluster.defaultCapacityProviderStrategy = input.defaultCapacityProviderStrategy;
  return { cluster: describe(ecs, cluster) };
}

function describe(ecs: Ecs, cluster: Cluster): ClusterDescription {
  const { services, tasks } = ecs.state;
  const statuses = Object.values(tasks)
    .filter((task) => task.clusterArn === cluster.arn)
    .map(({ lastStatus }) => lastStatus);
  const active = Object.values(services).filter(
    (service) => service.clusterArn === cluster.arn && service.status !== 'INACTIVE',
  );
  return {
    clusterArn: cluster.arn,
    clusterName: cluster.name,
    status: cluster.status,
    registeredContainerInstancesCount: 0,
    runningTasksCount: statuses.filter((status) => status === 'RUNNING').length,
    pendingTasksCount: statuses.filter((status) => ['PROVISIONING', 'PENDING', 'ACTIVATING'].includes(status)).length,
    activeServicesCount: active.length,
    statistics: [],
    tags: tagsOf(ecs, cluster.arn),
    settings: cluster.settings.map((setting) => ({ ...setting, name: setting.name as 'containerInsights' })),
    capacityProviders: [...cluster.capacityProviders],
    configuration: cluster.configuration,
    serviceConnectDefaults: cluster.serviceConnectDefaults,
    defaultCapacityProviderStrategy: [...(cluster.defaultCapacityProviderStrategy ?? [])],
  };
}
