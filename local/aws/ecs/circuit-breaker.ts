/**
 * The deployment circuit breaker: gives a deployment up after too many failed tasks, and brings the last completed one
 * back where that is wanted.
 * https://docs.aws.amazon.com/AmazonECS/latest/developerguide/deployment-circuit-breaker.html
 */
import type { DeploymentCircuitBreaker } from '@aws-sdk/client-ecs';
import { hexId } from '../scope';
import type { Ecs } from './ecs';
import { addEvent } from './events';
import type { Deployment, Service } from './state';

/** To be called when a task of the deployment failed. */
export function breakCircuit(ecs: Ecs, service: Service, deployment: Deployment): void {
  const breaker = service.settings.deploymentConfiguration?.deploymentCircuitBreaker;
  if (breaker?.enable !== true || deployment.status !== 'PRIMARY' || deployment.rolloutState !== 'IN_PROGRESS') return;
  if (deployment.failedTasks < failureThreshold(breaker, service.desiredCount)) return;
  deployment.rolloutState = 'FAILED';
  deployment.rolloutStateReason = 'ECS deployment circuit breaker: tasks failed to start.';
  deployment.updatedAt = ecs.now();
  addEvent(ecs, service, `(deployment ${deployment.id}) deployment failed: tasks failed to start.`);
  const back = service.lastCompleted;
  if (breaker.rollback !== true || back === undefined) return;
  const { taskDefinition, settings } = back;
  const started = startDeployment(ecs, service, { taskDefinition, settings });
  started.rolloutStateReason = `ECS deployment circuit breaker: rolling back to deploymentId ${back.id}.`;
  service.taskDefinition = taskDefinition;
  addEvent(ecs, service, `(deployment ${deployment.id}) rolling back to deployment ${back.id}.`);
}

/** Half the desired count, at least 3 and at most 200, unless it is set otherwise. */
export function failureThreshold(breaker: DeploymentCircuitBreaker, desiredCount: number): number {
  const { type = 'BOUNDED_PERCENT', value = 50 } = breaker.thresholdConfiguration ?? {};
  if (type === 'COUNT') return value;
  const share = Math.ceil((desiredCount * value) / 100);
  return type === 'BOUNDED_PERCENT' ? Math.min(200, Math.max(3, share)) : Math.max(1, share);
}

/** The new deployment is the primary one; the one before stays as long as it has tasks. */
export function startDeployment(
  ecs: Ecs,
  service: Service,
  wanted: Pick<Deployment, 'taskDefinition' | 'settings'>,
): Deployment {
  const digits = BigInt(`0x${hexId(15)}`)
    .toString()
    .padStart(19, '9')
    .slice(-19);
  const id = `ecs-svc/${digits}`;
  const deployment: Deployment = {
    id,
    status: 'PRIMARY',
    taskDefinition: wanted.taskDefinition,
    settings: wanted.settings,
    desiredCount: service.desiredCount,
    failedTasks: 0,
    createdAt: ecs.now(),
    updatedAt: ecs.now(),
    rolloutState: 'IN_PROGRESS',
    rolloutStateReason: `ECS deployment ${id} in progress.`,
    notBefore: 0,
  };
  for (const older of service.deployments) older.status = 'ACTIVE';
  service.deployments = [deployment, ...service.deployments];
  service.steady = false;
  ecs.changed();
  return deployment;
}
