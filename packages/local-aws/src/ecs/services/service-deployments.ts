/** The operations on a service's deployments and revisions: what was deployed when, and what became of it. */
import { createHash } from 'node:crypto';
import type {
  DescribeServiceDeploymentsRequest,
  DescribeServiceDeploymentsResponse,
  ListServiceDeploymentsRequest,
  ListServiceDeploymentsResponse,
  ServiceDeployment,
  ServiceDeploymentBrief,
  ServiceRevisionSummary,
  StopServiceDeploymentRequest,
  StopServiceDeploymentResponse,
} from '@aws-sdk/client-ecs';
import type { Given } from '../../operations';
import { fail } from '../../protocol/errors';
import { clusterOf, pageOf, serviceArn, tasksOfService, type Ecs } from '../ecs';
import type { Service, ServiceDeploymentRecord } from '../state';
import { failureThreshold } from './circuit-breaker';
import { currentRecord } from './deployment-history';
import { giveUp } from './rollback';

interface Found {
  readonly service: Service;
  readonly record: ServiceDeploymentRecord;
}

/**
 * The newest deployments come first.
 * @throws {AwsError} with code `ServiceNotFoundException`
 */
export function listServiceDeployments(
  ecs: Ecs,
  input: Given<ListServiceDeploymentsRequest>,
): ListServiceDeploymentsResponse {
  const service =
    ecs.state.services[serviceArn(ecs, clusterOf(ecs, input.cluster), input.service)] ??
    fail('ServiceNotFoundException', 'Service not found.');
  const { before, after } = input.createdAt ?? {};
  const listed = (service.history ?? [])
    .filter(({ status }) => input.status === undefined || input.status.length === 0 || input.status.includes(status))
    .filter(({ createdAt }) => before === undefined || createdAt < before.getTime())
    .filter(({ createdAt }) => after === undefined || createdAt > after.getTime());
  const { items, ...next } = pageOf(listed, input);
  return { serviceDeployments: items.map((record) => describeBriefly({ service, record })), ...next };
}

/** Describes at most twenty at a time; those that don't exist are listed as failures. */
export function describeServiceDeployments(
  ecs: Ecs,
  { serviceDeploymentArns: arns }: Given<DescribeServiceDeploymentsRequest>,
): DescribeServiceDeploymentsResponse {
  if (arns.length === 0 || arns.length > 20) {
    fail('InvalidParameterException', 'Between 1 and 20 service deployment ARNs must be specified.');
  }
  const found = arns.map((arn) => ({ arn, found: findDeployment(ecs, arn) }));
  return {
    serviceDeployments: found.flatMap((one) => (one.found === undefined ? [] : [describeWhole(ecs, one.found)])),
    failures: found.filter((one) => one.found === undefined).map(({ arn }) => ({ arn, reason: 'MISSING' })),
  };
}

/**
 * Rolls a deployment back; one that rolls back already goes on.
 * @throws {AwsError} with code `ServiceDeploymentNotFoundException` or `ConflictException`
 */
export function stopServiceDeployment(
  ecs: Ecs,
  input: Given<StopServiceDeploymentRequest>,
): StopServiceDeploymentResponse {
  const { serviceDeploymentArn: arn, stopType = 'ROLLBACK' } = input;
  // The API's model has ABORT too, its reference only ROLLBACK.
  if (stopType !== 'ROLLBACK') fail('InvalidParameterException', `stopType ${stopType} is not supported.`);
  const found = findDeployment(ecs, arn);
  if (found === undefined) {
    return fail('ServiceDeploymentNotFoundException', `The service deployment ${arn} was not found.`);
  }
  const { service, record } = found;
  const [primary] = service.deployments;
  if (record !== currentRecord(service) || primary === undefined) {
    return fail('ConflictException', `The service deployment ${arn} is ${record.status} and can't be stopped.`);
  }
  if (record.rollback === undefined) {
    giveUp(ecs, service, primary, {
      reason: 'Service deployment rolled back because of a user request.',
      event: 'deployment failed: rollback requested by a user.',
      rollback: true,
      by: 'ECS deployment stopped by a user',
    });
    ecs.wake();
  }
  return { serviceDeploymentArn: arn };
}

