/** `cutover worker`: the process that does the work. What it needs is loaded when it is asked for. */
import { InvalidArgumentError, type Command } from 'commander';
import { taskQueues, type WorkerKind } from '../contract/ids';
import { settingsFile, settingsHelp } from '../settings/file';

interface WorkerOptions {
  readonly settings?: string;
  readonly metrics?: string;
  readonly health?: string;
  readonly kinds?: readonly WorkerKind[];
  readonly zones?: readonly string[];
}

export function workerCommand(program: Command): void {
  program
    .command('worker')
    .description('runs workflows and activities until it is told to stop')
    .option('--settings <file>', settingsHelp)
    .option('--metrics <address>', 'serve metrics to Prometheus, e.g. 0.0.0.0:9464 (default: $CUTOVER_METRICS)')
    .option('--health <address>', 'answer GET /healthz and /readyz, e.g. 0.0.0.0:9465 (default: $CUTOVER_HEALTH)')
    .option('--kinds <kinds>', `take only these kinds of work, of ${kinds.join(', ')} (default: all)`, parseKinds)
    .option(
      '--zones <zones>',
      'take only the work of these zones, which have workers of their own (ownWorkers)',
      parseZones,
    )
    .action(async ({ settings, metrics, health, kinds: own, zones }: WorkerOptions) => {
      const { runWorker } = await import('./main.js');
      await runWorker({ settings: settingsFile(settings), metrics, health, kinds: own, zones });
    });
}

const kinds = Object.keys(taskQueues);

const parseZones = (text: string): string[] => [...new Set(text.split(',').map((zone) => zone.trim()))];

function parseKinds(text: string): WorkerKind[] {
  const asked = text.split(',').map((kind) => kind.trim());
  const unknown = asked.find((kind) => !kinds.includes(kind));
  if (unknown !== undefined)
    throw new InvalidArgumentError(`there is no kind "${unknown}": expected some of ${kinds.join(', ')}.`);
  return [...new Set(asked)] as WorkerKind[];
}
