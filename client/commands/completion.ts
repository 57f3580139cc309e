/** `cutover completion`: a script that makes a shell complete commands and options. */
import type { Command } from 'commander';
import { print } from '../../terminal/print';

export function completionCommand(program: Command): void {
  program
    .command('completion <shell>')
    .description('prints a completion script for bash, zsh or fish')
    .action(async (shell: string) => {
      const { completionScript } = await import('../text/completion.js');
      print(completionScript(shell, program).trimEnd().split('\n'));
    });
}