export function serviceDeploymentArn(service: Service, record: ServiceDeploymentRecord): string {
  const id = createHash('sha256').update(record.deploymentId).digest('base64url').slice(0, 21);
  return `${service.arn.replace(':service/', ':service-deployment/')}/${id}`;
}

export function serviceRevisionArn(service: Service, revision: string): string {
  return `${service.arn.replace(':service/', ':service-revision/')}/${revision}`;
}

function findDeployment({ state }: Ecs, arn: string): Found | undefined {
  return Object.values(state.services)
    .flatMap((service) => (service.history ?? []).map((record) => ({ service, record })))
    .find(({ service, record }) => serviceDeploymentArn(service, record) === arn);
}

function describeBriefly({ service, record }: Found): ServiceDeploymentBrief {
  return {
    serviceDeploymentArn: serviceDeploymentArn(service, record),
    serviceArn: service.arn,
    clusterArn: service.clusterArn,
    createdAt: new Date(record.createdAt),
    startedAt: new Date(record.createdAt),
    finishedAt: record.finishedAt === undefined ? undefined : new Date(record.finishedAt),
    targetServiceRevisionArn: serviceRevisionArn(service, record.revision),
    status: record.status,
    statusReason: record.statusReason,
  };
}

function describeWhole(ecs: Ecs, { service, record }: Found): ServiceDeployment {
  const { targetServiceRevisionArn: _, ...brief } = describeBriefly({ service, record });
  const { rollback } = record;
  return {
    ...brief,
    updatedAt: new Date(record.updatedAt),
    stoppedAt: record.stoppedAt === undefined ? undefined : new Date(record.stoppedAt),
    sourceServiceRevisions: record.sources.map((revision) => summarize(ecs, service, revision, 0)),
    targetServiceRevision: summarize(
      ecs,
      service,
      record.revision,
      rollback === undefined && record === service.history?.[0] ? service.desiredCount : 0,
    ),
    deploymentConfiguration: service.settings.deploymentConfiguration,
    alarms: { status: service.settings.deploymentConfiguration?.alarms?.enable === true ? 'MONITORING' : 'DISABLED' },
    rollback:
      rollback === undefined
        ? undefined
        : {
            reason: rollback.reason,
            startedAt: new Date(rollback.startedAt),
            serviceRevisionArn: serviceRevisionArn(service, rollback.revision),
          },
    deploymentCircuitBreaker: describeBreaker(service, record),
  };
}

function describeBreaker(
  service: Service,
  record: ServiceDeploymentRecord,
): ServiceDeployment['deploymentCircuitBreaker'] {
  const breaker = service.settings.deploymentConfiguration?.deploymentCircuitBreaker;
  const deployment = service.deployments.find(({ id }) => id === record.deploymentId);
  const tripped = record.statusReason?.startsWith('ECS deployment circuit breaker') ?? false;
  const watching = record.finishedAt === undefined ? 'MONITORING' : 'MONITORING_COMPLETE';
  return {
    status: breaker?.enable !== true ? 'DISABLED' : tripped ? 'TRIGGERED' : watching,
    failureCount: deployment?.failedTasks ?? 0,
    threshold: breaker === undefined ? 0 : failureThreshold(breaker, service.desiredCount),
  };
}

/** Counts the tasks of all deployments of the revision. */
export function summarize(ecs: Ecs, service: Service, revision: string, requested: number): ServiceRevisionSummary {
  const ids = service.deployments.filter((one) => one.revision === revision).map(({ id }) => id);
  const tasks = tasksOfService(ecs, service).filter(({ deploymentId }) => ids.includes(deploymentId ?? ''));
  return {
    arn: serviceRevisionArn(service, revision),
    requestedTaskCount: requested,
    runningTaskCount: tasks.filter(({ lastStatus }) => ['RUNNING', 'DEACTIVATING'].includes(lastStatus)).length,
    pendingTaskCount: tasks.filter(({ lastStatus }) => ['PROVISIONING', 'PENDING', 'ACTIVATING'].includes(lastStatus))
      .length,
  };
}
