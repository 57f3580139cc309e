/** `cutover hooks`: how the OutSystems platform drives cutover. */
import { InvalidArgumentError, type Command } from 'commander';

interface HooksOptions {
  readonly settings?: string;
  readonly host?: string;
  readonly port?: number;
}

/** @param settingsFile the settings file that is meant where an option names none */
export function hookCommands(program: Command, settingsFile: (option?: string) => Promise<string>): void {
  program
    .command('hooks')
    .description('listens for the OutSystems platform until it is told to stop')
    .option('--settings <file>', 'the settings file (default: $CUTOVER_SETTINGS, cutover.yaml, .cutover/cutover.yaml)')
    .option('--host <host>', 'the address to listen at (default: the settings’ hooks.host, else 127.0.0.1)')
    .option('--port <port>', 'the port (default: the settings’ hooks.port, else 8083); 0 for any', parsePort)
    .action(async ({ settings, ...place }: HooksOptions) => {
      const { serveHooks } = await import('./serve.js');
      await serveHooks({ settings: await settingsFile(settings), ...place });
    });
}

function parsePort(text: string): number {
  const port = Number(text);
  if (Number.isInteger(port) && port >= 0 && port <= 65_535 && text.trim() !== '') return port;
  throw new InvalidArgumentError('Expected a number from 0 to 65535.');
}
