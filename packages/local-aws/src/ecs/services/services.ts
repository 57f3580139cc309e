/** The operations on services. They only change what is wanted; the scheduler makes it so. */
import type {
  CreateServiceRequest,
  CreateServiceResponse,
  DeleteServiceRequest,
  DeleteServiceResponse,
  DescribeServicesRequest,
  DescribeServicesResponse,
  ListServicesRequest,
  ListServicesResponse,
  UpdateServiceRequest,
  UpdateServiceResponse,
} from '@aws-sdk/client-ecs';
import type { Given } from '../../operations';
import { fail } from '../../protocol/errors';
import { activeService, clusterOf, pageOf, runnableTaskDefinition, serviceArn, tasksOfService, type Ecs } from '../ecs';
import type { Cluster, DeploymentSettings, Service, ServiceSettings } from '../state';
import { setTags } from '../tags';
import {
  checkStrategyChange,
  launchTypeOf,
  refuseTwoKindsOfCapacity,
  withCapacityOf,
  strategyOf,
  supportsRebalancing,
} from './capacity';
import { checkDesiredCount, checkService } from './service-checks';
import { startDeployment } from './rollback';
import { describeService } from './service-description';

/**
 * Creates a service, or returns the one of an earlier call with the same client token.
 * @throws {AwsError} with code `InvalidParameterException`, `ClientException`, `ClusterNotFoundException` or
 *   `UnsupportedFeatureException`
 */
export function createService(ecs: Ecs, input: Given<CreateServiceRequest>): CreateServiceResponse {
  const { cluster: clusterName, serviceName, clientToken, tags, desiredCount, taskDefinition, ...asked } = input;
  const cluster = clusterOf(ecs, clusterName);
  const given = withCapacityOf(cluster, asked);
  if (!/^[A-Za-z0-9_-]{1,255}$/.test(serviceName)) {
    fail('InvalidParameterException', 'Invalid identifier: Identifier is for service');
  }
  const again = refuseSecond(ecs, cluster, serviceName, clientToken);
  if (again !== undefined) return { service: describeService(ecs, again) };
  const count = desiredCount ?? fail('InvalidParameterException', 'Desired count must be specified.');
  checkDesiredCount(count);
  const definition = runnableTaskDefinition(
    ecs,
    taskDefinition ?? fail('ClientException', 'TaskDefinition can not be blank.'),
  );
  refuseTwoKindsOfCapacity(given);
  checkService(ecs, given, definition);
  const arn = serviceArn(ecs, cluster, serviceName);
  delete ecs.state.tags[arn];
  setTags(ecs, arn, tags);
  const service: Service = {
    arn,
    name: serviceName,
    clusterArn: cluster.arn,
    ...(clientToken === undefined ? {} : { clientToken }),
    status: 'ACTIVE',
    desiredCount: count,
    taskDefinition: definition.arn,
    settings: withDefaults(given),
    createdAt: ecs.now(),
    deployments: [],
    events: [],
    steady: false,
  };
  ecs.state.services[arn] = service;
  startDeployment(ecs, service, { taskDefinition: definition.arn, settings: deploymentSettings(service.settings) });
  ecs.wake();
  return { service: describeService(ecs, service) };
}

/**
 * A new deployment begins when something changes that tasks are made of, or when it is forced; it doesn't for the desired
 * count, the grace period or the deployment configuration.
 */
export function updateService(ecs: Ecs, input: Given<UpdateServiceRequest>): UpdateServiceResponse {
  const { cluster, service: name, desiredCount, taskDefinition, forceNewDeployment, ...given } = input;
  const service = activeService(ecs, clusterOf(ecs, cluster), name);
  if (desiredCount !== undefined) checkDesiredCount(desiredCount);
  const definition = runnableTaskDefinition(ecs, taskDefinition ?? service.taskDefinition);
  const settings = withDefaults(merged(service.settings, given));
  checkService(ecs, settings, definition);
  checkStrategyChange(service.settings, settings, forceNewDeployment);
  const isNew =
    forceNewDeployment === true ||
    definition.arn !== service.taskDefinition ||
    JSON.stringify(deploymentSettings(settings)) !== JSON.stringify(deploymentSettings(service.settings));
  service.settings = settings;
  service.taskDefinition = definition.arn;
  if (desiredCount !== undefined && desiredCount !== service.desiredCount) {
    service.desiredCount = desiredCount;
    service.steady = false;
  }
  if (isNew) startDeployment(ecs, service, { taskDefinition: definition.arn, settings: deploymentSettings(settings) });
  const [primary] = service.deployments;
  if (primary !== undefined) primary.desiredCount = service.desiredCount;
  ecs.wake();
  return { service: describeService(ecs, service) };
}

