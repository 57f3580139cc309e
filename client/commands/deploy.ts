/** The commands that start a runbook, and the one that only plans it, as the command line has them. */
import type { Command } from 'commander';
import { withCommonOptions } from '../common-options';
import type { PlanOptions } from './plan';
import { withRunbookFlags, type FlagName } from '../runbook-flags';
import type { DeployOptions, RunbookCommandOptions } from '../start';

const start = () => import('../start.js');

/** What means nothing for a removal: nothing is started there, and traffic moves at once. */
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

export function runbookCommands(program: Command): void {
  following(withRunbookFlags(imageOptions(command(program, 'deploy'), true), ['removeAfter']))
    .option('--renamed-from <name>', 'the name that it serves under until now, where it got another one')
    .description('deploys an image of an application')
    .action(async (application: string, options: DeployOptions) => {
      await (await start()).deploy(application, options);
    });
  following(withRunbookFlags(command(program, 'undo'), ['removeAfter']))
    .description(
      'brings back the release before, image and configuration; asks for no approval unless --approval says so',
    )
    .action(async (application: string, options: RunbookCommandOptions) => {
      await (await start()).startWithoutImage('undo', application, options);
    });
  following(withRunbookFlags(command(program, 'update-configuration'), ['removeAfter']))
    .description('rolls the application’s App.config out, with the image that serves')
    .action(async (application: string, options: RunbookCommandOptions) => {
      await (await start()).startWithoutImage('updateConfiguration', application, options);
    });
  following(withRunbookFlags(command(program, 'remove'), deployingOnly))
    .description(
      'gives an application back to the Platform Server, or takes it down where it is gone there; asks for no approval unless --approval says so',
    )
    .action(async (application: string, options: RunbookCommandOptions) => {
      await (await start()).remove(application, options);
    });
  planCommand(program);
}

function planCommand(program: Command): void {
  withRunbookFlags(imageOptions(command(program, 'plan'), false))
    .option('--undo', 'what "cutover undo" would do')
    .option('--update-configuration', 'what "cutover update-configuration" would do')
    .option('--remove', 'what "cutover remove" would do')
    .description('shows what a deployment would do, and touches nothing; ends with status 2 when there are changes')
    .action(async (application: string, options: PlanOptions) => {
      await (await import('./plan.js')).plan(application, options);
    });
}

const command = (program: Command, name: string) => withCommonOptions(program.command(`${name} <application>`));

function imageOptions(deploying: Command, required: boolean): Command {
  const [flag, says] = ['--image <reference>', 'the image, e.g. orders:1.4.2'];
  return (required ? deploying.requiredOption(flag, says) : deploying.option(flag, says)).option(
    '--modules <names>',
    'comma-separated; default: what the image says',
  );
}

const following = (starting: Command) =>
  starting.option('--wait', 'follow it until it ends (the default in a terminal)').option('--detach', 'only start it');
