/** The workers of one process: they end together, however one of them ends. */
import type { Worker } from '@temporalio/worker';

type Running = Pick<Worker, 'run' | 'shutdown' | 'getState'>;

/**
 * Runs until all have ended. One that ends, by itself or with an error, ends the others: a process that takes only a part of its
 * work would look alive and leave the rest undone.
 * @throws the error that ended the first one
 */
export async function runTogether(workers: readonly Running[]): Promise<void> {
  const errors: unknown[] = [];
  await Promise.all(
    workers.map(async (worker) => {
      try {
        await worker.run();
      } catch (error) {
        errors.push(error);
      }
      for (const other of workers) if (other.getState() === 'RUNNING') other.shutdown();
    }),
  );
  if (errors.length > 0) throw errors[0];
}
