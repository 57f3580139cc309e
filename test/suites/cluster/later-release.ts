/** A later release than this one, in a folder of its own. */
import { cp, mkdtemp, readdir, readFile, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { thisProgram } from '../e2e/worker-process';

/** It proves the cut by an activity of another name, so that nothing that proves it already can go on with it. */
export async function laterRelease(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'cutover-later-'));
  for (const name of ['bin', 'lib', 'package.json']) {
    await cp(join(thisProgram, name), join(folder, name), { recursive: true });
  }
  await symlink(join(thisProgram, 'node_modules'), join(folder, 'node_modules'));
  for (const file of await readdir(join(folder, 'lib'), { recursive: true })) {
    if (!file.endsWith('.js')) continue;
    const path = join(folder, 'lib', file);
    const text = await readFile(path, 'utf8');
    if (text.includes('proveReleases')) await writeFile(path, text.replaceAll(/\bproveReleases\b/g, '$&Otherwise'));
  }
  return folder;
}
