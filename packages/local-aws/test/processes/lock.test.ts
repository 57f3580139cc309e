import { existsSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { withLock } from '../../src/processes/lock';
import { describeProcess } from '../../src/processes/process-identity';
import { inTemporaryFolder } from '../temporary-folder';

test('only one is inside at a time, though a holder that died left its lock, and some that hold it fail', async () => {
  await inTemporaryFolder(async (folder) => {
    const lock = join(folder, 'lock');
    writeFileSync(
      lock,
      JSON.stringify({ pid: process.pid, started: `before ${describeProcess(process.pid)?.started}` }),
    );
    let inside = 0;
    let most = 0;
    const work = async (): Promise<void> => {
      most = Math.max(most, (inside += 1));
      await new Promise((resolve) => setTimeout(resolve, 5));
      inside -= 1;
    };
    await Promise.all(Array.from({ length: 8 }, async () => await withLock(lock, work)));
    await expect(withLock(lock, async () => await Promise.reject(new Error('failed')))).rejects.toThrow('failed');
    expect(most).toBe(1);
    expect(existsSync(lock)).toBe(false);
    expect(readdirSync(folder)).toEqual([]);
  });
});
