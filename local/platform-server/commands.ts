/** `cutover local publish` and its kin: what people do in Service Center with a zone of containers. */
import { InvalidArgumentError, type Command } from 'commander';
import { defaultStackFolder } from '../stack/folders';
import type { Operate, PlatformCommandOptions } from './command';
import type { PublishRequest } from './publishing';

export function platformCommands(local: Command): void {
  publishCommand(local);
  configureCommand(local);
  renameCommand(local);
  onApplication(local, 'remove', 'Deletes an application that is in containers: Container Remove.').action(
    async (application: string, options: CommonOptions) => {
      const { remove } = await import('./changes.js');
      await run(options, async (platform) => await remove(platform, application));
    },
  );
  onApplication(
    local,
    'move-back',
    'Serves an application from the Platform Server again, then has its containers removed: Container Remove.',
  ).action(async (application: string, options: CommonOptions) => {
    const { moveBack } = await import('./changes.js');
    await run(options, async (platform) => await moveBack(platform, application));
  });
}

interface CommonOptions {
  readonly timeout?: number;
  readonly json?: true;
  readonly dir: string;
}

interface ReleaseOptions extends CommonOptions {
  readonly version?: string;
  readonly modules?: string;
  readonly key?: string;
  readonly broken?: string;
  readonly startSeconds?: number;
}

function publishCommand(local: Command): void {
  const command = onApplication(
    local,
    'publish',
    'Publishes an application into containers as the platform does: compiles it, calls Container Build and Container Run, waits for their result files, undeploys its own copy. Exit status 0 only when the platform counts it as a success.',
  ).option('--key <guid>', "a new application's key; made of its name unless given");
  releaseOptions(command).action(async (application: string, options: ReleaseOptions) => {
    const { publish } = await import('./publishing.js');
    await run(options, async (platform) => await publish(platform, { application, ...(await releaseOf(options)) }));
  });
}

function configureCommand(local: Command): void {
  onApplication(
    local,
    'configure',
    "Changes an application's App.config (the sample shows Greeting), then calls Update Configurations.",
  )
    .argument('<settings...>', 'NAME=VALUE')
    .action(async (application: string, words: readonly string[], options: CommonOptions) => {
      const [{ configure }, { parseConfiguration }] = [
        await import('./changes.js'),
        await import('./configurations.js'),
      ];
      const settings = parseConfiguration(words);
      await run(options, async (platform) => await configure(platform, application, settings));
    });
}

function renameCommand(local: Command): void {
  const command = onApplication(
    local,
    'rename',
    'Gives an application another name: publishes it under that one with the same key, then Container Remove for the old.',
  ).argument('<new-name>', 'what it is called from now on');
  releaseOptions(command).action(async (application: string, newName: string, options: ReleaseOptions) => {
    const { rename } = await import('./changes.js');
    await run(options, async (platform) => await rename(platform, application, newName, await releaseOf(options)));
  });
}

function onApplication(local: Command, name: string, description: string): Command {
  return local
    .command(name)
    .description(description)
    .argument('<application>', 'what it is called')
    .option(
      '--timeout <seconds>',
      "the External Deployment Tool Timeout (default: the zone's platformTimeout)",
      parseSeconds,
    )
    .option('--json', 'end with the report as one line of JSON')
    .option('--dir <folder>', "the stack's folder", defaultStackFolder);
}

function releaseOptions(command: Command): Command {
  return command
    .option('--version <version>', 'what it says its version is (default: the next one)')
    .option('--modules <names>', 'its modules, separated by commas (default: those it has)')
    .option('--start-seconds <seconds>', 'how long each container takes until it listens', parseSeconds)
    .option('--broken <how>', 'never-healthy, crash, module:NAME, or errors:PERCENT');
}

async function releaseOf(options: ReleaseOptions): Promise<Omit<PublishRequest, 'application'>> {
  const { parseModules } = await import('../sample/bundle.js');
  const { version, modules, key, broken, startSeconds } = options;
  return {
    ...(version !== undefined && { version }),
    ...(modules !== undefined && { modules: parseModules(modules) }),
    ...(key !== undefined && { key }),
    ...(broken !== undefined && { broken }),
    ...(startSeconds !== undefined && { startSeconds }),
  };
}

async function run({ timeout, dir, json }: CommonOptions, operate: Operate): Promise<void> {
  const { runPlatformCommand } = await import('./command.js');
  const options: PlatformCommandOptions = {
    dir,
    ...(json && { json }),
    ...(timeout !== undefined && { timeoutMs: timeout * 1000 }),
  };
  await runPlatformCommand(options, operate);
}

function parseSeconds(text: string): number {
  const seconds = Number(text);
  if (text.trim() !== '' && seconds >= 0 && seconds <= 86_400) return seconds;
  throw new InvalidArgumentError('Expected a number of seconds, up to 86400.');
}
