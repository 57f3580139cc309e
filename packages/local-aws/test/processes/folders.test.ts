import { existsSync, writeFileSync } from 'node:fs';
import { chmod, mkdir, symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { makeFolder, makeWritableFolder } from '../../src/processes/folders';
import { inTemporaryFolder } from '../temporary-folder';

const byRoot = process.getuid?.() === 0;

test('a folder is made with those above it, by several at once, and may be there already', async () => {
  await inTemporaryFolder(async (folder) => {
    const deep = join(folder, 'one', 'two', 'three');
    await Promise.all([makeFolder(deep), makeFolder(deep), makeFolder(join(folder, 'one', 'other'))]);
    await makeWritableFolder(deep);
    expect([existsSync(deep), existsSync(join(folder, 'one', 'other'))]).toEqual([true, true]);
  });
});

// Linux only: Node's recursive mkdir hangs there.
(existsSync('/proc/self') ? test : test.skip).each(['/proc/x', '/proc/x/below'])(
  'where the system takes no folders, %s is one sentence',
  async (folder) => {
    await expect(makeWritableFolder(folder)).rejects.toThrow(
      `The folder ${folder} can't be written (ENOENT): name another one with --dir.`,
    );
  },
);

test('a file, a path below a file, and a link to nothing are one sentence each', async () => {
  await inTemporaryFolder(async (folder) => {
    const file = join(folder, 'file');
    const link = join(folder, 'link');
    writeFileSync(file, '');
    await symlink(join(folder, 'nothing'), link);
    await expect(makeWritableFolder(file)).rejects.toThrow(/can't be written \(EEXIST\): name another one with --dir/);
    await expect(makeWritableFolder(join(file, 'one', 'two'))).rejects.toThrow(/can't be written \(ENOTDIR\)/);
    await expect(makeWritableFolder(link)).rejects.toThrow(/can't be written \(EEXIST\)/);
  });
});

// Root may write everywhere.
(byRoot ? test.skip : test)('a folder without write permission is one sentence, and so is one below it', async () => {
  await inTemporaryFolder(async (folder) => {
    const locked = join(folder, 'locked');
    await mkdir(locked);
    await chmod(locked, 0o555);
    await expect(makeWritableFolder(locked)).rejects.toThrow(/can't be written \(EACCES\)/);
    await expect(makeWritableFolder(join(locked, 'below'))).rejects.toThrow(/can't be written \(EACCES\)/);
  });
});
