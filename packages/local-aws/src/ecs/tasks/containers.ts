/** From a task definition's container to what it runs, whatever runs it: its folder, its command, its environment, its ports. */
import { join } from 'node:path';
import type { ContainerDefinition } from '@aws-sdk/client-ecs';
import type { Ecs } from '../ecs';
import type { Container, ContainerPort, Task } from '../state';
import { findTaskPort } from './ports';
import type { ContainerStart } from './runner';

/** The folder of a container of a task. */
export function containerFolder(tasksFolder: string, task: Pick<Task, 'id'>, container: string): string {
  return join(tasksFolder, task.id, container);
}

export function definitionOf(ecs: Ecs, task: Task, container: string): ContainerDefinition {
  const { containerDefinitions = [] } = ecs.state.taskDefinitions[task.taskDefinitionArn]?.settings ?? {};
  return containerDefinitions.find(({ name }) => name === container) ?? {};
}

/**
 * Chooses a port for every port mapping: the container's own where it is found at that, else the fixed host port, unless the task
 * has a network of its own, else a free one.
 */
export async function choosePorts(ecs: Ecs, task: Task, container: Container): Promise<ContainerPort[]> {
  const mode = ecs.state.taskDefinitions[task.taskDefinitionArn]?.settings.networkMode;
  const taken = new Set(Object.values(ecs.state.tasks).flatMap(portsOf));
  const ports: ContainerPort[] = [];
  for (const mapping of definitionOf(ecs, task, container.name).portMappings ?? []) {
    const containerPort = mapping.containerPort ?? 0;
    const asked = mode === 'awsvpc' ? 0 : (mapping.hostPort ?? 0);
    const fixed = ecs.runner.hasOwnPorts(mode) ? containerPort : asked;
    const hostPort = fixed > 0 ? fixed : await findTaskPort(taken);
    taken.add(hostPort);
    ports.push({ containerPort, hostPort, ...(mapping.name === undefined ? {} : { name: mapping.name }) });
  }
  return ports;
}

function portsOf(task: Task): number[] {
  return task.containers.flatMap(({ ports }) => ports.map(({ hostPort }) => hostPort));
}

/** In `awsvpc` the containers of a task share one network, whose owner is the first of them that is essential. */
export function networkOwner<Container extends { readonly essential: boolean }>(
  containers: readonly Container[],
): Container | undefined {
  return containers.find(({ essential }) => essential) ?? containers[0];
}

/** An empty list, which consoles write into task definitions, leaves the image's own. */
const unlessEmpty = (words: string[] | undefined) => (words?.length ? words : undefined);

/** What a container runs, in exec form; empty where neither task definition nor image names anything. */
export function commandOf(start: Pick<ContainerStart, 'task' | 'container' | 'settings' | 'image'>): string[] {
  const { image } = start;
  const { definition, override } = definitionIn(start);
  const entrypoint = unlessEmpty(definition.entryPoint);
  // As in Docker, an entry point in the task definition replaces the image's command too.
  const ownCommand = entrypoint === undefined ? image.command : [];
  return [...(entrypoint ?? image.entrypoint), ...(override?.command ?? unlessEmpty(definition.command) ?? ownCommand)];
}

/** The variables that a container gets besides its image's. */
export function environmentOf(start: Pick<ContainerStart, 'task' | 'container' | 'settings'>): Record<string, string> {
  const { definition, override } = definitionIn(start);
  return { ...named(definition.environment), ...named(override?.environment) };
}

function definitionIn({ task, container, settings }: Pick<ContainerStart, 'task' | 'container' | 'settings'>) {
  const is = ({ name }: { readonly name?: string | undefined }) => name === container.name;
  const definition: ContainerDefinition = settings.containerDefinitions?.find(is) ?? {};
  return { definition, override: task.overrides?.containerOverrides?.find(is) };
}

function named(environment: ContainerDefinition['environment']): Record<string, string> {
  return Object.fromEntries((environment ?? []).map(({ name = '', value = '' }) => [name, value]));
}
