/**
 * What a container instance must be able to do for a task definition, as ECS works it out.
 * https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task-placement-constraints.html#attributes
 */
import type { Attribute, ContainerDefinition } from '@aws-sdk/client-ecs';
import type { TaskDefinition } from './state';

const agent = 'com.amazonaws.ecs.capability';

export function requiredAttributes(settings: TaskDefinition['settings']): Attribute[] {
  const { containerDefinitions = [], networkMode, taskRoleArn, executionRoleArn, volumes = [] } = settings;
  const names = [
    `${agent}.docker-remote-api.1.18`,
    networkMode === 'awsvpc' && 'ecs.capability.task-eni',
    taskRoleArn !== undefined && `${agent}.task-iam-role${networkMode === 'host' ? '-network-host' : ''}`,
    volumes.some(({ efsVolumeConfiguration }) => efsVolumeConfiguration !== undefined) && 'ecs.capability.efs',
    ...containerDefinitions.flatMap((container) => ofContainer(container, executionRoleArn !== undefined)),
  ];
  return [...new Set(names)].flatMap((name) => (name === false ? [] : [{ name }]));
}

function ofContainer(container: ContainerDefinition, hasExecutionRole: boolean): (string | false)[] {
  const { image = '', logConfiguration, secrets = [], healthCheck, privileged } = container;
  const isFromEcr = /\.dkr[.-]ecr[.-]/.test(image);
  const isManager = ({ valueFrom = '' }) => valueFrom.includes(':secretsmanager:');
  return [
    logConfiguration !== undefined && `${agent}.logging-driver.${logConfiguration.logDriver}`,
    logConfiguration?.logDriver === 'awslogs' && hasExecutionRole && 'ecs.capability.execution-role-awslogs',
    isFromEcr && `${agent}.ecr-auth`,
    isFromEcr && hasExecutionRole && 'ecs.capability.execution-role-ecr-pull',
    secrets.some(isManager) && 'ecs.capability.secrets.asm.environment-variables',
    secrets.some((secret) => !isManager(secret)) && 'ecs.capability.secrets.ssm.environment-variables',
    healthCheck !== undefined && 'ecs.capability.container-health-check',
    privileged === true && `${agent}.privileged-container`,
  ];
}
