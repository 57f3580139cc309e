/**
 * What runs the containers of tasks: processes of this machine, or a container engine. A container that was started is found again
 * after a crash of the control plane, and none is ever started twice.
 */
import type { RegisterTaskDefinitionRequest } from '@aws-sdk/client-ecs';
import type { RegisteredImage } from '../../images/images';
import type { Container, Task } from '../state';

/** A container can't be started; the message becomes the container's `reason`. */
export class ContainerFailure extends Error {}

export type TaskSignal = 'SIGTERM' | 'SIGKILL' | 'SIGSTOP' | 'SIGCONT';

/** A container that is to be started, with the task definition's settings. */
export interface ContainerStart {
  readonly task: Task;
  readonly container: Container;
  readonly settings: Partial<RegisterTaskDefinitionRequest>;
  readonly image: RunnableImage;
  /** Words that run before the container's own, and run those. */
  readonly before: readonly string[];
}

/** An image, and where its runner has it: a folder, or the engine's ID of it. */
export type RunnableImage = RegisteredImage & { readonly location: string };

export type StartedContainer = Pick<Container, 'wrapper' | 'main'> & {
  /** Its address, where it has one of its own. */
  readonly address?: string;
};

/** How a container ended. */
export interface ContainerEnd {
  readonly exitCode: number;
  /** In AWS's words, where AWS has any. */
  readonly reason?: string;
}

/** Every image that the local ECR has, or those of one repository. */
export type ListImages = (repository?: string) => Promise<readonly RegisteredImage[]>;

/** How tasks are run here. All but the looks at images are told by what is on this machine now, not by what was asked before. */
export interface TaskRunner {
  /** The image that a task definition names; undefined when there is none. @throws {ContainerFailure} when it can't be had */
  readonly findImage: (reference: string) => Promise<RunnableImage | undefined>;
  readonly listImages: ListImages;
  /** Whether containers of this network mode are found at their own port, rather than at one of this machine that stands for it. */
  readonly hasOwnPorts: (networkMode: string | undefined) => boolean;
  /** Whether containers of this network mode have an address of their own. */
  readonly hasAddresses: (networkMode: string | undefined) => boolean;
  /**
   * Starts a container, or finds the one that was started before. `onExit` is called soon after its end, if this process lives.
   * @throws {ContainerFailure} when it can't be started
   */
  readonly start: (start: ContainerStart, onExit: () => void) => Promise<StartedContainer>;
  /** How it ended; undefined while it runs. */
  readonly endOf: (task: Task, container: Container) => ContainerEnd | undefined;
  readonly signal: (task: Task, container: Container, signal: TaskSignal) => void;
  /** Kills all that is left of it. */
  readonly kill: (task: Task, container: Container) => void;
}
