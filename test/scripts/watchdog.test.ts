/** What holds up a run of tests for ever is ended by the watchdog of its worker, and said: which test, where, and what it waited for. */
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';

const watchdog = join(__dirname, '..', 'watchdog.js');

interface Ended {
  readonly status: number | null;
  readonly signal: string | null;
  readonly said: string;
}

/** A process that notes a step with a limit of 50 ms and 50 ms of grace, and does this then. */
async function watched(does: string): Promise<Ended> {
  const program = `
    const note = require(${JSON.stringify(watchdog)}).startWatchdog();
    note('the cut, as it is approved', 50);
    ${does}
  `;
  const env = { ...process.env, TEST_GRACE_MS: '50' };
  const child = spawn(process.execPath, ['-e', program], { env, detached: true });
  const ending = new Promise<Omit<Ended, 'said'>>((resolve) => {
    child.on('close', (status, signal) => resolve({ status, signal }));
  });
  const [said, how] = await Promise.all([text(child.stderr), ending]);
  endGroup(child.pid);
  return { ...how, said };
}

/** What the process has left behind. */
function endGroup(leader: number | undefined): void {
  try {
    if (leader !== undefined) process.kill(-leader, 'SIGKILL');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}

test('a test in an endless loop is ended, and the loop is named', async () => {
  const { signal, said } = await watched('function waitsForGreen() { for (;;); } waitsForGreen();');
  expect(signal).toBe('SIGKILL');
  expect(said).toMatch(/^STUCK, and ended: the cut, as it is approved$/m);
  expect(said).toMatch(/^ {2}at waitsForGreen /m);
});

test('a test that waits for a child for ever is ended, and the child is named', async () => {
  const { signal, said } = await watched(`require('node:child_process').spawnSync('sleep', ['7357']);`);
  expect(signal).toBe('SIGKILL');
  expect(said).toMatch(/^STUCK, and ended: the cut, as it is approved$/m);
  expect(said).toMatch(/sleep 7357/);
});

test.each(['note(undefined);', `note('the next one', 60_000);`])(
  'what goes on in time is left alone: %s',
  async (next) => {
    const ended = await watched(`${next} setTimeout(() => process.exit(7), 1_000);`);
    expect(ended).toEqual({ status: 7, signal: null, said: '' });
  },
);
