/** `local-aws`: the local AWS in the foreground until Ctrl-C or SIGTERM, and the images that its tasks run. */
import { once } from 'node:events';
import { Command, InvalidArgumentError, Option } from 'commander';
import type { AccessKey } from '../iam/keys';
import { buildImage, folderSource } from '../images/build';
import { conditionOptions } from './condition-options';
import { startLocalAws, type LocalAwsOptions } from './local-aws';
import { localAwsFolders, type LocalAwsReport } from './report';

const defaultFolder = '.local-aws';

/**
 * Runs the command line. A failure is one sentence on standard error, and exit status 1.
 * @param words as `process.argv` has them
 */
export async function main(words: readonly string[]): Promise<void> {
  try {
    await commandLine().parseAsync([...words]);
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
    process.exitCode = 1;
  }
}

function commandLine(): Command {
  const program = conditionOptions(new Command('local-aws'))
    .description('Runs an ECS whose tasks are processes, a load balancer that routes, and more of AWS on this machine.')
    .enablePositionalOptions()
    .option('--dir <folder>', 'where everything is kept', defaultFolder)
    .addOption(
      new Option('--ports <which>', 'fixed ones, or free ones').choices(['default', 'auto']).default('default'),
    )
    .option('--time-scale <number>', "divides all of AWS's own times", parseNumber, 1)
    .option('--region <name>', 'the region that it plays', 'us-east-1')
    .option('--credentials <id:secret>', 'the only access key that it accepts; a random one without', parseCredentials)
    .option('--json', 'say where everything is as one line of JSON')
    .allowExcessArguments(false)
    .action(async ({ dir, json, ...options }: RunOptions) => await run({ folder: dir, ...options }, json === true));
  const image = program.command('image').description('The images that tasks run.');
  image
    .command('build')
    .description('Makes an image of a folder with a Dockerfile.')
    .argument('<folder>', 'what is in it')
    .requiredOption('--tag <reference>', 'what to call it, REPOSITORY:TAG')
    .option('--dir <folder>', "the local AWS's folder", defaultFolder)
    .action(async (folder: string, { tag, dir }: { readonly tag: string; readonly dir: string }) => {
      const built = await buildImage(localAwsFolders(dir).images, folderSource(folder), tag);
      say(`${built.repository}:${built.tag} is ${built.digest}`);
    });
  return program;
}

interface RunOptions extends Omit<LocalAwsOptions, 'folder'> {
  readonly dir: string;
  readonly json?: true;
}

/** Returns when everything has ended. */
async function run(options: LocalAwsOptions, json: boolean): Promise<void> {
  // The reader of the output may go away; what was started must still be ended in order.
  process.stdout.on('error', () => undefined);
  const stop = new AbortController();
  const stopped = Promise.race(['SIGINT', 'SIGTERM', 'SIGHUP'].map(async (name) => await once(process, name)));
  void stopped.then(() => stop.abort(new Error('Stopped before everything was started.')));
  const running = await startLocalAws(options, stop.signal).catch((error: unknown) => {
    throw stop.signal.aborted ? stop.signal.reason : error;
  });
  if (json) say(JSON.stringify(running.report()));
  else explain(running.report());
  await stopped;
  await running.close();
}

function explain({ endpoint, region, accessKeyId, secretAccessKey, control, images, seed }: LocalAwsReport): void {
  const lines = [
    ['AWS endpoint', `${endpoint} (region ${region}, key ${accessKeyId}, secret ${secretAccessKey})`],
    ['Control port', control],
    ['Images', images],
    ['Seed', `${seed} (--seed ${seed} repeats the chance of this run)`],
  ] as const;
  for (const [name, value] of lines) say(`${name.padEnd(14)} ${value}`);
  say('Ready. Ctrl-C ends it and its tasks; what was made is there again at the next start.');
}

function parseCredentials(text: string): AccessKey {
  const [, accessKeyId, secretAccessKey] = /^(\w{1,128}):(\S+)$/.exec(text) ?? [];
  if (accessKeyId === undefined || secretAccessKey === undefined)
    throw new InvalidArgumentError('Expected an access key ID and its secret, ID:SECRET.');
  return { accessKeyId, secretAccessKey };
}

function parseNumber(text: string): number {
  const number = Number(text);
  if (text.trim() === '' || !Number.isFinite(number)) throw new InvalidArgumentError('Expected a number.');
  return number;
}

function say(line: string): void {
  process.stdout.write(`${line}\n`);
}