/** @throws {AwsError} with code `InvalidParameterException` when tasks are still wanted and it isn't forced */
export function deleteService(ecs: Ecs, input: Given<DeleteServiceRequest>): DeleteServiceResponse {
  const service = activeService(ecs, clusterOf(ecs, input.cluster), input.service);
  if (service.desiredCount > 0 && input.force !== true) {
    fail('InvalidParameterException', 'The service cannot be stopped while it is scaled above 0.');
  }
  const hasTasks = tasksOfService(ecs, service).some(({ lastStatus }) => lastStatus !== 'STOPPED');
  service.status = hasTasks ? 'DRAINING' : 'INACTIVE';
  service.desiredCount = 0;
  ecs.wake();
  return { service: describeService(ecs, service) };
}

/** Describes at most ten at a time; those that don't exist are listed as failures. */
export function describeServices(ecs: Ecs, input: Given<DescribeServicesRequest>): DescribeServicesResponse {
  const cluster = clusterOf(ecs, input.cluster);
  if (input.services.length === 0) fail('InvalidParameterException', 'Services cannot be empty.');
  if (input.services.length > 10) fail('InvalidParameterException', 'Cannot describe more than 10 services at once.');
  const arns = input.services.map((service) => serviceArn(ecs, cluster, service));
  const found = arns.map((arn) => ecs.state.services[arn]).filter((service) => service !== undefined);
  const missing = arns.filter((arn) => ecs.state.services[arn] === undefined);
  const withTags = input.include?.includes('TAGS') ?? false;
  return {
    services: found.map((service) => describeService(ecs, service, withTags)),
    failures: missing.map((arn) => ({ arn, reason: 'MISSING' })),
  };
}

export function listServices(ecs: Ecs, input: ListServicesRequest): ListServicesResponse {
  const cluster = clusterOf(ecs, input.cluster);
  const listed = Object.values(ecs.state.services)
    .filter(({ clusterArn, status }) => clusterArn === cluster.arn && status !== 'INACTIVE')
    .filter(({ settings }) => input.launchType === undefined || launchTypeOf(settings) === input.launchType)
    // All services are the customer's own: none was made by ECS for an express service.
    .filter(() => input.resourceManagementType !== 'ECS');
  const { items, ...next } = pageOf(listed, { maxResults: input.maxResults ?? 10, nextToken: input.nextToken });
  return { serviceArns: items.map(({ arn }) => arn), ...next };
}

/**
 * The service of an earlier call with the same token; undefined when the name is free.
 * @throws {AwsError} when the name is taken
 */
function refuseSecond(ecs: Ecs, cluster: Cluster, name: string, clientToken: string | undefined): Service | undefined {
  const known = ecs.state.services[serviceArn(ecs, cluster, name)];
  if (known === undefined || known.status === 'INACTIVE') return undefined;
  if (clientToken !== undefined && known.clientToken === clientToken) return known;
  if (known.status === 'DRAINING')
    fail('InvalidParameterException', 'Unable to Start a service that is still Draining.');
  return fail('InvalidParameterException', 'Creation of service was not idempotent.');
}

function withDefaults(settings: ServiceSettings): ServiceSettings {
  const { deploymentConfiguration, ...rest } = settings;
  return {
    schedulingStrategy: 'REPLICA',
    enableECSManagedTags: false,
    propagateTags: 'NONE',
    enableExecuteCommand: false,
    availabilityZoneRebalancing: supportsRebalancing(settings) ? 'ENABLED' : 'DISABLED',
    ...rest,
    launchType: settings.launchType ?? (strategyOf(settings) === undefined ? 'EC2' : undefined),
    deploymentConfiguration: {
      deploymentCircuitBreaker: { enable: false, rollback: false },
      maximumPercent: 200,
      minimumHealthyPercent: 100,
      strategy: 'ROLLING',
      ...deploymentConfiguration,
    },
  };
}

/** The settings with those changed that are given, member by member in the deployment configuration too. */
function merged(before: ServiceSettings, given: Partial<ServiceSettings>): ServiceSettings {
  const isGiven = ([, value]: [string, unknown]): boolean => value !== undefined;
  const wanted: Partial<ServiceSettings> = Object.fromEntries(Object.entries(given).filter(isGiven));
  const configuration = Object.entries(wanted.deploymentConfiguration ?? {}).filter(isGiven);
  return {
    ...before,
    ...wanted,
    deploymentConfiguration: { ...before.deploymentConfiguration, ...Object.fromEntries(configuration) },
  };
}

function deploymentSettings(settings: ServiceSettings): DeploymentSettings {
  const { networkConfiguration, platformVersion, loadBalancers } = settings;
  const { serviceRegistries, serviceConnectConfiguration, volumeConfigurations } = settings;
  const { monitoring, gatewayConnectors } = settings;
  const network = { networkConfiguration, loadBalancers, serviceRegistries, serviceConnectConfiguration };
  const strategy = strategyOf(settings);
  return {
    ...network,
    launchType: launchTypeOf(settings),
    ...(strategy !== undefined && { capacityProviderStrategy: strategy }),
    platformVersion,
    volumeConfigurations,
    monitoring,
    gatewayConnectors,
  };
}
