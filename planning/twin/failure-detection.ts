/**
 * What ECS judges a service's own deployments by: circuit breaker, alarms, early success. In the middle of a deployment here it
 * would stop or take back what is cutover's to decide, and a release that it gave up starts no replica any more. So it is off while
 * one runs, and what serves in the end has it as blue had it.
 */
import type { DeploymentConfiguration } from '@aws-sdk/client-ecs';
import type { FailureDetection, ServiceSettings } from '../observed/observed';

/** As a service has it in the end. */
export interface DetectionPlan {
  readonly service: string;
  /** With the percents, for AWS takes it as a whole. */
  readonly configuration: DeploymentConfiguration;
}

/** What of it is on; nothing where none is. */
export function detectionOf(configuration: DeploymentConfiguration = {}): {
  readonly failureDetection?: FailureDetection;
} {
  const { deploymentCircuitBreaker, alarms, earlySuccessCriteria } = configuration;
  const found = {
    ...(deploymentCircuitBreaker?.enable === true && { deploymentCircuitBreaker }),
    ...(alarms?.enable === true && { alarms }),
    ...(earlySuccessCriteria?.enable === true && { earlySuccessCriteria }),
  };
  return Object.keys(found).length > 0 ? { failureDetection: found } : {};
}

/** @param service what serves in the end */
export function planDetection(
  service: string,
  blue: FailureDetection | undefined,
  { deploymentConfiguration }: ServiceSettings,
): { readonly failureDetection?: DetectionPlan } {
  if (!blue) return {};
  const { earlySuccessCriteria: early } = blue;
  const least = deploymentConfiguration?.minimumHealthyPercent ?? 0;
  // AWS takes no early success below the percents that the settings may have raised.
  const raised = early && { ...early, healthyPercent: Math.max(early.healthyPercent ?? 0, least) };
  const configuration = { ...deploymentConfiguration, ...blue, ...(raised && { earlySuccessCriteria: raised }) };
  return { failureDetection: { service, configuration } };
}

/** What UpdateService is told so that none of it is on: what it isn't told of may stay. */
export function detectionOff({
  deploymentCircuitBreaker,
  alarms,
  earlySuccessCriteria,
}: FailureDetection = {}): FailureDetection {
  return {
    ...(deploymentCircuitBreaker && { deploymentCircuitBreaker: { enable: false, rollback: false } }),
    ...(alarms && { alarms: { ...alarms, enable: false, rollback: false } }),
    ...(earlySuccessCriteria && { earlySuccessCriteria: { enable: false } }),
  };
}

/** The members' names, as AWS has them. */
export const namesOfDetection = ({ configuration }: DetectionPlan): string[] =>
  Object.keys(detectionOf(configuration).failureDetection ?? {}).map((name) => `deploymentConfiguration.${name}`);
