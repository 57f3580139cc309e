/** The faults of tasks. Whether one strikes is decided once for each container, when it is started. */
import type { TaskRunner } from '../ecs/tasks/runner';
import type { Container, EcsState, Task } from '../ecs/state';
import type { Conditions } from '../conditions';
import { strikes, type ActiveFault, type FaultOf, type Faults } from './faults';
import { seededRandom } from './random';

/** How long AWS takes for what takes no time here: a network interface, an image's pull, the end and removal of a container. */
const usualDelaysMs = { PROVISIONING: 2_000, PENDING: 2_000, STOPPING: 0, DEPROVISIONING: 1_000 };
/** An image of Windows has several gigabytes, and IIS takes its time to end. */
const windowsDelaysMs = { ...usualDelaysMs, PENDING: 300_000, STOPPING: 30_000 };

export interface TaskFaults {
  /** The shortest time for which a task stays in a state, not scaled yet. */
  delayMs(status: keyof typeof usualDelaysMs): number;
  /** Whether the task gets no network interface. To be asked once. */
  lacksInterface(task: Task): boolean;
  /** Whether the image of the container can't be pulled this time. */
  lacksImage(task: Task, container: Container): boolean;
  /** The words that run before the container's own: a fault may delay it. */
  beforeStart(task: Task, container: Container): readonly string[];
  /** To be called when the container runs. */
  afterStart(task: Task, container: Container): void;
}

type TaskFaultKind = 'taskCrash' | 'taskHang' | 'slowStart' | 'noImage' | 'failedStart';
type TaskFault = FaultOf<TaskFaultKind>;

export function createTaskFaults(
  faults: Faults,
  state: EcsState,
  { profile, failedStarts = 0, seed = 1 }: Conditions,
  { signal }: Pick<TaskRunner, 'signal'>,
): TaskFaults {
  // Not the numbers that reads draw.
  const random = seededRandom(seed + 1);
  const delaysMs = profile === 'windows' ? windowsDelaysMs : usualDelaysMs;
  const hanging = new Map<string, (() => void)[]>();
  const striking = <Kind extends TaskFaultKind>(
    kind: Kind,
    task: Task,
    container?: Container,
  ): ActiveFault<FaultOf<Kind>>[] =>
    faults
      .of(kind)
      .filter((one) => concerns(state, one.fault as TaskFault, task, container) && strikes(one as ActiveFault));
  faults.onChange((removed) => {
    for (const { id } of removed) {
      for (const goOn of hanging.get(id) ?? []) goOn();
      hanging.delete(id);
    }
  });
  return {
    delayMs: (status) => {
      const set = faults.of('taskDelays').at(-1)?.fault;
      const { provisioningMs: PROVISIONING, pendingMs: PENDING, deprovisioningMs: DEPROVISIONING } = set ?? {};
      return { PROVISIONING, PENDING, STOPPING: undefined, DEPROVISIONING }[status] ?? delaysMs[status];
    },
    lacksInterface: (task) => {
      if (state.taskDefinitions[task.taskDefinitionArn]?.settings.networkMode !== 'awsvpc') return false;
      const isUnlucky = random() < failedStarts;
      return isUnlucky || striking('failedStart', task).length > 0;
    },
    lacksImage: (task, container) => striking('noImage', task, container).length > 0,
    beforeStart: (task, container) => {
      const [slow] = striking('slowStart', task, container);
      return slow === undefined ? [] : ['/bin/sh', '-c', 'sleep "$0"; exec "$@"', `${slow.fault.afterMs / 1000}`];
    },
    afterStart: (task, container) => {
      for (const { fault } of striking('taskCrash', task, container)) {
        later(fault.afterMs, () => signal(task, container, 'SIGKILL'));
      }
      for (const { id, fault } of striking('taskHang', task, container)) {
        later(fault.afterMs, () => {
          if (!faults.list().some((one) => one.id === id)) return;
          signal(task, container, 'SIGSTOP');
          hanging.set(id, [...(hanging.get(id) ?? []), () => signal(task, container, 'SIGCONT')]);
        });
      }
    },
  };
}

function concerns(state: EcsState, fault: TaskFault, task: Task, container: Container | undefined): boolean {
  const family = state.taskDefinitions[task.taskDefinitionArn]?.family;
  return (
    (fault.service === undefined || task.group === `service:${fault.service}`) &&
    (fault.family === undefined || family === fault.family) &&
    (!('image' in fault) || fault.image === undefined || (container?.image.includes(fault.image) ?? false))
  );
}

function later(afterMs: number, action: () => void): void {
  setTimeout(action, afterMs).unref();
}
