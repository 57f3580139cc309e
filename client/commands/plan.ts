/** `cutover plan`: what a deployment would do, as a diff. Nothing is touched. */
import type { Command } from 'commander';
import type { Settings } from '../../settings/schema';
import { Refused } from '../errors';
import { print } from '../../terminal/print';
import { applicationCommand, exitStatuses, userOf, type CommonOptions } from '../options';
import type { Question } from '../questions';
import { withImageFlags, withRunbookFlags, type ImageOptions, type RunbookFlags } from '../runbook-flags';
import { deploymentInputOf, inputOf, strategyOf } from '../runbook-input';
import { withApplication } from '../session';
import type { Target } from '../target';

interface PlanOptions extends CommonOptions, RunbookFlags, Partial<ImageOptions> {
  readonly undo?: boolean;
  readonly updateConfiguration?: boolean;
  readonly remove?: boolean;
}

export function planCommand(program: Command): void {
  withRunbookFlags(withImageFlags(applicationCommand(program, 'plan'), { required: false }))
    .option('--undo', 'what "cutover undo" would do')
    .option('--update-configuration', 'what "cutover update-configuration" would do')
    .option('--remove', 'what "cutover remove" would do')
    .description('shows what a deployment would do, and touches nothing; ends with status 2 when there are changes')
    .action(plan);
}

/** Ends with status 2 when the deployment would change something, as programs want to know. */
async function plan(application: string, options: PlanOptions): Promise<void> {
  const { formatPreview } = await import('../text/preview.js');
  await withApplication(application, options, async ({ deployments, settings, target }) => {
    const preview = await deployments.ask(questionOf(target, options, settings));
    print(options.json ? JSON.stringify(preview) : formatPreview(preview));
    if (!preview.upToDate) process.exitCode = exitStatuses.planHasChanges;
  });
}

/** @throws {Refused} unless exactly one thing is asked for */
function questionOf(target: Target, options: PlanOptions, settings: Settings): Question<'plan' | 'planRunbook'> {
  const { image, undo, updateConfiguration, remove } = options;
  const wanted = [image, undo, updateConfiguration, remove].filter((one) => one !== undefined);
  if (wanted.length !== 1)
    throw new Refused('Say what to plan: --image REFERENCE, --undo, --update-configuration or --remove, one of them.');
  const strategy = strategyOf(target, options, settings);
  if (image !== undefined)
    return { kind: 'plan', ...target, deployment: { ...deploymentInputOf({ ...options, image }), strategy } };
  const input = { by: userOf(options), ...inputOf(options), ...(!remove && { strategy }) };
  const runbook = undo ? 'undo' : updateConfiguration ? 'updateConfiguration' : 'removeApplication';
  return { kind: 'planRunbook', ...target, runbook, input };
}
