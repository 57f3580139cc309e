/** A stack for one test file alone, where tests strike everybody on it. */
import type * as LivingApplications from '../e2e/live-application';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Conditions } from '../../../packages/local-aws/src/index';

export interface OwnStack {
  /** The harness of the end-to-end tests, on this stack. */
  readonly living: typeof LivingApplications;
  /** The longest time until a changed rule is in effect everywhere, in milliseconds. */
  readonly propagationMs: number;
  /** Ends what tests left open, and the stack. */
  close(): Promise<void>;
  /**
   * The same, where no test kills replicas: to Route 53 no application made a load balancer unhealthy at any time.
   * @param applications Default: those that the harness has made live
   */
  closeHealthy(applications?: readonly string[]): Promise<void>;
}

/** What it is like: how much faster than AWS, and what its AWS does to everybody. */
type OwnStackOptions = Conditions & { readonly timeScale: number };

/** On AWS, and by the stack's settings. */
const longestPropagationMs = 15_000;

/** One task in a hundred fails to start, unless the options say otherwise. */
export async function startOwnStack(options: OwnStackOptions): Promise<OwnStack> {
  const folder = await mkdtemp(join(tmpdir(), 'cutover-own-'));
  const { startStack } = await import('../../../local/stack/stack.js');
  const stack = await startStack({ folder, ports: 'auto', longestRequestMs: 1_500, failedStarts: 0.01, ...options });
  process.stdout.write(`${expect.getState().testPath}: the seed of its stack is ${stack.report().seed}\n`);
  // Only now: it reads at once which stack is meant.
  process.env['TEST_STACK_FOLDER'] = folder;
  const living = await import('../e2e/live-application.js');
  const close = async () => {
    await living.closeOpened();
    await stack.close();
    await rm(folder, { recursive: true, force: true });
  };
  return {
    living,
    propagationMs: longestPropagationMs / options.timeScale,
    close,
    closeHealthy: async (applications) => {
      try {
        await living.expectHealthyToRoute53(applications);
      } finally {
        await close();
      }
    },
  };
}
