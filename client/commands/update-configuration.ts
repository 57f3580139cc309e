/** `cutover update-configuration`: rolls out an application's App.config as it is now. */
import type { Command } from 'commander';
import { applicationCommand, userOf, type CommonOptions } from '../options';
import { withFollowFlags, withRunbookFlags, type FollowOptions, type RunbookFlags } from '../runbook-flags';
import { inputOf, strategyOf } from '../runbook-input';
import { withApplication } from '../session';

type UpdateConfigurationOptions = CommonOptions & FollowOptions & RunbookFlags;

export function updateConfigurationCommand(program: Command): void {
  withFollowFlags(withRunbookFlags(applicationCommand(program, 'update-configuration'), ['removeAfter', 'removal']))
    .description('rolls the application’s App.config out, with the image that serves')
    .action(updateConfiguration);
}

async function updateConfiguration(application: string, options: UpdateConfigurationOptions): Promise<void> {
  const { startAndFollow } = await import('../start.js');
  await withApplication(application, options, async ({ deployments, settings, target }) => {
    const strategy = strategyOf(target, options, settings);
    const input = { by: userOf(options), strategy, ...inputOf(options) };
    await startAndFollow({ deployments, target, runbook: 'updateConfiguration', input, options });
  });
}
