/**
 * How long it takes to start what people and supervisors start: Node.js alone, the command line, a question to a deployment, a worker
 * until it takes work, and a whole local stack. `node lib/bench/starts.js [--times N]`; prints a JSON line for each.
 */
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { awsEnvironment, temporalEnvironment } from '../local/stack/environment';
import { startStack } from '../local/stack/stack';
import type { StackReport } from '../local/stack/report';
import { at, reported } from './figures';
import { application, withOneApplication } from './one-application';

const program = join(__dirname, '..', '..', 'bin', 'cutover.js');

async function main(): Promise<void> {
  const { values } = parseArgs({ options: { times: { type: 'string', default: '5' } } });
  const times = Number(values.times);
  await tell('Node.js alone', times, () => run(['-e', '0']));
  await tell('cutover --version', times, () => run([program, '--version']));
  await withOneApplication({ timeScale: 10 }, async ({ stack }) => {
    const report = stack.report();
    const environment = { ...process.env, ...awsEnvironment(report), ...temporalEnvironment(report) };
    const status = [program, 'status', application, '--settings', report.settings];
    await tell('cutover status', times, () => run(status, environment));
    await tell('a worker, until it takes work', times, async () => await startWorker(report, environment));
  });
  await tell('a local stack', times, async () => {
    const folder = await mkdtemp(join(tmpdir(), 'bench-start-'));
    const stack = await startStack({ folder, ports: 'auto' });
    return async () => {
      await stack.close();
      await rm(folder, { recursive: true, force: true });
    };
  });
}

type Start = () => void | Promise<void | (() => Promise<void>)>;

/** Starts it so often, one after the other; what it gives back ends it, and isn't counted. */
async function tell(what: string, times: number, start: Start): Promise<void> {
  const took: number[] = [];
  while (took.length < times) {
    const began = performance.now();
    const end = await start();
    took.push(performance.now() - began);
    await end?.();
  }
  const figures = { what, times, medianS: inHundredths(at(took, 0.5)), mostS: inHundredths(at(took, 1)) };
  process.stdout.write(`${JSON.stringify(figures)}\n`);
}

const inHundredths = (milliseconds: number): number => Math.round(milliseconds / 10) / 100;

function run(words: readonly string[], env = process.env): void {
  const { status, stderr } = spawnSync(process.execPath, words, { env, encoding: 'utf8' });
  if (status !== 0) throw new Error(`${words.join(' ')} ended with ${status}: ${stderr}`);
}

async function startWorker({ settings }: StackReport, env: NodeJS.ProcessEnv): Promise<() => Promise<void>> {
  const words = [program, 'worker', '--settings', settings];
  const worker = spawn(process.execPath, words, { env, stdio: ['ignore', 'ignore', 'pipe'] });
  const exited = once(worker, 'exit');
  let said = '';
  await new Promise<void>((resolve, reject) => {
    worker.stderr.on('data', (text: Buffer) => {
      said += text.toString();
      if (said.includes('RUNNING')) resolve();
    });
    void exited.then(() => reject(new Error(`The worker ended before it took work: ${said}`)));
  });
  return async () => {
    worker.kill('SIGTERM');
    await exited;
  };
}

reported(main);
