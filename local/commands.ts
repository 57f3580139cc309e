/** `cutover local …`: everything to run on one machine. Each command loads what it needs only when it runs. */
import { InvalidArgumentError, Option, type Command } from 'commander';
import type { DemoCommandOptions } from './demo/command';
// Not all of the package: every command of cutover loads this.
import { conditionOptions } from '../packages/local-aws/src/command/condition-options';
import { defaultStackFolder } from './stack/folders';
import { tagCommand } from './lifetime/command';
import { platformCommands } from './platform-server/commands';
import type { StackOptions } from './stack/plan';
import type { ServiceOptions } from './stack/services';
import { print } from '../terminal/print';

export function localCommands(program: Command): void {
  // An option belongs to the command before it: `local bundle --version 1.4.2` isn't the program's own --version.
  const local = program
    .enablePositionalOptions()
    .command('local')
    .enablePositionalOptions()
    .description('Runs Temporal, a local AWS, a Platform Server and a worker on this machine.')
    .hook('preSubcommand', passOptionsOn);
  stackCommand(local);
  bundleCommand(local);
  buildCommand(local);
  installCommand(local);
  platformCommands(local);
  tagCommand(local);
  demoCommand(local);
  faultCommand(local);
  serviceCommand(local);
}

/** Options before a subcommand's name count for it too: `local --dir DIR install …` must not act on another stack. */
function passOptionsOn(local: Command, subcommand: Command): void {
  const known = new Set(subcommand.options.map((option) => option.attributeName()));
  for (const option of local.options) {
    const name = option.attributeName();
    if (local.getOptionValueSource(name) !== 'cli') continue;
    // A bundle is no part of a stack; every other command has a --dir.
    if (!known.has(name) && name !== 'dir')
      local.error(`error: ${option.long} is nothing that "local ${subcommand.name()}" knows: leave it out.`);
    subcommand.setOptionValueWithSource(name, local.getOptionValue(name), 'default');
  }
}

function stackCommand(local: Command): void {
  conditionOptions(local)
    .option('--dir <folder>', 'where everything is kept', defaultStackFolder)
    .addOption(
      new Option('--ports <which>', 'fixed ones, or free ones').choices(['default', 'auto']).default('default'),
    )
    .option('--time-scale <number>', "divides all of the local AWS's own times", parseNumber, 1)
    .action(async ({ dir, ...options }: StackOptions & { readonly dir: string }) => {
      const { runStackCommand } = await import('./stack/command.js');
      await runStackCommand({ folder: dir, ...options }, print);
    });
}

function demoCommand(local: Command): void {
  local
    .command('demo')
    .description('Publishes a sample application through the hooks under traffic, and shows that no request is lost.')
    .addOption(new Option('--approve <how>', 'ask (default in a terminal) or auto').choices(['ask', 'auto']))
    .option('--lifetime', 'then stage another version through LifeTime')
    .option('--json', 'end with the report as one line of JSON')
    .option('--dir <folder>', 'keep everything there; else in a temporary folder')
    .option('--time-scale <number>', "divides all of the local AWS's own times", parseNumber, 10)
    .action(async (options: DemoCommandOptions) => {
      const { runDemoCommand } = await import('./demo/command.js');
      await runDemoCommand(options);
    });
}

function faultCommand(local: Command): void {
  local
    .command('fault')
    .description('Lets the local AWS of a running stack fail on demand; "fault --help" has the kinds.')
    .helpOption(false)
    .passThroughOptions()
    .allowUnknownOption()
    .option('--dir <folder>', "the stack's folder")
    .argument('[words...]', 'a kind of fault with its options, list, or clear')
    .action(async ([kind, ...words]: readonly string[], { dir }: { readonly dir?: string }) => {
      const { runFaultCommand } = await import('./fault/command.js');
      if (kind === undefined) return await runFaultCommand([], print);
      await runFaultCommand([kind, ...(dir === undefined ? [] : ['--dir', dir]), ...words], print);
    });
}

