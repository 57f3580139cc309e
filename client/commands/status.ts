/** `cutover status`: what is live, what happens, and what is wanted; with `--watch` again and again. */
import type { Command } from 'commander';
import { print } from '../../terminal/print';
import { applicationCommand, type CommonOptions } from '../options';
import { withSession } from '../session';
import { parseTarget } from '../target';

interface StatusOptions extends CommonOptions {
  readonly watch?: boolean;
}

export function statusCommand(program: Command): void {
  applicationCommand(program, 'status')
    .description('tells what is live, what happens, and what is wanted of you')
    .option('--watch', 'go on until Ctrl-C, with a live tree from rules to tasks')
    .action(status);
}

async function status(application: string, options: StatusOptions): Promise<void> {
  const { watchStatus } = await import('../watch.js');
  const { formatStatus } = await import('../text/status.js');
  const { formatGlass } = await import('../approvals/glasses.js');
  await withSession(options, async ({ deployments, settings }) => {
    const target = parseTarget(application, options, settings);
    if (options.watch) return await watchStatus(deployments, target, options);
    const open = (await deployments.glasses(target.zone, target.application)).map(formatGlass);
    const found = { ...(await deployments.status(target)), ...(open.length > 0 && { uncountersigned: open }) };
    print(options.json ? JSON.stringify(found) : formatStatus(found));
  });
}
