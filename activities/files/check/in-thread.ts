/**
 * Checks a configuration in a thread of its own, which may take so much time and memory and no more: whatever a file holds, the
 * worker's thread goes on with heartbeats and other work.
 */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import type { Checked } from './configuration';

/** What 16 MiB of the slowest text take on a slow machine, twice. */
const longestMs = 30_000;
/** Of its texts and objects; 16 MiB become 32 MiB of text, and some of it more than once. */
const mostMebibytes = 512;

const inSources = join(__dirname, '..', '..', '..', 'lib', 'activities', 'files', 'check', 'thread.js');
const compiled = join(__dirname, 'thread.js');

/**
 * @param limits for tests
 * @throws {unknown} the signal's reason, when it aborts
 */
export async function checkInThread(
  content: Buffer,
  signal?: AbortSignal,
  { ms = longestMs, mebibytes = mostMebibytes } = {},
): Promise<Checked> {
  signal?.throwIfAborted();
  const thread = new Worker(existsSync(compiled) ? compiled : inSources, {
    workerData: content,
    resourceLimits: { maxOldGenerationSizeMb: mebibytes },
  });
  const ending = new AbortController();
  try {
    return await new Promise<Checked>((resolve, reject) => {
      const timer = setTimeout(() => resolve(tooMuch(`more than ${ms / 1000} s`)), ms);
      ending.signal.addEventListener('abort', () => clearTimeout(timer));
      signal?.addEventListener('abort', () => reject(signal.reason as Error), { signal: ending.signal });
      thread.once('message', resolve);
      thread.once('error', (error: NodeJS.ErrnoException) =>
        error.code === 'ERR_WORKER_OUT_OF_MEMORY' ? resolve(tooMuch(`more than ${mebibytes} MiB`)) : reject(error),
      );
    });
  } finally {
    ending.abort();
    await thread.terminate();
  }
}

const tooMuch = (how: string): Checked => ({
  fault: ` can't be checked: that takes ${how}. Nothing was changed; make it smaller and plainer, then start again.`,
});
