/** Tasks as processes of this machine: from a task definition's container to a command, an environment, and ports. */
import { accessSync, constants } from 'node:fs';
import { delimiter, join, resolve } from 'node:path';
import type { ContainerDefinition } from '@aws-sdk/client-ecs';
import { findImage, imageList } from '../../images/images';
import type { ContainerPort } from '../state';
import { commandOf, containerFolder, environmentOf } from './containers';
import { exitCodeOf, killContainer, signalProcess, startProcess, type ContainerProcess } from './processes';
import { ContainerFailure, type ContainerStart, type RunnableImage, type TaskRunner } from './runner';

export interface ProcessRunnerOptions {
  /** The folder with a folder for every task. */
  readonly tasksFolder: string;
  readonly imagesFolder: string;
  /** The prefix of the variables that only tasks here have. */
  readonly environmentPrefix: string;
}

export function processRunner(options: ProcessRunnerOptions): TaskRunner {
  const { tasksFolder, imagesFolder } = options;
  return {
    findImage: async (reference) => {
      const image = await findImage(imagesFolder, reference);
      return image && { ...image, location: image.folder };
    },
    listImages: imageList(imagesFolder),
    // One machine, one address.
    hasOwnPorts: () => false,
    hasAddresses: () => false,
    start: async (start, onExit) => await startProcess(describeProcess(options, start), onExit),
    endOf: (task, { name, wrapper }) => {
      const exitCode = exitCodeOf(containerFolder(tasksFolder, task, name), wrapper);
      return exitCode === undefined ? undefined : { exitCode };
    },
    signal: (_task, { main }, signal) => void signalProcess(main, signal),
    kill: (_task, { wrapper, main }) => killContainer(wrapper, main),
  };
}

/**
 * The process that stands for a container.
 * @throws {ContainerFailure} when the container can't be started
 */
function describeProcess(options: ProcessRunnerOptions, start: ContainerStart): ContainerProcess {
  const { task, container, image, before } = start;
  const environment = {
    ...hostEnvironment(),
    ...image.environment,
    ...environmentOf(start),
    ...mounts(options, start),
    ...portEnvironment(container.ports),
    [`${options.environmentPrefix}_ADDRESS`]: '127.0.0.1',
    [`${options.environmentPrefix}_TASK`]: task.id,
  };
  const local = commandOf(start).map((word) => insideImage(word, image));
  checkExecutable(local[0], image, environment.PATH);
  return {
    folder: containerFolder(options.tasksFolder, task, container.name),
    command: [...before, ...local],
    workingDirectory: image.location,
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
function mounts(
  { environmentPrefix }: ProcessRunnerOptions,
  { settings, container: { name } }: ContainerStart,
): Record<string, string> {
  const { volumes = [], containerDefinitions = [] } = settings;
  const definition: ContainerDefinition = containerDefinitions.find((one) => one.name === name) ?? {};
  const entries = (definition.mountPoints ?? []).flatMap(({ sourceVolume = '' }) => {
    const path = volumes.find((volume) => volume.name === sourceVolume)?.host?.sourcePath;
    const volume = sourceVolume.toUpperCase().replace(/[^A-Z0-9]/g, '_');
    return path === undefined ? [] : [[`${environmentPrefix}_MOUNT_${volume}`, path]];
  });
  return Object.fromEntries(entries);
}

/** Turns a path below the image's WORKDIR into one in the image's folder. */
function insideImage(word: string, image: RunnableImage): string {
  const root = image.workingDirectory.replace(/\/$/, '');
  return root !== '' && word.startsWith(`${root}/`) ? join(image.location, word.slice(root.length)) : word;
}

function checkExecutable(name: string | undefined, image: RunnableImage, path: string): void {
  if (name === undefined || name === '') throw new ContainerFailure('CannotStartContainerError: no command specified');
  const candidates = name.includes('/')
    ? [resolve(image.location, name)]
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
