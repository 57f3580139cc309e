/**
 * The deployment circuit breaker: it gives up a deployment after too many failed tasks, and brings back the last completed
 * one if the service wants that.
 * https://docs.aws.amazon.com/AmazonECS/latest/developerguide/deployment-circuit-breaker.html
 */
import type { DeploymentCircuitBreaker } from '@aws-sdk/client-ecs';
import type { Ecs } from '../ecs';
import type { Deployment, Service } from '../state';
import { giveUp } from './rollback';

/** To be called when a task of the deployment failed. */
export function breakCircuit(ecs: Ecs, service: Service, deployment: Deployment): void {
  const breaker = service.settings.deploymentConfiguration?.deploymentCircuitBreaker;
  if (breaker?.enable !== true || deployment.status !== 'PRIMARY' || deployment.rolloutState !== 'IN_PROGRESS') return;
  if (deployment.failedTasks < failureThreshold(breaker, service.desiredCount)) return;
  giveUp(ecs, service, deployment, {
    reason: 'ECS deployment circuit breaker: tasks failed to start.',
    event: 'deployment failed: tasks failed to start.',
    rollback: breaker.rollback === true,
    by: 'ECS deployment circuit breaker',
  });
}

/** How many failed tasks are too many. By default half the desired count, at least 3 and at most 200. */
export function failureThreshold(breaker: DeploymentCircuitBreaker, desiredCount: number): number {
  const { type = 'BOUNDED_PERCENT', value = 50 } = breaker.thresholdConfiguration ?? {};
  if (type === 'COUNT') return value;
  const share = Math.ceil((desiredCount * value) / 100);
  return type === 'BOUNDED_PERCENT' ? Math.min(200, Math.max(3, share)) : Math.max(1, share);
}
