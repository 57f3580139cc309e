/** The tasks of a local AWS's folder when the local AWS itself doesn't run, to end them all. */
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import {
  commandOf,
  identifyFrom,
  isAlive,
  killContainer,
  signalProcess,
  type ProcessIdentity,
} from './ecs/tasks/processes';
import type { EcsState } from './ecs/state';
import { engineOf } from './engine/engine';
import { keptTaskKind } from './engine/kept-kind';
import { removeContainers } from './engine/leftovers';
import { readState } from './store';

/** The folder of the tasks' folders. */
export function tasksFolder(folder: string): string {
  return join(folder, 'tasks');
}

interface RunningContainer {
  readonly wrapper: ProcessIdentity | undefined;
  readonly main: ProcessIdentity | undefined;
}

/**
 * Ends every task that the local AWS of a folder started, and nothing else, by SIGTERM and after `graceMs` by SIGKILL. To be
 * called when the local AWS doesn't run any more, since it would start them again. Returns how many containers it ended.
 */
export async function stopTasks(folder: string, graceMs = 2_000): Promise<number> {
  const kind = keptTaskKind(folder) ?? 'processes';
  const removed = kind === 'processes' ? 0 : await removeContainers(engineOf(kind), folder, graceMs);
  const state = await readState(join(folder, 'state.json'));
  const containers = await findRunning(folder, state.ecs);
  for (const { wrapper, main } of containers) if (!signalProcess(main, 'SIGTERM')) signalProcess(wrapper, 'SIGTERM');
  const deadline = Date.now() + graceMs;
  while (containers.some(isRunning) && Date.now() < deadline) await sleep(20);
  for (const { wrapper, main } of containers) killContainer(wrapper, main);
  return kind === 'processes' ? containers.length : removed;
}

function isRunning({ wrapper, main }: RunningContainer): boolean {
  return [wrapper, main].some((process_) => process_ !== undefined && isAlive(process_));
}

async function findRunning(folder: string, ecs: EcsState): Promise<RunningContainer[]> {
  const tasks = await readdir(tasksFolder(folder)).catch(() => []);
  const found: RunningContainer[] = [];
  for (const id of tasks) {
    for (const name of await readdir(join(tasksFolder(folder), id))) {
      const known = Object.values(ecs.tasks)
        .find((task) => task.id === id)
        ?.containers.find((one) => one.name === name);
      const containerFolder = join(tasksFolder(folder), id, name);
      const container = {
        wrapper: known?.wrapper ?? unrecorded(containerFolder, 'wrapper'),
        main: known?.main ?? unrecorded(containerFolder, 'main'),
      };
      if (isRunning(container)) found.push(container);
    }
  }
  return found;
}

/** A process that was started but isn't recorded yet: its shell has the folder in its command line, which no other has. */

function unrecorded(folder: string, file: 'wrapper' | 'main'): ProcessIdentity | undefined {
  const shell = identifyFrom(join(folder, 'wrapper'));
  if (shell === undefined || !commandOf(shell.pid).includes(folder)) return undefined;
  return identifyFrom(join(folder, file));
}
