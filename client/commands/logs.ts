/** `cutover logs`: the last lines that an application's tasks printed. */
import { InvalidArgumentError, type Command } from 'commander';
import { print } from '../../terminal/print';
import { applicationCommand, type CommonOptions } from '../options';
import { withApplication } from '../session';

interface LogsOptions extends CommonOptions {
  readonly lines: number;
}

export function logsCommand(program: Command): void {
  applicationCommand(program, 'logs')
    .description('prints the last lines of an application’s tasks')
    .option('--lines <number>', 'of each task', parseLines, 20)
    .action(logs);
}

async function logs(application: string, options: LogsOptions): Promise<void> {
  const { formatNoTask, formatTaskLog } = await import('../text/task-log.js');
  await withApplication(application, options, async ({ deployments, target }) => {
    const found = await deployments.ask({ kind: 'logs', ...target, lines: options.lines });
    if (options.json) return print(JSON.stringify(found));
    if (found.length === 0) return print(formatNoTask(application, await deployments.ask({ kind: 'live', ...target })));
    print(found.flatMap(formatTaskLog));
  });
}

function parseLines(text: string): number {
  const lines = Number(text);
  if (Number.isInteger(lines) && lines >= 1 && lines <= 500) return lines;
  throw new InvalidArgumentError('Expected a number from 1 to 500.');
}
