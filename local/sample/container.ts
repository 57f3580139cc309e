/**
 * What runs in a sample application's container: `node scripts/container.js`, in the folder that holds `modules/`. It is
 * part of the sample bundles: nothing but Node's own modules and its neighbours may be imported here.
 */
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { createServer } from 'node:http';
import { join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { readConfiguration } from './configuration';
import { answer, closeGracefully, type Breakage, type ServedApplication } from './modules';
import { serveSockets } from './sockets';

/** The bundle's description of itself, in `scripts/application.json`. */
export interface SampleApplication {
  readonly application: string;
  readonly version: string;
  /** How long it takes until it listens. */
  readonly startSeconds: number;
  readonly broken?: Breakage;
}

/** Longer than the load balancer keeps an idle connection, which could otherwise use one that is just being closed. */
const keepAliveTimeoutMs = 75_000;

async function run(folder: string): Promise<void> {
  const sample = JSON.parse(readFileSync(join(folder, 'scripts', 'application.json'), 'utf8')) as SampleApplication;
  process.once('SIGTERM', () => process.exit(0));
  await sleep(sample.startSeconds * 1000);
  if (sample.broken?.kind === 'crash') return crash(sample);
  const served = describeServed(folder, sample);
  const modules = new Set(served.modules.map((module) => module.toLowerCase()));
  const find = (module: string) => (modules.has(module) ? served : undefined);
  const server = createServer({ keepAliveTimeout: keepAliveTimeoutMs }, (request, response) =>
    answer(find, request, response),
  );
  serveSockets(server, find);
  const [port, host] = [Number(process.env['PORT'] ?? 8080), process.env['CUTOVER_ADDRESS'] ?? '0.0.0.0'];
  server.listen(port, host, () => say(`${sample.application} ${sample.version} listens on ${host}:${port}`));
  process.removeAllListeners('SIGTERM').once('SIGTERM', () => {
    say('SIGTERM: finishing the requests in flight');
    void closeGracefully(server).then(() => process.exit(0));
  });
}

function describeServed(folder: string, sample: SampleApplication): ServedApplication {
  const { application, version, broken } = sample;
  const modulesFolder = join(folder, 'modules');
  return {
    application,
    version,
    ...(broken === undefined ? {} : { broken }),
    modules: readdirSync(modulesFolder),
    task: process.env['CUTOVER_TASK'] ?? '',
    servedBy: 'container',
    configuration: readConfiguration(process.env['CUTOVER_MOUNT_CONFIGS'] ?? '/configs', 'Greeting'),
    readStatic: (module, file) => readStatic(join(modulesFolder, module, file)),
  };
}

function readStatic(file: string): Buffer | undefined {
  return existsSync(file) && statSync(file).isFile() ? readFileSync(file) : undefined;
}

function crash({ application, version }: SampleApplication): void {
  process.stderr.write(`${application} ${version} can't start: the connection to its database was refused\n`);
  process.exitCode = 1;
}

function say(line: string): void {
  process.stdout.write(`${line}\n`);
}

if (require.main === module) void run(resolve(__dirname, '..'));
