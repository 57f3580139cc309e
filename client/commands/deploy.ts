/** `cutover deploy`: brings an image of an application into service, and follows that to its end. */
import type { Command } from 'commander';
import type { DeploymentRequestInput } from '../../contract/runbook-requests';
import type { Settings } from '../../settings/schema';
import { applicationCommand, type CommonOptions } from '../options';
import {
  withFollowFlags,
  withImageFlags,
  withRunbookFlags,
  type FollowOptions,
  type ImageOptions,
  type RunbookFlags,
} from '../runbook-flags';
import { deploymentInputOf, strategyOf } from '../runbook-input';
import { withSession } from '../session';
import { knownTarget, type Target } from '../target';

interface DeployOptions extends CommonOptions, FollowOptions, RunbookFlags, ImageOptions {
  /** The name that it serves under until now. */
  readonly renamedFrom?: string;
}

export function deployCommand(program: Command): void {
  const command = withImageFlags(applicationCommand(program, 'deploy'), { required: true });
  withFollowFlags(withRunbookFlags(command, ['removeAfter', 'removal']))
    .option('--renamed-from <name>', 'the name that it serves under until now, where it got another one')
    .description('deploys an image of an application')
    .action(deploy);
}

async function deploy(application: string, options: DeployOptions): Promise<void> {
  const { startAndFollow } = await import('../start.js');
  await withSession(options, async ({ deployments, settings }) => {
    const target = knownTarget(application, options, settings);
    const { lock, renaming } = planRenaming(target, options, settings);
    const runbook = strategyOf(target, options, settings);
    const input = { ...deploymentInputOf(options), ...renaming };
    await startAndFollow({ deployments, target: lock, runbook, input, options });
  });
}

/** Until its next deployment is done, an application that gets a new name is locked by the one that it serves under. */
function planRenaming(
  target: Target,
  { renamedFrom }: DeployOptions,
  { applications }: Settings,
): { readonly lock: Target; readonly renaming: Pick<DeploymentRequestInput, 'application'> } {
  const { application: name, zone } = target;
  const key = applications[name]?.key;
  if (renamedFrom === undefined || key === undefined) return { lock: target, renaming: {} };
  return { lock: { zone, application: renamedFrom }, renaming: { application: { name, key } } };
}
