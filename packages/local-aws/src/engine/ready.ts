/** What has to be so before a local AWS starts in a folder, whatever its tasks are. */
import { askEngine, engineOf } from './engine';
import type { TaskKind } from './kinds';
import { keepTaskKind } from './kept-kind';
import { removeContainers } from './leftovers';

/**
 * Asks the engine that is to run the tasks, notes it in the folder, and removes the containers that a crash left behind. Processes
 * that it left are found again by the control plane.
 * @throws {Error} of one sentence when there is no such engine, or the folder's tasks were something else
 */
export async function readyTasks(folder: string, kind: TaskKind = 'processes'): Promise<void> {
  if (kind !== 'processes') await askEngine(engineOf(kind));
  await keepTaskKind(folder, kind);
  if (kind !== 'processes') await removeContainers(engineOf(kind), folder, 0);
}
