/** From a task definition's container to a process: its command, its environment, its ports. */
import { accessSync, constants } from 'node:fs';
import { delimiter, join, resolve } from 'node:path';
import type { ContainerDefinition } from '@aws-sdk/client-ecs';
import type { LocalImage } from '../../images/images';
import type { Ecs } from '../ecs';
import type { Container, ContainerPort, Task } from '../state';
import { findTaskPort } from './ports';
import type { ContainerProcess } from './processes';

/** A container can't be started; the message becomes the container's `reason`. */
export class ContainerFailure extends Error {}

/** The folder of a container of a task. */
export function containerFolder(ecs: Pick<Ecs, 'tasksFolder'>, task: Pick<Task, 'id'>, container: string): string {
  return join(ecs.tasksFolder, task.id, container);
}

export function definitionOf(ecs: Ecs, task: Task, container: string): ContainerDefinition {
  const { containerDefinitions = [] } = ecs.state.taskDefinitions[task.taskDefinitionArn]?.settings ?? {};
  return containerDefinitions.find(({ name }) => name === container) ?? {};
}

/** Chooses a port for every port mapping. A fixed host port is used as it is, unless the task has a network of its own. */
export async function choosePorts(ecs: Ecs, task: Task, container: Container): Promise<ContainerPort[]> {
  const settings = ecs.state.taskDefinitions[task.taskDefinitionArn]?.settings;
  const taken = new Set(Object.values(ecs.state.tasks).flatMap(portsOf));
  const ports: ContainerPort[] = [];
  for (const mapping of definitionOf(ecs, task, container.name).portMappings ?? []) {
    const containerPort = mapping.containerPort ?? 0;
    const fixed = settings?.networkMode === 'awsvpc' ? 0 : (mapping.hostPort ?? 0);
    const hostPort = fixed > 0 ? fixed : await findTaskPort(taken);
    taken.add(hostPort);
    ports.push({ containerPort, hostPort, ...(mapping.name === undefined ? {} : { name: mapping.name }) });
  }
  return ports;
}

function portsOf(task: Task): number[] {
  return task.containers.flatMap(({ ports }) => ports.map(({ hostPort }) => hostPort));
}

/** An empty list, which consoles write into task definitions, leaves the image's own. */
const unlessEmpty = (words: string[] | undefined) => (words?.length ? words : undefined);

/**
 * The process that stands for a container.
 * @throws {ContainerFailure} when the container can't be started
 */
export function describeProcess(ecs: Ecs, task: Task, container: Container, image: LocalImage): ContainerProcess {
  const definition = definitionOf(ecs, task, container.name);
  const override = task.overrides?.containerOverrides?.find(({ name }) => name === container.name);
  const entrypoint = unlessEmpty(definition.entryPoint);
  // As in Docker, an entry point in the task definition replaces the image's command too.
  const ownCommand = entrypoint === undefined ? image.command : [];
  const command = [
    ...(entrypoint ?? image.entrypoint),
    ...(override?.command ?? unlessEmpty(definition.command) ?? ownCommand),
  ];
  const environment = {
    ...hostEnvironment(),
    ...image.environment,
    ...named(definition.environment),
    ...named(override?.environment),
    ...mounts(ecs, task, definition),
    ...portEnvironment(container.ports),
    [`${ecs.environmentPrefix}_TASK`]: task.id,
  };
  const local = command.map((word) => insideImage(word, image));
  checkExecutable(local[0], image, environment.PATH);
  return {
    folder: containerFolder(ecs, task, container.name),
    command: local,
    workingDirectory: image.folder,
    environment,
  };
}

/** As little of this machine's environment as a process needs: a container wouldn't see the rest either. */
function hostEnvironment(): { PATH: string } & Record<string, string> {
  const inherited = ['HOME', 'LANG', 'TMPDIR'].flatMap((name): [string, string][] => {
    const value = process.env[name];
    return value === undefined ? [] : [[name, value]];
  });
  return { ...Object.fromEntries(inherited), PATH: process.env['PATH'] ?? '/usr/local/bin:/usr/bin:/bin' };
}

/** `PORT` is the port of this machine for the first mapping, and `PORT_8080` the one for container port 8080. */
function portEnvironment(ports: readonly ContainerPort[]): Record<string, string> {
  const each = ports.map(({ containerPort, hostPort }) => [`PORT_${containerPort}`, `${hostPort}`]);
  const [first] = ports;
  return { ...Object.fromEntries(each), ...(first === undefined ? {} : { PORT: `${first.hostPort}` }) };
}

/** The variables that hold the volumes' paths on this machine, where nothing is mounted. */
function mounts(ecs: Ecs, task: Task, definition: ContainerDefinition): Record<string, string> {
  const volumes = ecs.state.taskDefinitions[task.taskDefinitionArn]?.settings.volumes ?? [];
  const entries = (definition.mountPoints ?? []).flatMap(({ sourceVolume = '' }) => {
    const path = volumes.find(({ name }) => name === sourceVolume)?.host?.sourcePath;
    const volume = sourceVolume.toUpperCase().replace(/[^A-Z0-9]/g, '_');
    return path === undefined ? [] : [[`${ecs.environmentPrefix}_MOUNT_${volume}`, path]];
  });
  return Object.fromEntries(entries);
}

function named(environment: ContainerDefinition['environment']): Record<string, string> {
  return Object.fromEntries((environment ?? []).map(({ name = '', value = '' }) => [name, value]));
}

/** Turns a path below the image's WORKDIR into one in the image's folder. */
function insideImage(word: string, image: LocalImage): string {
  const root = image.workingDirectory.replace(/\/$/, '');
  return root !== '' && word.startsWith(`${root}/`) ? join(image.folder, word.slice(root.length)) : word;
}

function checkExecutable(name: string | undefined, image: LocalImage, path: string): void {
  if (name === undefined || name === '') throw new ContainerFailure('CannotStartContainerError: no command specified');
  const candidates = name.includes('/')
    ? [resolve(image.folder, name)]
    : path.split(delimiter).map((folder) => join(folder, name));
  if (candidates.some(isExecutable)) return;
  throw new ContainerFailure(`CannotStartContainerError: exec: "${name}": executable file not found in $PATH`);
}

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
