/** The command line: the only place that knows every part. Each command loads what it needs when it is asked for. */
import { Command } from 'commander';
import { deploymentCommands } from './client/commands';
import { printable } from './client/text/printable';
import { hooksCommand } from './hooks/command';
import { localCommands } from './local/commands';
import { version } from './settings/version';
import { upgradeCommand } from './worker/upgrade-command';
import { workerCommand } from './worker/command';

/** The SDK announces which Node versions its later releases will need; ours are pinned. */
process.env['AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED'] ??= 'true';

export async function main(argv: readonly string[]): Promise<void> {
  const program = new Command('cutover')
    .description('Deploys OutSystems applications to Amazon ECS without a lost request.')
    .version(version);
  deploymentCommands(program, async (...asked) => {
    const { findReturn } = await import('./worker/rollback-without-temporal.js');
    return await findReturn(...asked);
  });
  workerCommand(program);
  upgradeCommand(program);
  hooksCommand(program);
  localCommands(program);
  await program.parseAsync([...argv]).catch((error: unknown) => reportError(error, argv.includes('--json')));
}

/** Prints one sentence, with CUTOVER_DEBUG also where the error came from; with --json, programs find it on standard output. */
function reportError(error: unknown, json: boolean): void {
  const { message, stack } = error instanceof Error ? error : new Error(String(error));
  if (json) process.stdout.write(`${printable(JSON.stringify({ error: message }))}\n`);
  process.stderr.write(`cutover: ${printable((process.env['CUTOVER_DEBUG'] ? stack : undefined) ?? message)}\n`);
  process.exitCode = 1;
}
