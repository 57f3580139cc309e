/** The checks of CreateService and UpdateService, which refuse in AWS's words. */
import type { LoadBalancer, NetworkConfiguration } from '@aws-sdk/client-ecs';
import { isInUse } from '../../elbv2/elbv2';
import { fail } from '../../protocol/errors';
import type { Ecs } from '../ecs';
import type { ServiceSettings, TaskDefinition } from '../state';
import { checkExternal, checkPlacement, checkRebalancing } from './capacity';

export function checkService(ecs: Ecs, settings: Partial<ServiceSettings>, definition: TaskDefinition): void {
  checkController(settings);
  checkPercents(settings);
  checkThreshold(settings);
  checkNetwork(settings.networkConfiguration, definition);
  for (const entry of settings.loadBalancers ?? []) checkLoadBalancer(ecs, entry, definition);
  checkRebalancing(settings);
  checkPlacement(settings);
  checkExec(settings, definition);
  checkVolumes(settings, definition);
  checkExternal(settings);
  const grace = settings.healthCheckGracePeriodSeconds;
  if (grace !== undefined && (settings.loadBalancers ?? []).length === 0) {
    refuse('Health check grace period is only valid for services configured to use load balancers');
  }
}

/** @throws {AwsError} with code `InvalidParameterException` */
export function checkDesiredCount(count: number): void {
  if (!Number.isInteger(count) || count < 0) refuse('Desired count must be a whole number of at least 0.');
}

/** @throws {AwsError} when the network configuration doesn't suit the task definition's network mode */
export function checkNetwork(network: NetworkConfiguration | undefined, definition: TaskDefinition): void {
  const isOwn = definition.settings.networkMode === 'awsvpc';
  if (isOwn && network?.awsvpcConfiguration === undefined) {
    refuse("Network Configuration must be provided when networkMode 'awsvpc' is specified.");
  }
  if (!isOwn && network !== undefined) {
    refuse('Network Configuration is not valid for the given networkMode of this task definition.');
  }
  if (isOwn && (network?.awsvpcConfiguration?.subnets ?? []).length === 0) refuse('subnets can not be empty.');
}

/** AWS has "created" for a service that is made. */
function checkExec({ enableExecuteCommand }: Partial<ServiceSettings>, { settings }: TaskDefinition): void {
  if (enableExecuteCommand === true && settings.taskRoleArn === undefined)
    refuse(
      "The service couldn't be updated because a valid taskRoleArn is not being used. Specify a valid task role in your task definition and try again.",
    );
}

/** Volumes are configured at launch by both or neither: the sentence for the one way is AWS's, the other is like it. */
function checkVolumes({ volumeConfigurations = [] }: Partial<ServiceSettings>, { settings }: TaskDefinition): void {
  const configured = volumeConfigurations.map(({ name }) => name);
  const named = (settings.volumes ?? []).filter((one) => one.configuredAtLaunch === true).map(({ name }) => name);
  if (configured.some((name) => !named.includes(name)))
    refuse('Volume configuration provided but no matching configuredAtLaunch volume found in task definition.');
  if (named.some((name) => !configured.includes(name)))
    refuse('configuredAtLaunch volume found in task definition but no matching volume configuration provided.');
}

function checkController({
  deploymentController,
  deploymentConfiguration,
  schedulingStrategy,
}: Partial<ServiceSettings>): void {
  const controller = deploymentController?.type ?? 'ECS';
  const strategy = deploymentConfiguration?.strategy ?? 'ROLLING';
  const scheduling = schedulingStrategy ?? 'REPLICA';
  if (controller !== 'ECS') unsupported(`the deployment controller ECS, not ${controller}`);
  if (strategy !== 'ROLLING') unsupported(`the deployment strategy ROLLING, not ${strategy}`);
  if (scheduling !== 'REPLICA') unsupported(`the scheduling strategy REPLICA, not ${scheduling}`);
}

function checkPercents({ deploymentConfiguration }: Partial<ServiceSettings>): void {
  const { minimumHealthyPercent: least = 100, maximumPercent: most = 200 } = deploymentConfiguration ?? {};
  if (least < 0 || most < 0 || !Number.isInteger(least) || !Number.isInteger(most)) {
    refuse('The deployment configuration percents must be whole numbers of at least 0.');
  }
  if (least === 100 && most === 100) {
    refuse('Both maximumPercent and minimumHealthyPercent cannot be 100 as this will block deployments.');
  }
  if (least > most || most < 100)
    refuse('maximumPercent must be at least 100, and not less than minimumHealthyPercent.');
}

function checkThreshold({ deploymentConfiguration }: Partial<ServiceSettings>): void {
  const given = deploymentConfiguration?.deploymentCircuitBreaker?.thresholdConfiguration;
  if (given === undefined) return;
  const { type = 'BOUNDED_PERCENT', value = 50 } = given;
  if (!['BOUNDED_PERCENT', 'UNBOUNDED_PERCENT', 'COUNT'].includes(type) || !Number.isInteger(value) || value < 1) {
    refuse('The circuit breaker threshold must be a COUNT, BOUNDED_PERCENT or UNBOUNDED_PERCENT of at least 1.');
  }
}

/** A group must be in a rule of a load balancer before a service can use it. */
function checkLoadBalancer(ecs: Ecs, entry: LoadBalancer, definition: TaskDefinition): void {
  const { targetGroupArn: arn, containerName, containerPort } = entry;
  if (arn === undefined) return refuse('A load balancer must be given by its targetGroupArn.');
  if (entry.advancedConfiguration !== undefined) unsupported('load balancers without an advancedConfiguration');
  const container = (definition.settings.containerDefinitions ?? []).find(({ name }) => name === containerName);
  if (container === undefined) return refuse(`The container ${containerName} does not exist in the task definition.`);
  if (!(container.portMappings ?? []).some((mapping) => mapping.containerPort === containerPort)) {
    refuse(`The container ${containerName} did not have a container port ${containerPort} defined.`);
  }
  const group = ecs.elbv2.state.targetGroups[arn];
  if (group === undefined) return refuse(`The target group with targetGroupArn ${arn} does not exist.`);
  const { networkMode = 'bridge' } = definition.settings;
  if ((networkMode === 'awsvpc') !== (group.targetType === 'ip')) {
    refuse(
      `The provided target group ${arn} has target type ${group.targetType}, which is incompatible with the ${networkMode} network mode specified in the task definition.`,
    );
  }
  if (!isInUse(ecs.elbv2, arn)) {
    refuse(`The target group with targetGroupArn ${arn} does not have an associated load balancer.`);
  }
}

function refuse(message: string): void {
  fail('InvalidParameterException', message);
}

function unsupported(what: string): never {
  return fail('UnsupportedFeatureException', `The local AWS has ${what}.`);
}
