/** `cutover local …`: everything to run on one machine. */
import type { Command } from 'commander';

export function localCommands(program: Command): void {
  program.command('local').description('Runs Temporal, a local AWS, a Platform Server and a worker on this machine.');
}
