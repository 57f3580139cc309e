/**
 * Which log stream a container writes to, with the `awslogs` driver.
 * https://docs.aws.amazon.com/AmazonECS/latest/developerguide/using_awslogs.html
 */
import { join } from 'node:path';
import type { Ecs } from '../ecs';
import type { Container, Task } from '../state';
import { containerFolder, definitionOf } from './containers';

/** The file that a container's output is written to. */
export function logFile(ecs: Ecs, task: Task, container: Pick<Container, 'name'>): string {
  return join(containerFolder(ecs.tasksFolder, task, container.name), 'log');
}

/** Makes a container's stream in its group, if the container has the driver. */
export function createLogStream(ecs: Ecs, task: Task, container: Container): void {
  const { logDriver, options = {} } = definitionOf(ecs, task, container.name).logConfiguration ?? {};
  const group = options['awslogs-group'];
  if (logDriver !== 'awslogs' || group === undefined) return;
  const prefix = options['awslogs-stream-prefix'];
  const stream = prefix === undefined ? container.runtimeId : `${prefix}/${container.name}/${task.id}`;
  const streams = (ecs.logs[group] ??= {});
  streams[stream] ??= { file: logFile(ecs, task, container), createdAt: ecs.now() };
}
