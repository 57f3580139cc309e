/**
 * The processes that stand in for containers. Each is started under a small shell that writes down its pid and, at the end,
 * its exit code: so it goes on when this process is killed, and is found again.
 *
 * The folder of a container has `wrapper` and `main` (pids), `exit` (the exit code) and `log` (the output).
 * - The shell makes `wrapper` as a link, which only one process can: a container is never started twice.
 * - When the container's own process ends, what it left behind in its process group is killed, as in a container.
 */
import { execFileSync, spawn } from 'node:child_process';
import { existsSync, mkdirSync, openSync, closeSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

/** A process on this machine. A pid can be used again, so it counts only together with the start time of its process. */
export interface ProcessIdentity {
  readonly pid: number;
  /** Opaque; equal for the same process, different for another one with the same pid. */
  readonly started: string;
}

export interface ContainerProcess {
  /** The container's own folder. */
  readonly folder: string;
  /** The command in exec form; never empty. */
  readonly command: readonly string[];
  readonly workingDirectory: string;
  readonly environment: Readonly<Record<string, string>>;
}

/** A trap, unlike an ignored signal, isn't inherited: SIGTERM ends the container by default, and the shell outlives it. */
const script = `
folder=$1; shift
trap : TERM INT HUP
echo $$ > "$folder/wrapper.$$"
ln "$folder/wrapper.$$" "$folder/wrapper" 2>/dev/null || exit 0
rm "$folder/wrapper.$$"
sh -c 'echo $$ > "$0/main.new"; mv "$0/main.new" "$0/main"; exec "$@"' "$folder" "$@"
echo $? > "$folder/exit.new"; mv "$folder/exit.new" "$folder/exit"
kill -9 0
`;

/**
 * Starts a container's process, or finds the one that was started before. It may be called again. `onExit` is called soon
 * after the process ended.
 * @throws {Error} when the process doesn't start within 10 s
 */
export async function startProcess(
  container: ContainerProcess,
  onExit: () => void,
): Promise<{ wrapper?: ProcessIdentity; main?: ProcessIdentity }> {
  const { folder } = container;
  mkdirSync(folder, { recursive: true });
  if (!existsSync(join(folder, 'wrapper'))) spawnWrapper(container, onExit);
  const started = ['main', 'exit'].map((name) => join(folder, name));
  for (let waited = 0; !started.some(existsSync) && waited < 10_000; waited += 5) await sleep(5);
  if (!started.some(existsSync)) throw new Error(`The process of ${folder} doesn't start.`);
  const [wrapper, main] = ['wrapper', 'main'].map((name) => identifyFrom(join(folder, name)));
  return { ...(wrapper === undefined ? {} : { wrapper }), ...(main === undefined ? {} : { main }) };
}

function spawnWrapper({ folder, command, workingDirectory, environment }: ContainerProcess, onExit: () => void): void {
  const log = openSync(join(folder, 'log'), 'a');
  const wrapper = spawn('/bin/sh', ['-c', script, 'local-aws-task', folder, ...command], {
    cwd: workingDirectory,
    env: { ...environment },
    detached: true,
    stdio: ['ignore', log, log],
  });
  closeSync(log);
  wrapper.on('exit', onExit);
  wrapper.on('error', onExit);
  wrapper.unref();
}

/** The exit code that a container's process ended with, or undefined while it runs. */
export function exitCodeOf(folder: string, wrapper: ProcessIdentity | undefined): number | undefined {
  if (wrapper !== undefined && isAlive(wrapper)) return undefined;
  // The shell writes the code before it ends. Without one, it was killed together with its shell.
  return Number(readIfThere(join(folder, 'exit')) ?? 137);
}

/** Sends a signal to a process if it is still the same one, and returns whether it was. */
export function signalProcess(process_: ProcessIdentity | undefined, signal: NodeJS.Signals): boolean {
  return process_ !== undefined && isAlive(process_) && send(process_.pid, signal);
}

/** Kills all processes of a container. */
export function killContainer(wrapper: ProcessIdentity | undefined, main: ProcessIdentity | undefined): void {
  // The shell leads the container's process group.
  if (wrapper !== undefined && isAlive(wrapper)) send(-wrapper.pid, 'SIGKILL');
  signalProcess(main, 'SIGKILL');
}

export function isAlive(process_: ProcessIdentity): boolean {
  return startOf(process_.pid) === process_.started;
}

/** The process whose pid is in a file. Only reliable soon after the file was written, or if its command is checked. */
export function identifyFrom(file: string): ProcessIdentity | undefined {
  const pid = Number(readIfThere(file));
  if (!Number.isInteger(pid) || pid <= 1) return undefined;
  const started = startOf(pid);
  return started === undefined ? undefined : { pid, started };
}

/** The start time of a pid's process; undefined when there is none, or only a zombie. */
function startOf(pid: number): string | undefined {
  if (process.platform === 'linux') {
    // These are the fields after the command's name, which may hold anything: the 1st is the state, the 20th the start time.
    const fields = readIfThere(`/proc/${pid}/stat`)
      ?.replace(/^.*\) /s, '')
      .split(' ');
    return fields === undefined || fields[0] === 'Z' ? undefined : fields[19];
  }
  try {
    return (
      execFileSync('ps', ['-o', 'lstart=', '-p', `${pid}`], { encoding: 'utf8', stdio: 'pipe' }).trim() || undefined
    );
  } catch {
    return undefined;
  }
}

/** The command line of a process, its arguments separated by spaces. */
export function commandOf(pid: number): string {
  if (process.platform === 'linux') return (readIfThere(`/proc/${pid}/cmdline`) ?? '').replaceAll('\0', ' ');
  try {
    return execFileSync('ps', ['-o', 'command=', '-p', `${pid}`], { encoding: 'utf8', stdio: 'pipe' });
  } catch {
    return '';
  }
}

function send(pid: number, signal: NodeJS.Signals): boolean {
  try {
    return process.kill(pid, signal);
  } catch {
    return false;
  }
}

function readIfThere(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8').trim();
  } catch {
    return undefined;
  }
}
