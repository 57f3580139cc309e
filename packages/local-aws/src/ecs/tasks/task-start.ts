/**
 * The start of a task's containers. What is decided (the ports) is stored before anything is started, so that after a crash
 * the same start goes on rather than another one begins.
 */
import type { Ecs } from '../ecs';
import type { Container, Task } from '../state';
import { choosePorts, networkOwner } from './containers';
import { createLogStream } from './log-streams';
import { ContainerFailure, type RunnableImage } from './runner';

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
  // The others join its network.
  const owner = networkOwner(task.containers);
  const ordered = [...images].toSorted(([one], [other]) => Number(other === owner) - Number(one === owner));
  for (const [container, image] of ordered) await startContainer(ecs, task, container, image);
  ecs.changed();
}

async function findImages(ecs: Ecs, task: Task): Promise<Map<Container, RunnableImage> | undefined> {
  const images = new Map<Container, RunnableImage>();
  for (const container of task.containers) {
    const image = await findImage(ecs, task, container);
    if (image === undefined) return undefined;
    container.imageDigest = image.digest;
    images.set(container, image);
  }
  return images;
}

/** Undefined when there is none, which ends the task. */
async function findImage(ecs: Ecs, task: Task, container: Container): Promise<RunnableImage | undefined> {
  try {
    const image = ecs.taskFaults.lacksImage(task, container) ? undefined : await ecs.runner.findImage(container.image);
    if (image !== undefined) return image;
    failContainer(task, container, cannotPull(container.image));
  } catch (error) {
    if (!(error instanceof ContainerFailure)) throw error;
    failContainer(task, container, error.message);
  }
  return undefined;
}

async function startContainer(ecs: Ecs, task: Task, container: Container, image: RunnableImage): Promise<void> {
  try {
    const before = ecs.taskFaults.beforeStart(task, container);
    const settings = ecs.state.taskDefinitions[task.taskDefinitionArn]?.settings ?? {};
    const start = { task, container, settings, image, before };
    const { address, ...started } = await ecs.runner.start(start, ecs.wake);
    if (address !== undefined) task.address ??= address;
    Object.assign(container, started, { lastStatus: 'RUNNING' });
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
