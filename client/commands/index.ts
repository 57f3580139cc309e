/** The operator's commands, as the command line has them; what they do is loaded when one is asked for. */
import { InvalidArgumentError, type Command } from 'commander';
import type { CommandName } from '../../contract/commands';
import type { SteeringOptions } from './steer';
import { withCommonOptions } from '../common-options';
import type { CommonOptions } from '../options';
import { runbookCommands } from './deploy';

const actions = () => import('./steer.js');

/** What programs that call it need to know. */
const afterHelp = `
Exit status: 0 it went well; 1 it could not be done, and one sentence says why and what to do (for doctor: an error was
found); 2 plan found changes; 3 a deployment that was followed did not complete. With --json what could not be done is
{"error": "…"} on standard output besides.
Environment: CUTOVER_SETTINGS, TEMPORAL_ADDRESS and its companions, NO_COLOR, CUTOVER_DEBUG (tells where an error came from).`;

export function deploymentCommands(program: Command): void {
  program.addHelpText('after', afterHelp);
  runbookCommands(program);
  withCommonOptions(program.command('history <application>'))
    .description('tells the releases: image, when, by whom, why, how, and how it ended')
    .action(async (application: string, options: CommonOptions) => {
      await (await import('./history.js')).history(application, options);
    });
  for (const [name, what] of Object.entries(steering)) steeringCommand(program, name as CommandName, what);
  withCommonOptions(program.command('status <application>'))
    .description('tells what is live, what happens, and what is wanted of you')
    .option('--watch', 'go on until Ctrl-C, with a live tree from rules to tasks')
    .action(async (application: string, options: CommonOptions & { readonly watch?: boolean }) => {
      await (await actions()).status(application, options);
    });
  questionCommands(program);
  setUpCommands(program);
}

function questionCommands(program: Command): void {
  withCommonOptions(program.command('list'))
    .description('lists the applications of a zone: what is live, what is deployed, what is wanted')
    .action(async (options: CommonOptions) => {
      await (await import('./list.js')).list(options);
    });
  withCommonOptions(program.command('logs <application>'))
    .description('prints the last lines of an application’s tasks')
    .option('--lines <number>', 'of each task', parseLines, 20)
    .action(async (application: string, options: CommonOptions & { readonly lines: number }) => {
      await (await import('./logs.js')).logs(application, options);
    });
}

function setUpCommands(program: Command): void {
  withCommonOptions(program.command('doctor'))
    .description('looks at everything that deployments depend on, and says what to do')
    .action(async (options: CommonOptions) => {
      await (await import('../doctor/diagnosis.js')).doctor(options);
    });
  program
    .command('init')
    .description('writes a commented cutover.yaml')
    .option('--out <file>', 'where to', 'cutover.yaml')
    .action(async ({ out }: { readonly out: string }) => {
      (await import('../text/settings-template.js')).init({ out });
      const next = `cutover doctor --settings ${out}`;
      process.stdout.write(`Wrote ${out}. Put in what is yours, then "${next}" says whether all is well.\n`);
    });
  program
    .command('completion <shell>')
    .description('prints a completion script for bash, zsh or fish')
    .action(async (shell: string) => {
      process.stdout.write((await import('../text/completion.js')).completionScript(shell, program));
    });
}

function parseLines(text: string): number {
  const lines = Number(text);
  if (Number.isInteger(lines) && lines >= 1 && lines <= 500) return lines;
  throw new InvalidArgumentError('Expected a number from 1 to 500.');
}

const steering: Readonly<Record<CommandName, string>> = {
  approve: 'lets a deployment go on that waits for an approval',
  reject: 'refuses the approval that is asked for: the deployment rolls back',
  pause: 'stops the deployment before its next step',
  resume: 'goes on after a pause',
  retry: 'runs the step that holds once more',
  rollback: 'brings back what served before the deployment that runs',
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
