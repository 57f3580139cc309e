/**
 * Tasks as containers of an engine. Each container's output and end are written down by a shell that outlives this process, as those
 * of processes are (ecs/tasks/processes.ts): what the shell starts is the engine's client, attached to the container.
 *
 * The folder of a container has `state` beside what the shell writes: the engine's own words on how the container ended.
 */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { z } from 'zod';
import { containerFolder, networkOwner } from '../ecs/tasks/containers';
import { exitCodeOf, killContainer, startProcess } from '../ecs/tasks/processes';
import {
  ContainerFailure,
  type ContainerEnd,
  type ContainerStart,
  type StartedContainer,
  type TaskRunner,
} from '../ecs/tasks/runner';
import type { Container, Task } from '../ecs/state';
import { containerName, planCreate, volumesFolder, type CreateOptions } from './create';
import { lastLine, type Engine } from './engine';
import { findEngineImage, listEngineImages } from './images';

/** The container is taken away as soon as it has ended: by then all that is asked about it is written down. */
const script = `
engine=$1 name=$2 folder=$3
"$engine" start --attach "$name"
code=$?
"$engine" inspect --type container --format '{{json .State}}' "$name" > "$folder/state.new" 2> /dev/null
mv "$folder/state.new" "$folder/state"
"$engine" rm --force --volumes "$name" > /dev/null 2>&1
exit $code
`;

const containerState = z.looseObject({
  Running: z.boolean().default(false),
  OOMKilled: z.boolean().default(false),
  StartedAt: z.string().default(''),
});
const inspectedContainers = z.array(
  z.looseObject({
    State: containerState,
    NetworkSettings: z
      .looseObject({
        Networks: z.record(z.string(), z.looseObject({ IPAddress: z.string().default('') })).nullish(),
      })
      .optional(),
  }),
);

export interface EngineRunnerOptions extends CreateOptions {
  readonly engine: Engine;
  /** Told what the engine refused where nobody waits for it. */
  readonly report: (error: unknown) => void;
}

export function engineRunner(options: EngineRunnerOptions): TaskRunner {
  const { engine, tasksFolder, givesAddresses, report } = options;
  const folderOf = (task: Task, { name }: Container) => containerFolder(tasksFolder, task, name);
  const signal = async (task: Task, container: Container, name: string) => {
    const words = ['kill', '--signal', name, containerName(task, container)];
    // It may have ended meanwhile.
    await engine.run(words).catch((error: unknown) => endOf(task, container) ?? report(error));
  };
  const endOf = (task: Task, container: Container): ContainerEnd | undefined => {
    const exitCode = exitCodeOf(folderOf(task, container), container.wrapper);
    if (exitCode === undefined) return undefined;
    const isOutOfMemory = endState(folderOf(task, container))?.OOMKilled === true;
    return {
      exitCode,
      ...(isOutOfMemory && { reason: 'OutOfMemoryError: Container killed due to memory usage' }),
    };
  };
  return {
    findImage: async (reference) => await findEngineImage(engine, reference),
    listImages: async (repository) => await listEngineImages(engine, repository),
    hasOwnPorts: (mode) => mode === 'host' || (mode === 'awsvpc' && givesAddresses),
    hasAddresses: (mode) => mode === 'awsvpc' && givesAddresses,
    start: async (start, onExit) => await startContainer(options, start, onExit),
    endOf,
    signal: (task, container, name) => {
      const wanted = name === 'SIGTERM' ? stopSignalOf(folderOf(task, container)) : name;
      void signal(task, container, wanted);
    },
    kill: (task, container) => {
      if (endOf(task, container) === undefined) void signal(task, container, 'SIGKILL');
      else killContainer(container.wrapper, container.main);
    },
  };
}

async function startContainer(
  options: EngineRunnerOptions,
  start: ContainerStart,
  onExit: () => void,
): Promise<StartedContainer> {
  const { engine, tasksFolder, givesAddresses } = options;
  const { task, container, settings, image } = start;
  const folder = containerFolder(tasksFolder, task, container.name);
  const name = containerName(task, container);
  mkdirSync(folder, { recursive: true });
  // Once there is a shell, the container is there or was.
  if (!existsSync(join(folder, 'wrapper'))) {
    await createContainer(options, start, name);
    writeFileSync(join(folder, 'stop-signal'), image.stopSignal ?? 'SIGTERM');
  }
  const words = ['/bin/sh', '-c', script, 'local-aws-container', engine.name, name, folder];
  const client = { folder, command: words, workingDirectory: folder, environment: definedOf(process.env) };
  const processes = await startProcess(client, onExit);
  const address = await waitUntilStarted(engine, name, folder);
  const isOwner = networkOwner(task.containers) === container;
  const isFound = settings.networkMode === 'awsvpc' && givesAddresses && isOwner && address !== '';
  return { ...processes, ...(isFound && { address }) };
}

async function createContainer(options: EngineRunnerOptions, start: ContainerStart, name: string): Promise<void> {
  const { engine, tasksFolder } = options;
  const words = planCreate(options, start);
  for (const { name: volume = '' } of start.settings.volumes ?? [])
    mkdirSync(join(volumesFolder(tasksFolder, start.task), volume), { recursive: true });
  // One that this process made before it was killed.
  await engine.run(['rm', '--force', '--volumes', name]).catch(() => undefined);
  await engine.run(words).catch((error: Error) => {
    throw new ContainerFailure(`CannotCreateContainerError: ${error.message}`);
  });
}

/**
 * Resolves with the container's address when it runs, or ran; the address is empty where it has none.
 * @throws {ContainerFailure} when it ended without having run
 */
async function waitUntilStarted(engine: Engine, name: string, folder: string): Promise<string> {
  for (;;) {
    const inspected = await engine.run(['inspect', '--type', 'container', name]).catch(() => undefined);
    const { State, NetworkSettings } = (inspected && parseContainer(inspected)) || {};
    if (State?.Running === true)
      return Object.values(NetworkSettings?.Networks ?? {}).find(({ IPAddress }) => IPAddress !== '')?.IPAddress ?? '';
    if (existsSync(join(folder, 'exit'))) {
      if (hasRun(endState(folder))) return '';
      const said = lastLine(readFileSync(join(folder, 'log'), 'utf8')).replace(/^Error: /, '');
      throw new ContainerFailure(`CannotStartContainerError: ${said}`);
    }
    await sleep(50);
  }
}

function parseContainer(inspected: string) {
  return inspectedContainers.parse(JSON.parse(inspected))[0];
}

/** The engine's time of a start that never was is in the year 1. */
const hasRun = (state: z.infer<typeof containerState> | undefined): boolean =>
  state === undefined || (state.StartedAt !== '' && !state.StartedAt.startsWith('0001-'));

/** How the container ended, in the engine's words; undefined where nobody could write it down. */
function endState(folder: string): z.infer<typeof containerState> | undefined {
  try {
    return containerState.parse(JSON.parse(readFileSync(join(folder, 'state'), 'utf8')));
  } catch {
    return undefined;
  }
}

function stopSignalOf(folder: string): string {
  const file = join(folder, 'stop-signal');
  return existsSync(file) ? readFileSync(file, 'utf8') : 'SIGTERM';
}

const definedOf = (environment: NodeJS.ProcessEnv): Record<string, string> =>
  Object.fromEntries(
    Object.entries(environment).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])),
  );
