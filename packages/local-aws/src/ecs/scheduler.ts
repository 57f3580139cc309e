/**
 * The loop that brings services and tasks to what they should be. It has no state of its own: every round starts from what is
 * stored and from what the processes wrote, so a restart changes only when the next round is.
 */
import { removeDrained } from '../elbv2/target-groups/targets';
import { advanceService } from './services/deployments';
import { removeTask, scaled, type Ecs } from './ecs';
import type { Task } from './state';
import { advanceTask } from './tasks/task-lifecycle';
import { startContainers } from './tasks/task-start';

export interface Scheduler {
  /** Begins the next round at once. */
  wake(): void;
  close(): Promise<void>;
}

const lookEveryMs = 100;
/** A stopped task can be described for this long. */
const keepStoppedMs = 3_600_000;

/** Starts the loop. `report` gets the errors of its parts. */
export function startScheduler(ecs: Ecs, report: (error: unknown) => void): Scheduler {
  const starting = new Map<Task, Promise<void>>();
  let closed = false;
  let woken: NodeJS.Immediate | undefined;
  const start = (task: Task): void => {
    if (starting.has(task) || closed) return;
    const started = startContainers(ecs, task)
      .catch(report)
      .finally(() => {
        starting.delete(task);
        wake();
      });
    starting.set(task, started);
  };
  const look = (): void => {
    if (closed) return;
    attempt(() => removeDrained(ecs.elbv2), report);
    for (const task of Object.values(ecs.state.tasks)) {
      if (!starting.has(task)) attempt(() => advanceTask(ecs, task, start), report);
    }
    for (const service of Object.values(ecs.state.services)) attempt(() => advanceService(ecs, service), report);
    forgetStopped(ecs);
    ecs.saved().catch(report);
  };
  const wake = (): void => {
    woken ??= setImmediate(() => {
      woken = undefined;
      look();
    });
  };
  const timer = setInterval(look, lookEveryMs);
  return {
    wake,
    close: async () => {
      closed = true;
      clearInterval(timer);
      await Promise.all(starting.values());
    },
  };
}

/** Runs one part of a round. Its failure doesn't keep the other parts from running. */
function attempt(action: () => void, report: (error: unknown) => void): void {
  try {
    action();
  } catch (error) {
    report(error);
  }
}

function forgetStopped(ecs: Ecs): void {
  const before = ecs.now() - Math.max(scaled(ecs, keepStoppedMs), 600_000);
  for (const task of Object.values(ecs.state.tasks)) {
    if (task.stoppedAt === undefined || task.stoppedAt > before) continue;
    removeTask(ecs, task);
    ecs.changed();
  }
}
