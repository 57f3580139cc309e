/**
 * The life of a task, one step at a time: each call looks at the task, and moves it on when it is time.
 * - When the scheduler stops a task, it waits until the task's targets are unused, then sends SIGTERM, then SIGKILL.
 * - StopTask, and the end of an essential container, stop a task without that wait.
 * https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task-lifecycle-explanation.html
 */
import { scaled, type Ecs } from '../ecs';
import { addEvent } from '../services/events';
import type { Container, Task, TaskStatus } from '../state';
import { definitionOf } from './containers';
import { deregisterTask, isUnused, registerTask, type TaskTarget } from './targets';

/** The time that a container without `stopTimeout` gets to end. */
const defaultStopTimeoutMs = 30_000;
/** Processes don't get faster with the time scale: each always gets this much time to end. */
const leastStopTimeoutMs = 1_000;

/** Begins to start a task's containers; called again until they are started. */
export type Start = (task: Task) => void;

/** Moves a task on by one step, if it is time. */
export function advanceTask(ecs: Ecs, task: Task, start: Start): void {
  observeExits(ecs, task);
  const elapsed = ecs.now() - task.since;
  switch (task.lastStatus) {
    case 'PROVISIONING':
      if (task.desiredStatus === 'STOPPED') move(ecs, task, 'DEPROVISIONING');
      else if (elapsed >= scaled(ecs, ecs.taskFaults.delayMs('PROVISIONING'))) provisioned(ecs, task);
      return;
    case 'PENDING':
      if (task.containers.every(({ lastStatus }) => lastStatus !== 'PENDING')) pulled(ecs, task);
      else if (task.desiredStatus === 'STOPPED') stopContainers(ecs, task);
      else if (elapsed >= scaled(ecs, ecs.taskFaults.delayMs('PENDING'))) start(task);
      return;
    case 'ACTIVATING':
      announce(ecs, task, 'registered', registerTask(ecs, task));
      task.startedAt = ecs.now();
      move(ecs, task, 'RUNNING');
      return;
    case 'RUNNING':
      if (task.desiredStatus === 'STOPPED') deactivate(ecs, task);
      return;
    case 'DEACTIVATING':
      if (mayStop(ecs, task)) stopContainers(ecs, task);
      return;
    case 'STOPPING':
      if (hasEnded(task)) {
        if (elapsed < scaled(ecs, ecs.taskFaults.delayMs('STOPPING'))) return;
        task.executionStoppedAt = ecs.now();
        move(ecs, task, 'DEPROVISIONING');
      } else if (elapsed >= stopTimeoutMs(ecs, task)) {
        for (const container of task.containers) ecs.runner.kill(task, container);
      }
      return;
    case 'DEPROVISIONING':
      if (elapsed >= scaled(ecs, ecs.taskFaults.delayMs('DEPROVISIONING'))) {
        task.stoppedAt = ecs.now();
        move(ecs, task, 'STOPPED');
      }
      return;
    case 'STOPPED':
      return;
  }
}

/** Asks for a task to be stopped. The reason of the first such request stays. */
export function stopTask(ecs: Ecs, task: Task, why: Pick<Task, 'stopCode' | 'stoppedReason'>, atOnce = false): void {
  task.desiredStatus = 'STOPPED';
  task.stopsAtOnce ||= atOnce;
  if (task.stopCode === undefined) Object.assign(task, why);
  ecs.changed();
}

/** Exits are read from what was written at the end of a container, not received as their parent, so a restart doesn't miss them. */
function observeExits(ecs: Ecs, task: Task): void {
  for (const container of task.containers) {
    if (container.lastStatus !== 'RUNNING') continue;
    const end = ecs.runner.endOf(task, container);
    if (end === undefined) continue;
    ecs.runner.kill(task, container);
    Object.assign(container, end, { lastStatus: 'STOPPED' });
    ecs.changed();
    if (container.essential && task.desiredStatus === 'RUNNING') {
      const why = {
        stopCode: 'EssentialContainerExited',
        stoppedReason: 'Essential container in task exited',
      } as const;
      stopTask(ecs, task, why, true);
    }
  }
}

/** Moves a task on from PROVISIONING. Now and then AWS has no network interface for one. */
function provisioned(ecs: Ecs, task: Task): void {
  if (ecs.taskFaults.lacksInterface(task)) {
    const stoppedReason = 'Timeout waiting for network interface provisioning to complete.';
    stopTask(ecs, task, { stopCode: 'TaskFailedToStart', stoppedReason });
    return move(ecs, task, 'DEPROVISIONING');
  }
  task.pullStartedAt = ecs.now();
  move(ecs, task, 'PENDING');
}

/** Moves a task on from PENDING once every container runs or failed. */
function pulled(ecs: Ecs, task: Task): void {
  task.pullStoppedAt = ecs.now();
  if (task.desiredStatus === 'STOPPED') stopContainers(ecs, task);
  else move(ecs, task, 'ACTIVATING');
}

function deactivate(ecs: Ecs, task: Task): void {
  const targets = deregisterTask(ecs, task);
  announce(ecs, task, 'deregistered', targets);
  const service = ecs.state.services[task.serviceArn ?? ''];
  if (targets.length > 0 && service !== undefined) addEvent(ecs, service, 'has begun draining connections on 1 tasks.');
  if (mayStop(ecs, task)) stopContainers(ecs, task);
  else move(ecs, task, 'DEACTIVATING');
}

function mayStop(ecs: Ecs, task: Task): boolean {
  return task.stopsAtOnce || hasEnded(task) || isUnused(ecs, task);
}

function hasEnded(task: Task): boolean {
  return task.containers.every(({ lastStatus }) => lastStatus === 'STOPPED');
}

function stopContainers(ecs: Ecs, task: Task): void {
  const service = ecs.state.services[task.serviceArn ?? ''];
  if (service !== undefined && task.lastStatus !== 'PENDING') {
    addEvent(ecs, service, `has stopped 1 running tasks: (task ${task.id}).`);
  }
  for (const container of task.containers) {
    if (container.lastStatus === 'PENDING') container.lastStatus = 'STOPPED';
    if (container.lastStatus === 'RUNNING') ecs.runner.signal(task, container, 'SIGTERM');
  }
  task.stoppingAt ??= ecs.now();
  move(ecs, task, 'STOPPING');
}

/** The longest stop timeout of the task's containers. */
function stopTimeoutMs(ecs: Ecs, task: Task): number {
  const wanted = task.containers.map((container: Container) => {
    const { stopTimeout } = definitionOf(ecs, task, container.name);
    return stopTimeout === undefined ? defaultStopTimeoutMs : stopTimeout * 1000;
  });
  const longest = Math.max(...wanted);
  return Math.min(longest, Math.max(leastStopTimeoutMs, scaled(ecs, longest)));
}

function announce(ecs: Ecs, task: Task, what: 'registered' | 'deregistered', targets: readonly TaskTarget[]): void {
  const service = ecs.state.services[task.serviceArn ?? ''];
  if (service === undefined) return;
  for (const { group } of targets) addEvent(ecs, service, `${what} 1 targets in (target-group ${group.arn})`);
}

function move(ecs: Ecs, task: Task, status: TaskStatus): void {
  task.lastStatus = status;
  task.since = ecs.now();
  task.version++;
  ecs.changed();
}
