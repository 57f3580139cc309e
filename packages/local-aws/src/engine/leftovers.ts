/** The containers of a local AWS's folder when the local AWS itself doesn't run, to end them all. */
import { resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { folderLabel } from './create';
import type { Engine } from './engine';

/**
 * Ends every container that the local AWS of a folder started, and nothing else, by SIGTERM and after `graceMs` by SIGKILL, and
 * removes it. To be called when the local AWS doesn't run any more, since it would start them again. Returns how many there were.
 */
export async function removeContainers(engine: Engine, folder: string, graceMs: number): Promise<number> {
  const list = async (...more: string[]) =>
    (await engine.run(['ps', '--quiet', '--no-trunc', '--filter', `label=${folderLabel}=${resolve(folder)}`, ...more]))
      .split('\n')
      .filter((id) => id !== '');
  const all = await list('--all');
  if (all.length === 0) return 0;
  const running = graceMs === 0 ? [] : await list();
  // One may end by itself between the two.
  if (running.length > 0) await engine.run(['kill', '--signal', 'SIGTERM', ...running]).catch(() => undefined);
  const deadline = Date.now() + graceMs;
  while (Date.now() < deadline && (await list()).length > 0) await sleep(100);
  // Some are removed by what watches over them; those count too.
  for (const id of await list('--all')) await engine.run(['rm', '--force', '--volumes', id]).catch(() => undefined);
  const left = await list('--all');
  if (left.length > 0) throw new Error(`${engine.name} did not remove ${left.join(', ')}: remove them by hand.`);
  return all.length;
}
