import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { claimFolder, readProcesses, recordProcesses } from '../../src/processes/leftovers';
import { describeProcess, isRunning, type ProcessIdentity } from '../../src/processes/process-identity';
import { inTemporaryFolder } from '../temporary-folder';

/** Runs with a process that does nothing until it is ended. */
async function withProcess(work: (identity: ProcessIdentity, child: ChildProcess) => Promise<void>): Promise<void> {
  const child = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)']);
  await once(child, 'spawn');
  try {
    await work(describeProcess(child.pid ?? 0) ?? { pid: 0, started: '' }, child);
  } finally {
    child.kill('SIGKILL');
  }
}

const gone: ProcessIdentity = { pid: process.pid, started: 'long ago' };

test('what a crashed stack left behind is ended, and a foreign process that got such a pid is not', async () => {
  await inTemporaryFolder(async (folder) => {
    await withProcess(async (left) => {
      await withProcess(async (foreign) => {
        const children = { aws: left, worker: { ...foreign, started: `${foreign.started}1` } };
        writeFileSync(join(folder, 'processes.json'), JSON.stringify({ supervisor: gone, children }));
        await claimFolder(folder, 'A stack');
        expect(isRunning(left)).toBe(false);
        expect(isRunning(foreign)).toBe(true);
        expect(readProcesses(folder)).toEqual({ supervisor: describeProcess(process.pid), children: {} });
      });
    });
  });
});

test('a folder whose stack runs is refused, and its processes are left alone', async () => {
  await inTemporaryFolder(async (folder) => {
    await withProcess(async (child) => {
      recordProcesses(folder, { aws: child });
      await expect(claimFolder(folder, 'A stack')).rejects.toThrow(
        /A stack already runs in .* end it, or name another --dir/,
      );
      expect(isRunning(child)).toBe(true);
    });
  });
});

test('a folder that can not be made is one sentence', async () => {
  await inTemporaryFolder(async (folder) => {
    writeFileSync(join(folder, 'file'), '');
    await expect(claimFolder(join(folder, 'file', 'stack'), 'A stack')).rejects.toThrow(/can't be written .*--dir/);
  });
});
