/** `cutover undo`: brings back the release before. */
import type { Command } from 'commander';
import { applicationCommand, userOf, type CommonOptions } from '../options';
import { withFollowFlags, withRunbookFlags, type FollowOptions, type RunbookFlags } from '../runbook-flags';
import { inputOf, strategyOf } from '../runbook-input';
import { withApplication } from '../session';

type UndoOptions = CommonOptions & FollowOptions & RunbookFlags;

export function undoCommand(program: Command): void {
  withFollowFlags(withRunbookFlags(applicationCommand(program, 'undo'), ['removeAfter', 'removal']))
    .description(
      'brings back the release before, image and configuration; asks for no approval unless --approval says so',
    )
    .action(undo);
}

async function undo(application: string, options: UndoOptions): Promise<void> {
  const { startAndFollow } = await import('../start.js');
  await withApplication(application, options, async ({ deployments, settings, target }) => {
    const strategy = strategyOf(target, options, settings);
    const input = { by: userOf(options), strategy, ...inputOf(options) };
    await startAndFollow({ deployments, target, runbook: 'undo', input, options });
  });
}
