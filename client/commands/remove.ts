/** `cutover remove`: gives an application back to the Platform Server, or takes it down. */
import type { Command } from 'commander';
import { applicationCommand, userOf, type CommonOptions } from '../options';
import {
  withFollowFlags,
  withRunbookFlags,
  type FlagName,
  type FollowOptions,
  type RunbookFlags,
} from '../runbook-flags';
import { inputOf } from '../runbook-input';
import { withApplication } from '../session';

type RemoveOptions = CommonOptions & FollowOptions & RunbookFlags;

/** These flags mean nothing for a removal: it starts nothing, and moves traffic at once. */
const deployingOnly: readonly FlagName[] = [
  'strategy',
  'shift',
  'whileWaiting',
  'bake',
  'keepWarm',
  'minimumHealthyPercent',
  'maximumPercent',
  'deleteAdopted',
];

export function removeCommand(program: Command): void {
  withFollowFlags(withRunbookFlags(applicationCommand(program, 'remove'), deployingOnly))
    .description(
      'gives an application back to the Platform Server, or takes it down where it is gone there; asks for an approval where nobody would serve it any more',
    )
    .action(remove);
}

async function remove(application: string, options: RemoveOptions): Promise<void> {
  const { startAndFollow } = await import('../start.js');
  await withApplication(application, options, async ({ deployments, target }) => {
    const input = { by: userOf(options), ...inputOf(options) };
    await startAndFollow({ deployments, target, runbook: 'removeApplication', input, options });
  });
}
