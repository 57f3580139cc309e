/**
 * The start of a task's containers. What is decided (the ports) is stored before anything is started, so that after a crash
 * the same start goes on rather than another one begins.
 */
import type { LocalImage } from '../../images/images';
import type { Ecs } from '../ecs';
import type { Container, Task } from '../state';
import { choosePorts, ContainerFailure, describeProcess } from './containers';
import { createLogStream } from './log-streams';
import { startProcess } from './processes';

/** Starts every container, or records why the task can't start. Never rejects for a fault of the container itself. */
export async function startContainers(ecs: Ecs, task: Task): Promise<void> {
  const images = await findImages(ecs, task);
  if (images === undefined) return;
  for (const container of task.containers) {
    if (container.ports.length === 0) container.ports = await choosePorts(ecs, task, container);
  }
  for (const container of task.containers) createLogStream(ecs, task, container);
  ecs.changed();
  await ecs.saved();
  for (const [container, image] of images) await startContainer(ecs, task, container, image);
  ecs.changed();
}

async function findImages(ecs: Ecs, task: Task): Promise<Map<Container, LocalImage> | undefined> {
  const images = new Map<Container, LocalImage>();
  for (const container of task.containers) {
    const image = ecs.taskFaults.lacksImage(task, container) ? undefined : await ecs.findImage(container.image);
    if (image === undefined) {
      failContainer(task, container, cannotPull(container.image));
      return undefined;
    }
    container.imageDigest = image.digest;
    images.set(container, image);
  }
  return images;
}

async function startContainer(ecs: Ecs, task: Task, container: Container, image: LocalImage): Promise<void> {
  try {
    const described = ecs.taskFaults.beforeStart(task, container, describeProcess(ecs, task, container, image));
    Object.assign(container, await startProcess(described, ecs.wake), { lastStatus: 'RUNNING' });
    ecs.taskFaults.afterStart(task, container);
  } catch (error) {
    if (!(error instanceof ContainerFailure)) throw error;
    failContainer(task, container, error.message);
  }
}

/** The ECS agent's words for a manifest that doesn't exist. */
function cannotPull(image: string): string {
  return `CannotPullContainerError: pull image manifest has been retried 1 time(s): failed to resolve ref ${image}: ${image}: not found`;
}

/** https://docs.aws.amazon.com/AmazonECS/latest/developerguide/stopped-task-error-codes.html */
function failContainer(task: Task, container: Container, reason: string): void {
  container.reason = reason;
  container.lastStatus = 'STOPPED';
  task.desiredStatus = 'STOPPED';
  task.stopCode ??= 'TaskFailedToStart';
  task.stoppedReason ??= reason;
}
