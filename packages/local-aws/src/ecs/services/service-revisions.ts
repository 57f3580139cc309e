/** The revisions of services: what their deployments deploy. */
import type {
  DescribeServiceRevisionsRequest,
  DescribeServiceRevisionsResponse,
  ServiceRevision,
} from '@aws-sdk/client-ecs';
import type { Given } from '../../operations';
import { fail } from '../../protocol/errors';
import { tasksOfService, type Ecs } from '../ecs';
import { describePlatform } from './platform';
import type { Service, ServiceRevisionRecord } from '../state';
import { serviceRevisionArn } from './service-deployments';

/** Describes at most twenty at a time; those that don't exist are listed as failures. */
export function describeServiceRevisions(
  ecs: Ecs,
  { serviceRevisionArns: arns }: Given<DescribeServiceRevisionsRequest>,
): DescribeServiceRevisionsResponse {
  if (arns.length === 0 || arns.length > 20) {
    fail('InvalidParameterException', 'Between 1 and 20 service revision ARNs must be specified.');
  }
  const found = arns.map((arn) => ({ arn, revision: findRevision(ecs, arn) }));
  return {
    serviceRevisions: found.flatMap(({ revision }) => (revision === undefined ? [] : [revision])),
    failures: found.filter(({ revision }) => revision === undefined).map(({ arn }) => ({ arn, reason: 'MISSING' })),
  };
}

function findRevision(ecs: Ecs, arn: string): ServiceRevision | undefined {
  for (const service of Object.values(ecs.state.services)) {
    const record = service.revisions?.find(({ revision }) => serviceRevisionArn(service, revision) === arn);
    if (record !== undefined) return describeRevision(ecs, service, record);
  }
  return undefined;
}

function describeRevision(ecs: Ecs, service: Service, record: ServiceRevisionRecord): ServiceRevision {
  const { networkConfiguration, launchType, loadBalancers = [] } = record.settings;
  const { capacityProviderStrategy = [] } = record.settings;
  const { monitoring, gatewayConnectors = [] } = record.settings;
  const { serviceRegistries = [], serviceConnectConfiguration, volumeConfigurations = [] } = record.settings;
  const containers = ecs.state.taskDefinitions[record.taskDefinition]?.settings.containerDefinitions ?? [];
  const pulled = tasksOfService(ecs, service)
    .filter((task) => task.taskDefinitionArn === record.taskDefinition)
    .flatMap((task) => task.containers);
  return {
    serviceRevisionArn: serviceRevisionArn(service, record.revision),
    serviceArn: service.arn,
    clusterArn: service.clusterArn,
    taskDefinition: record.taskDefinition,
    capacityProviderStrategy,
    launchType,
    ...describePlatform(ecs, record),
    loadBalancers,
    serviceRegistries,
    serviceConnectConfiguration,
    networkConfiguration,
    containerImages: containers.map(({ name, image }) => ({
      containerName: name,
      image,
      imageDigest: pulled.find((container) => container.name === name)?.imageDigest,
    })),
    guardDutyEnabled: false,
    volumeConfigurations,
    gatewayConnectors,
    ...(monitoring && { monitoring }),
    createdAt: new Date(record.createdAt),
  };
}
