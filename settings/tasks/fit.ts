/** Whether what the settings say of tasks fits together: what AWS would refuse at a deployment is refused as they are read. */
import type { Fault } from './aws-names';
import {
  defaultPath,
  mountFault,
  pathFault,
  type ConfigurationSettings,
  type SecretsSettings,
  type TaskPlatform,
} from './mounts';
import { capacityFault, runsOnFargate, type EcsServiceSettings, type NetworkSettings } from './service';
import type { TargetGroupSettings } from '../target-group';
import {
  containerDefaults,
  containerFault,
  isWindows,
  platformFault,
  secretFault,
  type ContainerSettings,
  type PlatformSettings,
  type TaskDefinitionTemplate,
} from './task-definition';

/** The parts of a zone that its tasks are made from. */
export interface TaskSettings extends PlatformSettings {
  readonly taskDefinition: TaskDefinitionTemplate;
  readonly container: ContainerSettings;
  readonly service: EcsServiceSettings;
  readonly network?: NetworkSettings | undefined;
  readonly targetGroup: TargetGroupSettings;
  readonly configuration?: ConfigurationSettings | undefined;
  readonly secrets?: SecretsSettings | undefined;
}

const platformOf = (zone: TaskSettings): TaskPlatform => ({
  windows: isWindows(zone),
  fargate: runsOnFargate(zone.service),
});

/** `awsvpc` where tasks need a network of their own or are given one; else AWS's default, or Windows' own NAT. */
export const networkModeOf = ({
  taskDefinition,
  service,
  network,
}: Pick<TaskSettings, 'taskDefinition' | 'service' | 'network'>) =>
  taskDefinition.networkMode ?? (runsOnFargate(service) || network ? 'awsvpc' : undefined);

/**
 * What a task gets, but where its containers say that themselves: on instances they may, and those with Windows know nothing else.
 * https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task_definition_parameters.html#task_size
 */
export function taskSizeOf(zone: Pick<TaskSettings, 'taskDefinition' | 'service' | 'platform'>) {
  const { taskDefinition, service } = zone;
  const { cpu, memory, containerDefinitions = [] } = taskDefinition;
  const own = containerDefinitions.some((one) => one.memory !== undefined || one.memoryReservation !== undefined);
  const sized = runsOnFargate(service) || (!isWindows(zone) && !own);
  const size = { cpu: cpu ?? (sized ? '1024' : undefined), memory: memory ?? (sized ? '2048' : undefined) };
  return { ...(size.cpu && { cpu: size.cpu }), ...(size.memory && { memory: size.memory }) };
}

/** The kind of targets that a network mode needs; `undefined` when what the settings say fits. */
function targetTypeFault(zone: TaskSettings): string | undefined {
  const wanted = networkModeOf(zone) === 'awsvpc' ? 'ip' : 'instance';
  const { targetType = wanted } = zone.targetGroup;
  if (targetType === wanted) return undefined;
  const mode = networkModeOf(zone) ?? 'the default of instances';
  return `tasks with the network mode ${mode} can only be targets of the type ${wanted}: leave targetType out, or change taskDefinition.networkMode`;
}

/** A container on an instance whose memory nobody says, which AWS refuses. */
function memoryFault(zone: TaskSettings): string | undefined {
  const { taskDefinition, container } = zone;
  const { containerDefinitions = [] } = taskDefinition;
  const { name = containerDefaults.name } = container;
  const own = containerDefinitions.find((one) => one.name === name);
  if (taskSizeOf(zone).memory ?? own?.memory ?? own?.memoryReservation) return undefined;
  return `expected the memory of the tasks, or of container ${name} in containerDefinitions: AWS knows no default on instances`;
}

/** Everything that doesn't fit. */
export function taskFaults(zone: TaskSettings): Fault[] {
  const platform = platformOf(zone);
  const { configuration, secrets } = zone;
  const capacity = capacityFault(zone.service);
  const fault = (path: Fault['path'], message: string | undefined): Fault[] =>
    message === undefined ? [] : [{ path, message }];
  return [
    ...fault(['platform'], platformFault(zone)),
    ...fault(['service', capacity?.member ?? ''], capacity?.message),
    ...fault(['targetGroup', 'targetType'], targetTypeFault(zone)),
    ...fault(['taskDefinition', 'memory'], memoryFault(zone)),
    ...fault(['container', ...(zone.container.name === undefined ? [] : ['name'])], containerFault(zone)),
    ...fault(['taskDefinition', 'containerDefinitions'], secretFault(zone)),
    ...(configuration
      ? fault(['configuration', 'configurationMount', 'kind'], mountFault(configuration.configurationMount, platform))
      : []),
    ...fault(['configuration', 'containerPath'], pathFault(configuration?.containerPath, platform)),
    ...(secrets ? fault(['secrets', 'mount', 'kind'], mountFault(secrets.mount, platform)) : []),
    ...fault(['secrets', 'containerPath'], pathFault(secrets?.containerPath, platform)),
  ];
}

/** Configuration and secrets with the container paths that hold where none is given. */
export function withContainerPaths<Zone extends TaskSettings>(zone: Zone) {
  const platform = platformOf(zone);
  const { configuration, secrets } = zone;
  return {
    ...zone,
    ...(configuration && {
      configuration: {
        ...configuration,
        containerPath: configuration.containerPath ?? defaultPath('configs', platform),
      },
    }),
    ...(secrets && {
      secrets: { ...secrets, containerPath: secrets.containerPath ?? defaultPath('secrets', platform) },
    }),
  };
}
