/** The faults of tasks. Whether one strikes is decided once for each container, when it is started. */
import type { ContainerProcess, ProcessIdentity } from '../ecs/tasks/processes';
import { signalProcess } from '../ecs/tasks/processes';
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
  /** The process as it is started, which a fault may delay. */
  beforeStart(task: Task, container: Container, process: ContainerProcess): ContainerProcess;
  /** To be called when the container's process runs. */
  afterStart(task: Task, container: Container): void;
}

type TaskFaultKind = 'taskCrash' | 'taskHang' | 'slowStart' | 'noImage' | 'failedStart';
type TaskFault = FaultOf<TaskFaultKind>;

export function createTaskFaults(
  faults: Faults,
  state: EcsState,
  { profile, failedStarts = 0, seed = 1 }: Conditions,
): TaskFaults {
  // Not the numbers that reads draw.
  const random = seededRandom(seed + 1);
  const delaysMs = profile === 'windows' ? windowsDelaysMs : usualDelaysMs;
  const hanging = new Map<string, ProcessIdentity[]>();
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
      for (const process_ of hanging.get(id) ?? []) signalProcess(process_, 'SIGCONT');
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
    beforeStart: (task, container, process_) => {
      const [slow] = striking('slowStart', task, container);
      if (slow === undefined) return process_;
      const seconds = `${slow.fault.afterMs / 1000}`;
      return { ...process_, command: ['/bin/sh', '-c', 'sleep "$0"; exec "$@"', seconds, ...process_.command] };
    },
    afterStart: (task, container) => {
      for (const { fault } of striking('taskCrash', task, container)) {
        later(fault.afterMs, () => signalProcess(container.main, 'SIGKILL'));
      }
      for (const { id, fault } of striking('taskHang', task, container)) {
        later(fault.afterMs, () => {
          if (container.main === undefined || !faults.list().some((one) => one.id === id)) return;
          signalProcess(container.main, 'SIGSTOP');
          hanging.set(id, [...(hanging.get(id) ?? []), container.main]);
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
