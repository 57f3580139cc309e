/**
 * How a task's container is made: the words for the engine, and nothing that touches it.
 * https://docs.docker.com/reference/cli/docker/container/create/
 */
import { join, resolve } from 'node:path';
import type { ContainerDefinition } from '@aws-sdk/client-ecs';
import { commandOf, environmentOf, networkOwner } from '../ecs/tasks/containers';
import { ContainerFailure, type ContainerStart } from '../ecs/tasks/runner';

/** The label with the folder of the local AWS: whose a container is. */
export const folderLabel = 'io.local-aws.folder';

export interface CreateOptions {
  /** Of the local AWS. */
  readonly folder: string;
  readonly tasksFolder: string;
  /** The prefix of the variable that holds the task's ID. */
  readonly environmentPrefix: string;
  /** Whether this machine reaches a container by its address. */
  readonly givesAddresses: boolean;
}

/** The engine's name for a container of a task. */
export const containerName = (task: { readonly id: string }, container: { readonly name: string }): string =>
  `local-aws-${task.id}-${container.name}`;

/**
 * The words that make a container, without starting it.
 * @throws {ContainerFailure} when there is nothing that it could run
 */
export function planCreate(options: CreateOptions, start: ContainerStart): string[] {
  const { task, container, settings, image, before } = start;
  const definition: ContainerDefinition =
    settings.containerDefinitions?.find(({ name }) => name === container.name) ?? {};
  const own = commandOf(start);
  if ((own[0] ?? '') === '') throw new ContainerFailure('CannotStartContainerError: no command specified');
  const [first = '', ...rest] = [...before, ...own];
  const environment = { ...environmentOf(start), [`${options.environmentPrefix}_TASK`]: task.id };
  return [
    'create',
    '--pull',
    'never',
    ...given('--name', containerName(task, container)),
    // Its output is read as it is written; ECS doesn't look at an image's own health check.
    '--no-healthcheck',
    ...given('--log-driver', 'none'),
    ...pairs('--label', { ...definition.dockerLabels, ...labelsOf(options, start) }),
    ...networkOf(options, start),
    ...limitsOf(definition, settings.memory),
    ...pairs('--env', environment),
    ...mountsOf(options, start, definition),
    ...given('--user', definition.user),
    ...given('--workdir', definition.workingDirectory),
    ...(definition.readonlyRootFilesystem === true ? ['--read-only'] : []),
    ...(definition.linuxParameters?.initProcessEnabled === true ? ['--init'] : []),
    '--entrypoint',
    first,
    image.location,
    ...rest,
  ];
}

/** The last ones are those of AWS's agent. https://docs.aws.amazon.com/AmazonECS/latest/developerguide/ecs-agent-config.html */
const labelsOf = ({ folder }: CreateOptions, { task, container, settings }: ContainerStart) => ({
  [folderLabel]: resolve(folder),
  'com.amazonaws.ecs.cluster': task.clusterArn,
  'com.amazonaws.ecs.container-name': container.name,
  'com.amazonaws.ecs.task-arn': task.arn,
  'com.amazonaws.ecs.task-definition-family': settings.family ?? '',
  'com.amazonaws.ecs.task-definition-version': task.taskDefinitionArn.split(':').at(-1) ?? '',
});

function networkOf({ givesAddresses }: CreateOptions, { task, container, settings }: ContainerStart): string[] {
  const mode = settings.networkMode ?? 'bridge';
  if (mode === 'host' || mode === 'none') return ['--network', mode];
  const publish = (containers: typeof task.containers) =>
    containers.flatMap(({ ports }) =>
      ports.flatMap(({ hostPort, containerPort }) => ['--publish', `127.0.0.1:${hostPort}:${containerPort}`]),
    );
  if (mode !== 'awsvpc') return ['--network', 'bridge', ...publish([container])];
  const owner = networkOwner(task.containers) ?? container;
  if (owner.name !== container.name) return ['--network', `container:${containerName(task, owner)}`];
  return ['--network', 'bridge', ...(givesAddresses ? [] : publish(task.containers))];
}

/** A container without a limit of its own has its task's. */
function limitsOf({ memory, memoryReservation }: ContainerDefinition, ofTask: string | undefined): string[] {
  const hard = memory ?? (ofTask === undefined ? undefined : Number(ofTask));
  return [
    ...given('--memory', hard && `${hard}m`),
    ...given('--memory-reservation', memoryReservation && `${memoryReservation}m`),
  ];
}

/** A folder of this machine where the volume names one, else one of the task's own, which is empty at first. */
function mountsOf(
  { tasksFolder }: CreateOptions,
  { task, settings }: ContainerStart,
  { mountPoints = [] }: ContainerDefinition,
): string[] {
  return mountPoints.flatMap(({ sourceVolume = '', containerPath = '', readOnly = false }) => {
    const source = settings.volumes?.find(({ name }) => name === sourceVolume)?.host?.sourcePath;
    const folder = source ?? resolve(volumesFolder(tasksFolder, task), sourceVolume);
    return ['--volume', `${folder}:${containerPath}${readOnly ? ':ro' : ''}`];
  });
}

/** The folder with the task's own volumes. A container's name can't begin with a dot. */
export const volumesFolder = (tasksFolder: string, task: { readonly id: string }): string =>
  join(tasksFolder, task.id, '.volumes');

const given = (option: string, value: string | number | undefined): string[] =>
  value === undefined || value === '' || value === 0 ? [] : [option, `${value}`];

const pairs = (option: string, values: Readonly<Record<string, string>>): string[] =>
  Object.entries(values).flatMap(([name, value]) => [option, `${name}=${value}`]);
