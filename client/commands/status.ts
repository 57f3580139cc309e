/** `cutover status`: what is live, what happens, and what is wanted; with `--watch` again and again. */
import type { Command } from 'commander';
import { print, tell } from '../../terminal/print';
import type { Deployments } from '../deployments';
import { Unanswered } from '../errors';
import { applicationCommand, type CommonOptions } from '../options';
import { withSession } from '../session';
import { parseTarget, type Target } from '../target';

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
    const asked = await deployments
      .status(target)
      .catch((error: unknown) => tellKnown(error, deployments, target, options));
    if (asked === undefined) return;
    const open = (await deployments.glasses(target.zone, target.application)).map(formatGlass);
    const found = { ...asked, ...(open.length > 0 && { uncountersigned: open }) };
    print(options.json ? JSON.stringify(found) : formatStatus(found));
  });
}

/** While no worker answers, Temporal itself says some of it. @returns `undefined` once that is told; it is a failure all the same */
async function tellKnown(
  error: unknown,
  deployments: Deployments,
  target: Target,
  { json }: StatusOptions,
): Promise<undefined> {
  const known = error instanceof Unanswered ? await deployments.known(target) : undefined;
  if (known === undefined) throw error;
  const { message } = error as Unanswered;
  const { formatKnown } = await import('../text/known.js');
  print(json ? JSON.stringify({ error: message, known }) : formatKnown(known));
  tell(`cutover: ${message}`);
  process.exitCode = 1;
}
