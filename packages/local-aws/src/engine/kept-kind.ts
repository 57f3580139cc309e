/** What the tasks of a folder are, kept with what was deployed there: images and ports of the one kind are nothing for the other. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { makeWritableFolder } from '../processes/folders';
import { writeWhole } from '../processes/whole-file';
import { taskKinds, type TaskKind } from './kinds';

const file = (folder: string): string => join(folder, 'task-kind');

/** What the tasks of a local AWS's folder are; undefined where none was started there. */
export function keptTaskKind(folder: string): TaskKind | undefined {
  if (existsSync(file(folder))) {
    const kept = readFileSync(file(folder), 'utf8').trim();
    return taskKinds.find((kind) => kind === kept);
  }
  return existsSync(join(folder, 'state.json')) ? 'processes' : undefined;
}

/**
 * Notes what the tasks of a folder are.
 * @throws {Error} of one sentence when they were something else
 */
export async function keepTaskKind(folder: string, kind: TaskKind): Promise<void> {
  const kept = keptTaskKind(folder);
  if (kept !== undefined && kept !== kind)
    throw new Error(`Tasks were ${nameOf(kept)} in ${folder}: start it with "--tasks ${kept}", or name another --dir.`);
  await makeWritableFolder(folder);
  await writeWhole(file(folder), `${kind}\n`);
}

const nameOf = (kind: TaskKind): string => (kind === 'processes' ? kind : `containers of ${kind}`);
