/** A stack for one test file alone, where tests strike everybody on it. */
import type * as LivingApplications from '../e2e/live-application';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export interface OwnStack {
  /** The harness of the end-to-end tests, on this stack. */
  readonly living: typeof LivingApplications;
  /** Ends what tests left open, and the stack. */
  close(): Promise<void>;
}

/** One task in a hundred fails to start. @param timeScale how much faster than AWS */
export async function startOwnStack({ timeScale }: { timeScale: number }): Promise<OwnStack> {
  const folder = await mkdtemp(join(tmpdir(), 'cutover-own-'));
  const { startStack } = await import('../../../local/stack/stack.js');
  const stack = await startStack({ folder, ports: 'auto', timeScale, longestRequestMs: 1_500, failedStarts: 0.01 });
  process.stdout.write(`${expect.getState().testPath}: the seed of its stack is ${stack.report().seed}\n`);
  // Only now: it reads at once which stack is meant.
  process.env['TEST_STACK_FOLDER'] = folder;
  const living = await import('../e2e/live-application.js');
  return {
    living,
    close: async () => {
      await living.closeAll();
      await stack.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
}