/** The hidden command that the stack starts its own processes with. */
function serviceCommand(local: Command): void {
  local
    .command('run-service', { hidden: true })
    .argument('<name>')
    .requiredOption('--folder <folder>')
    .option('--port <port>', '', parseNumber, 0)
    .option('--control-port <port>', '', parseNumber, 0)
    .option('--time-scale <number>', '', parseNumber, 1)
    .option('--load-balancer <url>', '', '')
    .option('--images <folder>', '', '')
    .option('--conditions <json>', '', '{}')
    .action(async (name: string, options: ServiceOptions) => {
      const { runService } = await import('./stack/services.js');
      await runService(name, options);
    });
}

interface BundleOptions {
  readonly application: string;
  readonly modules: string;
  readonly version: string;
  readonly out: string;
  readonly startSeconds: number;
  readonly broken?: string;
}

function bundleCommand(local: Command): void {
  local
    .command('bundle')
    .description('Writes a sample application as a bundle: a zip of the kind that OutSystems makes.')
    .requiredOption('--application <name>', 'what the application is called')
    .requiredOption('--modules <names>', 'its modules, separated by commas')
    .requiredOption('--version <version>', 'what it says its version is')
    .requiredOption('--out <file>', 'the zip to write')
    .option('--start-seconds <seconds>', 'how long it takes until it listens', parseNumber, 0)
    .option('--broken <how>', 'never-healthy, crash, module:NAME, or errors:PERCENT')
    .action(async ({ out, broken, modules: names, ...options }: BundleOptions) => {
      const { parseBreakage, parseModules, writeBundle } = await import('./sample/bundle.js');
      const modules = parseModules(names);
      const breakage = broken === undefined ? {} : { broken: parseBreakage(broken, modules) };
      await writeBundle({ ...options, modules, ...breakage }, out);
      print(`${out} holds ${options.application} ${options.version}: ${modules.join(', ')}`);
    });
}

function buildCommand(local: Command): void {
  local
    .command('build')
    .description('Makes an image of a bundle, for what runs the tasks of the stack.')
    .argument('<bundle>', 'the zip')
    .requiredOption('--image <reference>', 'what to call it, REPOSITORY:TAG')
    .option('--dir <folder>', "the stack's folder", defaultStackFolder)
    .action(async (bundle: string, { image: reference, dir }: { readonly image: string; readonly dir: string }) => {
      const [{ buildForStack }, { stackFolders }] = [
        await import('./images/build.js'),
        await import('./stack/folders.js'),
      ];
      const image = await buildForStack(stackFolders(dir), bundle, reference);
      print(`${image.repository}:${image.tag} is ${image.digest}`);
    });
}

interface InstallOptions {
  readonly modules: string;
  readonly version?: string;
  readonly key?: string;
  readonly dir: string;
}

function installCommand(local: Command): void {
  local
    .command('install')
    .description(
      'Installs an application on the local Platform Server, or changes it, and registers it in cutover.yaml.',
    )
    .argument('<application>', 'what it is called')
    .requiredOption('--modules <names>', 'its modules, separated by commas')
    .option('--version <version>', 'what it says its version is')
    .option('--key <guid>', 'its key; made of its name unless given')
    .option('--dir <folder>', "the stack's folder", defaultStackFolder)
    .action(async (application: string, { modules: names, dir, ...options }: InstallOptions) => {
      const { installAndRegister } = await import('./platform-server/install.js');
      const { parseModules } = await import('./sample/bundle.js');
      const installed = await installAndRegister(dir, { application, modules: parseModules(names), ...options });
      print(`${application} ${installed.version} is installed: ${installed.modules.join(', ')}`);
    });
}

function parseNumber(text: string): number {
  const number = Number(text);
  if (text.trim() === '' || !Number.isFinite(number)) throw new InvalidArgumentError('Expected a number.');
  return number;
}
