/** The command line: the only place that knows every part. Each command loads what it needs when it is asked for. */
import { Command } from 'commander';
import { deploymentCommands } from './client/commands';
import { hooksCommand } from './hooks/command';
import { localCommands } from './local/commands';
import { dashboardCommand } from './page/command';
import { version } from './settings/version';
import { print, tell } from './terminal/print';
import { upgradeCommand } from './worker/upgrade-command';
import { workerCommand } from './worker/command';

/** The SDK announces which Node versions its later releases will need; ours are pinned. */
process.env['AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED'] ??= 'true';

export async function main(argv: readonly string[]): Promise<void> {
  const program = new Command('cutover')
    .description('Deploys OutSystems applications to Amazon ECS without a lost request.')
    .version(version)
    .configureOutput({ writeOut: inLines(print), writeErr: inLines(tell) });
  deploymentCommands(program, async (...asked) => {
    const { findReturn } = await import('./worker/rollback-without-temporal.js');
    return await findReturn(...asked);
  });
  workerCommand(program);
  upgradeCommand(program);
  hooksCommand(program, async (options) => (await import('./page/serve.js')).pageFor(options));
  dashboardCommand(program);
  localCommands(program);
  await program.parseAsync([...argv]).catch((error: unknown) => reportError(error, argv.includes('--json')));
}

/** The lines of the command line's own help; its errors repeat what was typed. */
const inLines = (write: (lines: readonly string[]) => void) => (text: string) =>
  write(text.replace(/\n$/, '').split('\n'));

/** Prints one sentence, with CUTOVER_DEBUG also where the error came from; with --json, programs find it on standard output. */
function reportError(error: unknown, json: boolean): void {
  const { message, stack } = error instanceof Error ? error : new Error(String(error));
  if (json) print(JSON.stringify({ error: message }));
  tell(`cutover: ${(process.env['CUTOVER_DEBUG'] ? stack : undefined) ?? message}`);
  process.exitCode = 1;
}
