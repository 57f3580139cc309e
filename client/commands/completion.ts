/** `cutover completion`: a script that makes a shell complete commands and options. */
import type { Command } from 'commander';

export function completionCommand(program: Command): void {
  program
    .command('completion <shell>')
    .description('prints a completion script for bash, zsh or fish')
    .action(async (shell: string) => {
      const { completionScript } = await import('../text/completion.js');
      process.stdout.write(completionScript(shell, program));
    });
}
