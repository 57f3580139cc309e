/** Runs a builder's program without a shell: the end of its output is kept, and it is stopped when it is no longer wanted. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';

export interface Program {
  readonly file: string;
  readonly words: readonly string[];
  readonly environment: NodeJS.ProcessEnv;
  readonly folder: string;
}

export interface Ended {
  /** `null` when a signal ended it. */
  readonly status: number | null;
  readonly signal: NodeJS.Signals | null;
  /** The end of what it printed, on both streams. */
  readonly output: string;
}

const longestOutput = 16_384;
const killAfterMs = 5_000;

/**
 * Runs a program to its end.
 * @throws {Error} when it can't be started
 * @throws {unknown} the signal's reason, when the signal stopped it, after it is gone
 */
export async function run({ file, words, environment, folder }: Program, signal: AbortSignal): Promise<Ended> {
  signal.throwIfAborted();
  // A process group of its own, so that whatever it starts ends with it.
  const child = spawn(file, words, {
    cwd: folder,
    env: environment,
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: process.platform !== 'win32',
    windowsHide: true,
  });
  let output = '';
  const append = (part: Buffer) => {
    output = (output + part.toString('utf8')).slice(-longestOutput);
  };
  child.stdout.on('data', append);
  child.stderr.on('data', append);
  const end = (how: NodeJS.Signals) => {
    try {
      if (child.pid !== undefined) process.kill(process.platform === 'win32' ? child.pid : -child.pid, how);
    } catch {
      // It has ended already.
    }
  };
  let killing: NodeJS.Timeout | undefined;
  const abort = () => {
    end('SIGTERM');
    killing = setTimeout(() => end('SIGKILL'), killAfterMs);
  };
  signal.addEventListener('abort', abort, { once: true });
  try {
    const [status, by] = (await once(child, 'close')) as [number | null, NodeJS.Signals | null];
    signal.throwIfAborted();
    return { status, signal: by, output };
  } finally {
    signal.removeEventListener('abort', abort);
    clearTimeout(killing);
  }
}
