/** `cutover worker`: the process that does the work. What it needs is loaded when it is asked for. */
import type { Command } from 'commander';
import { settingsFile, settingsHelp } from '../settings/file';

interface WorkerOptions {
  readonly settings?: string;
  readonly metrics?: string;
  readonly health?: string;
}

export function workerCommand(program: Command): void {
  program
    .command('worker')
    .description('runs workflows and activities until it is told to stop')
    .option('--settings <file>', settingsHelp)
    .option('--metrics <address>', 'serve metrics to Prometheus, e.g. 0.0.0.0:9464 (default: $CUTOVER_METRICS)')
    .option('--health <address>', 'answer GET /healthz and /readyz, e.g. 0.0.0.0:9465 (default: $CUTOVER_HEALTH)')
    .action(async ({ settings, metrics, health }: WorkerOptions) => {
      const { runWorker } = await import('./main.js');
      await runWorker({ settings: settingsFile(settings), metrics, health });
    });
}
