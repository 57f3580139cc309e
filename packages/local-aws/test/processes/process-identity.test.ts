import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { describeProcess, isRunning, signalProcess } from '../../src/processes/process-identity';

/** A process that does nothing until it is ended. */
async function withProcess(work: (pid: number, ended: Promise<unknown>) => Promise<void>): Promise<void> {
  const child = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)']);
  await once(child, 'spawn');
  try {
    await work(child.pid ?? 0, once(child, 'exit'));
  } finally {
    child.kill('SIGKILL');
  }
}

test('a process that got the pid of another one is never sent a signal', async () => {
  await withProcess(async (pid) => {
    const before = { pid, started: `${describeProcess(pid)?.started}0` };
    expect(signalProcess(before, 'SIGKILL')).toBe(false);
    expect(isRunning(before)).toBe(false);
    expect(describeProcess(pid)).toBeDefined();
  });
});

test('the process that was written down is signalled, and is known to be gone then', async () => {
  await withProcess(async (pid, ended) => {
    const identity = describeProcess(pid) ?? { pid: 0, started: '' };
    expect(isRunning(identity)).toBe(true);
    expect(signalProcess(identity, 'SIGTERM')).toBe(true);
    await ended;
    expect(describeProcess(pid)).toBeUndefined();
    expect(signalProcess(identity, 'SIGTERM')).toBe(false);
  });
});
