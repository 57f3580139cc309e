/** A worker beside the stack's own, started as an operator would. */
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import type { StackReport } from '../../../local/stack/report';
import { awsEnvironment, temporalEnvironment } from '../../../local/stack/environment';

/** The folder of the program that this repository is. */
export const thisProgram = join(__dirname, '..', '..', '..');

interface WorkerOptions {
  /** The folder of the program; default this repository's. */
  readonly program?: string;
  /** Further words, such as `--zones`. */
  readonly words?: readonly string[];
  /** Besides that of the stack. */
  readonly environment?: NodeJS.ProcessEnv;
}

export const environmentOn = (report: StackReport): NodeJS.ProcessEnv => ({
  ...process.env,
  ...temporalEnvironment(report),
  ...awsEnvironment(report),
  AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: 'true',
});

/** Resolves when it takes work. */
export async function startWorker(
  report: StackReport,
  { program = thisProgram, words = [], environment = {} }: WorkerOptions = {},
): Promise<ChildProcess> {
  const all = [join(program, 'bin', 'cutover.js'), 'worker', '--settings', report.settings, ...words];
  const child = spawn(process.execPath, all, {
    env: { ...environmentOn(report), ...environment },
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let said = '';
  await new Promise<void>((resolve, reject) => {
    child.stderr.on('data', (text: Buffer) => {
      said += text.toString();
      if (said.includes('RUNNING')) resolve();
    });
    child.once('exit', (...how) =>
      reject(new Error(`A worker ended (${how.join(' ')}) before it took work: ${said.slice(-2_000)}`)),
    );
  });
  return child;
}

/** @returns how it ended; `undefined` where it had ended before */
export async function ended(child: ChildProcess | undefined, signal: 'SIGTERM' | 'SIGKILL'): Promise<unknown> {
  if (child === undefined || child.exitCode !== null || child.signalCode !== null) return undefined;
  const exited = once(child, 'exit');
  child.kill(signal);
  return await exited;
}
