/** `cutover hooks`: how the OutSystems platform drives cutover. */
import type { Command } from 'commander';
import { settingsFile, settingsHelp } from '../settings/file';
import { parsePort } from '../settings/ports';
import type { OpenPage } from './serve';

interface HooksOptions {
  readonly settings?: string;
  readonly host?: string;
  readonly port?: number;
}

/** @param openPage makes the page that is shown at the same port where the settings say so */
export function hooksCommand(program: Command, openPage: OpenPage): void {
  program
    .command('hooks')
    .description('listens for the OutSystems platform until it is told to stop')
    .option('--settings <file>', settingsHelp)
    .option('--host <host>', 'the address to listen at (default: the settings’ hooks.host, else 127.0.0.1)')
    .option('--port <port>', 'the port (default: the settings’ hooks.port, else 8083); 0 for any', parsePort)
    .action(async ({ settings, ...address }: HooksOptions) => {
      const { serveHooks } = await import('./serve.js');
      await serveHooks({ settings: settingsFile(settings), ...address, openPage });
    });
}
