/**
 * The last look before something loses its capacity: no rule may lead to it, whoever changed or made one meanwhile. What
 * people put back must first be back on every node of the load balancer, for AWS's API knows it sooner than they do.
 */
import type { Execution } from '../engine/runbook';

export interface LastLook {
  /** Fails while a rule still leads there. */
  readonly confirm: () => Promise<void>;
  /** That users are served as they should be. */
  readonly prove: () => Promise<void>;
  readonly settleMs: number;
}

/** A step's action; when it failed before, it proves anew before it ends. */
export function lastLook(run: Execution, { confirm, prove, settleMs }: LastLook): () => Promise<void> {
  let isAsProven = true;
  return async () => {
    try {
      await confirm();
    } catch (error) {
      isAsProven = false;
      throw error;
    }
    if (isAsProven) return;
    await run.elapse(settleMs, 'The rules reach every node of the load balancer again');
    await prove();
  };
}
