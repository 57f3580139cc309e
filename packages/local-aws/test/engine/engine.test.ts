/** An engine that isn't there, or is like this; and what a folder remembers of its tasks. */
import { chmod, mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { askEngine, engineOf, isRootless } from '../../src/engine/engine';
import { keepTaskKind, keptTaskKind } from '../../src/engine/kept-kind';
import { readyTasks } from '../../src/engine/ready';
import { removeContainers } from '../../src/engine/leftovers';
import { inTemporaryFolder } from '../temporary-folder';

/** Runs with a program of this name alone on the PATH; without a script there is none. */
async function withEngine(script: string | undefined, work: (folder: string) => Promise<void>): Promise<void> {
  const path = process.env['PATH'];
  await inTemporaryFolder(async (folder) => {
    if (script !== undefined) {
      await writeFile(join(folder, 'podman'), `#!/bin/sh\n${script}\n`);
      await chmod(join(folder, 'podman'), 0o755);
    }
    process.env['PATH'] = folder;
    try {
      await work(folder);
    } finally {
      process.env['PATH'] = path;
    }
  });
}

test('where there is no engine, one sentence says so and what to do, and the folder is as it was', async () => {
  await withEngine(undefined, async (folder) => {
    await expect(readyTasks(join(folder, 'aws'), 'podman')).rejects.toThrow(
      'There is no podman on the PATH, so tasks can\'t be its containers: install it, or leave out "--tasks podman".',
    );
    expect(keptTaskKind(join(folder, 'aws'))).toBeUndefined();
  });
});

test('an engine that doesn’t work says why in one sentence', async () => {
  await withEngine('echo warning >&2; echo "Error: cannot connect to the daemon." >&2; exit 125', async () => {
    await expect(askEngine(engineOf('podman'))).rejects.toThrow(
      /^podman is here and doesn't work, so tasks can't be its containers: cannot connect to the daemon\.$/,
    );
  });
});

test.each([
  ['podman as root', { host: { security: { rootless: false } } }, false],
  ['podman of a user', { host: { security: { rootless: true } } }, true],
  ['Docker', { SecurityOptions: ['name=seccomp,profile=builtin'] }, false],
  ['Docker without root', { SecurityOptions: ['name=seccomp,profile=builtin', 'name=rootless'] }, true],
  ['one that says nothing of it', { SecurityOptions: null }, false],
])('the containers of %s', (_who, information, rootless) => {
  expect(isRootless(JSON.stringify(information))).toBe(rootless);
});

test('only an engine of this very machine gives addresses', async () => {
  await withEngine(`echo '{"host":{"security":{"rootless":false}}}'`, async () => {
    expect(await askEngine(engineOf('podman'), 'linux')).toEqual({ givesAddresses: true });
    expect(await askEngine(engineOf('podman'), 'darwin')).toEqual({ givesAddresses: false });
  });
});

test('a folder whose tasks were containers is not started with processes, and the other way round', async () => {
  await inTemporaryFolder(async (folder) => {
    await keepTaskKind(join(folder, 'new'), 'docker');
    await keepTaskKind(join(folder, 'new'), 'docker');
    await expect(keepTaskKind(join(folder, 'new'), 'processes')).rejects.toThrow(
      `Tasks were containers of docker in ${join(folder, 'new')}: start it with "--tasks docker", or name another --dir.`,
    );
    await mkdir(join(folder, 'old'));
    await writeFile(join(folder, 'old', 'state.json'), '{}');
    await expect(keepTaskKind(join(folder, 'old'), 'podman')).rejects.toThrow(/^Tasks were processes in /);
    expect(keptTaskKind(join(folder, 'old'))).toBe('processes');
  });
});

test('a container that the engine doesn’t remove is named, so that a person can', async () => {
  await withEngine('[ "$1" = ps ] && echo 0123abc; exit 0', async (folder) => {
    await expect(removeContainers(engineOf('podman'), folder, 0)).rejects.toThrow(
      'podman did not remove 0123abc: remove them by hand.',
    );
  });
});
