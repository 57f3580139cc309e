/** `cutover dashboard`: the page, for people with a browser. */
import type { Command } from 'commander';
import { settingsFile, settingsHelp } from '../settings/file';
import { parsePort } from '../settings/ports';
import { print } from '../terminal/print';

interface DashboardOptions {
  readonly settings?: string;
  readonly host?: string;
  readonly port?: number;
  readonly json?: boolean;
}

export function dashboardCommand(program: Command): void {
  program
    .command('dashboard')
    .description('shows every application and its deployment as a page, until it is told to stop')
    .option('--settings <file>', settingsHelp)
    .option('--host <host>', 'the address to listen at (default: the settings’ dashboard.host, else 127.0.0.1)')
    .option('--port <port>', 'the port (default: the settings’ dashboard.port, else 8084); 0 for any', parsePort)
    .option('--json', 'print where it is as one line of JSON')
    .action(async ({ settings, json, ...address }: DashboardOptions) => {
      const { serveDashboard } = await import('./serve.js');
      const say = (url: string) => print(json ? JSON.stringify({ url }) : `The page is at ${url}`);
      await serveDashboard({ settings: settingsFile(settings), ...address, say });
    });
}
