import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { superviseChild, type Child } from '../../src/processes/child';
import { describeProcess, isRunning } from '../../src/processes/process-identity';
import { inTemporaryFolder } from '../temporary-folder';

/** Runs with a supervised process of a small program; `seen` are the pids that it has had. */
async function supervised(
  code: string,
  graceMs: number,
  work: (child: Child, log: () => string, seen: ReadonlySet<number>) => Promise<void>,
): Promise<void> {
  await inTemporaryFolder(async (folder) => {
    const logFile = join(folder, 'log');
    const seen = new Set<number>();
    const program = { name: 'worker', file: process.execPath, words: ['-e', code], environment: process.env } as const;
    const note = (): void => {
      const pid = child?.identity()?.pid;
      if (pid !== undefined) seen.add(pid);
    };
    let child: Child | undefined = undefined as Child | undefined;
    child = superviseChild({ ...program, logFile, graceMs }, note);
    note();
    const log = (): string => (existsSync(logFile) ? readFileSync(logFile, 'utf8') : '');
    try {
      await work(child, log, seen);
    } finally {
      await child.end();
    }
    for (const pid of seen) expect(describeProcess(pid)).toBeUndefined();
  });
}

async function until(fact: () => boolean): Promise<void> {
  while (!fact()) await sleep(10);
}

test('a process that ends by itself is started again, each time a failure', async () => {
  await supervised('console.log("up"); process.exit(3)', 1000, async (child, log) => {
    await until(() => log().split('up').length > 3);
    expect(child.failures()).toBeGreaterThanOrEqual(2);
  });
});

test('a killed process is replaced by another one', async () => {
  await supervised('console.log("up"); setInterval(() => {}, 1000)', 1000, async (child, log) => {
    await until(() => log() !== '');
    const before = child.identity() ?? { pid: 0, started: '' };
    await child.kill();
    expect(isRunning(before)).toBe(false);
    await until(() => child.identity() !== undefined && log() === 'up\nup\n');
    expect(child.identity()?.pid).not.toBe(before.pid);
  });
});

test('one that ignores SIGTERM is killed after its grace', async () => {
  await supervised(
    'process.on("SIGTERM", () => console.log("no")); setInterval(() => console.log("up"), 10)',
    50,
    async (child, log) => {
      await until(() => log() !== '');
      await child.end();
      expect(log()).toContain('no\n');
    },
  );
});

test('one that can not be started at all is a failure too', async () => {
  await inTemporaryFolder(async (folder) => {
    const program = { name: 'worker', file: join(folder, 'missing'), words: [], environment: {}, graceMs: 10 } as const;
    const child = superviseChild({ ...program, logFile: join(folder, 'log') }, () => undefined);
    await until(() => child.failures() > 1);
    await child.end();
  });
});
