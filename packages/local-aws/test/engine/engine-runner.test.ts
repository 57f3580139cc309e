/** How a container ended, as it was written down when it did. */
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { engineRunner } from '../../src/engine/engine-runner';
import { engineOf } from '../../src/engine/engine';
import type { Container, Task } from '../../src/ecs/state';
import { inTemporaryFolder } from '../temporary-folder';

/** A name that no engine has, so that nothing here can be started by mistake. */
const nobody = engineOf('no-engine' as 'podman');

test.each([
  ['one that ended by itself', '3', { OOMKilled: false }, { exitCode: 3 }],
  [
    'one that took too much memory',
    '137',
    { OOMKilled: true },
    { exitCode: 137, reason: 'OutOfMemoryError: Container killed due to memory usage' },
  ],
  ['one whose engine said nothing', '137', undefined, { exitCode: 137 }],
  ['one that was killed with all that watched it', undefined, undefined, { exitCode: 137 }],
])('the end of %s', async (_what, exit, state, end) => {
  await inTemporaryFolder(async (folder) => {
    const places = { folder, tasksFolder: folder, environmentPrefix: 'LOCAL_AWS', givesAddresses: true };
    const runner = engineRunner({ ...places, engine: nobody, report: () => undefined });
    await mkdir(join(folder, 'abc', 'web'), { recursive: true });
    if (exit !== undefined) await writeFile(join(folder, 'abc', 'web', 'exit'), `${exit}\n`);
    if (state !== undefined) await writeFile(join(folder, 'abc', 'web', 'state'), JSON.stringify(state));
    expect(runner.endOf({ id: 'abc' } as Task, { name: 'web' } as Container)).toEqual(end);
  });
});
