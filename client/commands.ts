/** The operator's commands, as the command line has them; what they do is loaded when one is asked for. */
import type { Command } from 'commander';
import type { CommandName } from '../workflows/messages';
import type { DeployOptions, SteeringOptions } from './actions';
import type { CommonOptions } from './options';

const actions = () => import('./actions.js');

export function deploymentCommands(program: Command): void {
  deployCommand(program);
  for (const [name, what] of Object.entries(steering)) steeringCommand(program, name as CommandName, what);
  withCommonOptions(program.command('status <application>'))
    .description('tells what is live, what happens, and what is wanted of you')
    .action(async (application: string, options: CommonOptions) => {
      await (await actions()).status(application, options);
    });
  program
    .command('worker')
    .description('runs workflows and activities until it is told to stop')
    .option('--settings <file>', settingsHelp)
    .action(async (options: CommonOptions) => {
      await (await actions()).worker(options);
    });
}

const settingsHelp = 'the settings file (default: $CUTOVER_SETTINGS, cutover.yaml, .cutover/cutover.yaml)';

function withCommonOptions(command: Command): Command {
  return command
    .option('--settings <file>', settingsHelp)
    .option('--zone <zone>', 'the zone (default: the only one, or the settings’ defaultZone)')
    .option('--json', 'print one line of JSON');
}

function deployCommand(program: Command): void {
  withCommonOptions(program.command('deploy <application>'))
    .description('deploys an image of an application')
    .requiredOption('--image <reference>', 'the image, e.g. orders:1.4.2')
    .option('--strategy <strategy>', 'blue-green or rolling-update (default: what the settings say, else blue-green)')
    .option('--modules <names>', 'comma-separated; default: what the image says')
    .option('--approval <when>', 'beforeStart, afterVerify or none')
    .option('--bake <duration>', 'how long blue stays beside green after the cut, e.g. 10m')
    .option('--on-failure <what>', 'hold or rollback')
    .option('--by <name>', 'who deploys (default: user@host)')
    .option('--reason <text>', 'why, for the history')
    .option('--wait', 'follow it until it ends (the default in a terminal)')
    .option('--detach', 'only start it')
    .action(async (application: string, options: DeployOptions) => {
      await (await actions()).deploy(application, options);
    });
}

const steering: Readonly<Record<CommandName, string>> = {
  approve: 'lets live traffic move to green',
  reject: 'refuses the approval that is asked for: the deployment rolls back',
  pause: 'stops the deployment before its next step',
  resume: 'goes on after a pause',
  retry: 'runs the step that holds once more',
  rollback: 'gives all traffic back to blue and takes green down',
  promote: 'skips what remains of traffic steps and bake',
};

function steeringCommand(program: Command, name: CommandName, what: string): void {
  const command = withCommonOptions(program.command(`${name} <application>`))
    .description(what)
    .option('--by <name>', 'who says so (default: user@host)')
    .option('--reason <text>', 'why, for the history');
  if (name === 'approve') command.option('--image <reference>', 'only if this image is the one that waits');
  command.action(async (application: string, options: SteeringOptions) => {
    await (await actions()).steer(name, application, options);
  });
}
