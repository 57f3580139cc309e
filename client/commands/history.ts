/** `cutover history`: the releases of an application. */
import type { Command } from 'commander';
import { print } from '../../terminal/print';
import { applicationCommand, type CommonOptions } from '../options';
import { withApplication } from '../session';

export function historyCommand(program: Command): void {
  applicationCommand(program, 'history')
    .description('tells the releases: image, when, by whom, why, how, and how it ended')
    .action(history);
}

async function history(application: string, options: CommonOptions): Promise<void> {
  const { formatReleases } = await import('../text/releases.js');
  await withApplication(application, options, async ({ deployments, target }) => {
    const releases = await deployments.ask({ kind: 'history', ...target });
    print(options.json ? JSON.stringify(releases) : formatReleases(releases));
  });
}
