/** The command line: the only place that knows every part. Each command loads what it needs when it is asked for. */
import { Command } from 'commander';
import { localCommands } from './local/commands';

export async function main(argv: readonly string[]): Promise<void> {
  const program = new Command('cutover')
    .description('Deploys OutSystems applications to Amazon ECS without a lost request.')
    .version('0.1.0');
  localCommands(program);
  await program.parseAsync([...argv]);
}
