/**
 * The commands that steer a deployment which runs: `cutover reject`, `pause`, `resume`, `retry`, `rollback` and
 * `promote`. They are one mechanism: each sends the command of its name (contract/commands.ts).
 */
import type { Command } from 'commander';
import type { CommandName } from '../../contract/commands';
import type { DeploymentStatus } from '../../contract/status';
import { print } from '../../terminal/print';
import { applicationCommand, ofRun, userOf, type CommonOptions } from '../options';
import { withSession } from '../session';
import { parseTarget } from '../target';
import type { FindReturn, WithoutTemporalOptions } from '../without-temporal';

interface SteeringOptions extends WithoutTemporalOptions, CommonOptions {
  readonly by?: string;
  readonly reason?: string;
  readonly run?: string;
  readonly withoutTemporal?: boolean;
}

const descriptions: Readonly<Record<Exclude<CommandName, 'approve'>, string>> = {
  reject: 'refuses the approval that is asked for: the deployment rolls back',
  pause: 'stops the deployment before its next step',
  resume: 'goes on after a pause',
  retry: 'runs the step that holds once more',
  rollback: 'brings back what served before the deployment that runs',
  promote: 'skips what remains of traffic steps and bake',
};

/** @param findReturn finds the way back on AWS alone */
export function steeringCommands(program: Command, findReturn: FindReturn): void {
  for (const [name, description] of Object.entries(descriptions) as [CommandName, string][]) {
    const command = ofRun(applicationCommand(program, name))
      .description(description)
      .option('--by <name>', 'who says so (default: user@host)')
      .option('--reason <text>', 'why, for the history');
    if (name === 'rollback')
      command
        .option('--without-temporal', 'when Temporal can’t be reached: by your own AWS credentials, from what AWS says')
        .option('--yes', 'with --without-temporal: do not ask');
    command.action(async (application: string, options: SteeringOptions) => {
      if (options.withoutTemporal !== true) return await steer(name, application, options);
      const { rollBackWithoutTemporal } = await import('../without-temporal.js');
      await rollBackWithoutTemporal(application, options, findReturn);
    });
  }
}

async function steer(name: CommandName, application: string, options: SteeringOptions): Promise<void> {
  await withSession(options, async ({ deployments, settings }) => {
    const { reason } = options;
    const target = parseTarget(application, options, settings);
    const input = {
      by: userOf(options),
      ...(reason !== undefined && { reason }),
    };
    const run = await deployments.command(target, name, input, options.run);
    const status = await deployments.statusOf(run);
    print(options.json ? JSON.stringify(status) : `${name} accepted; the deployment is in ${formatPhase(status)}.`);
  });
}

const formatPhase = ({ phase, heldIn }: DeploymentStatus) => (heldIn === null ? String(phase) : `hold (${heldIn})`);
