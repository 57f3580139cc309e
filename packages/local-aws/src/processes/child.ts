/**
 * One supervised child process: started, started again whenever it ends by itself, as an init system does, and ended when it
 * isn't wanted any more. It leads a process group of its own, so that Ctrl-C reaches only the supervisor, which then ends its
 * children in order.
 */
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { describeProcess, type ProcessIdentity } from './process-identity';

/** What a child runs: `file` with the arguments `words`, and its output to `logFile`. */
export interface Program<Name extends string = string> {
  readonly name: Name;
  readonly file: string;
  readonly words: readonly string[];
  readonly environment: NodeJS.ProcessEnv;
  readonly logFile: string;
  /** How long it may take to end after SIGTERM, before it is killed. */
  readonly graceMs: number;
}

export interface Child<Name extends string = string> {
  readonly program: Program<Name>;
  /** The process that runs now; undefined while it is being restarted. */
  identity(): ProcessIdentity | undefined;
  /** Milliseconds since the epoch at which the process that runs now was started. */
  startedAt(): number;
  /** How often in a row it ended soon after its start. */
  failures(): number;
  /** Kills it, as a crash would; it is started again. Resolves when the old process is gone. */
  kill(): Promise<void>;
  /** Ends it gracefully; it is started again. Resolves when the old process is gone. */
  restart(): Promise<void>;
  /** Ends it for good. */
  end(): Promise<void>;
}

/** The first restart is quick; a process that keeps failing is started less and less often. */
const backOffMs = (failures: number): number => Math.min(100 * 2 ** Math.max(0, failures - 1), 5_000);
/** A process that ran this long has not failed to start. */
const stableAfterMs = 10_000;

/** @param changed called whenever the process has ended or another one has started, before anything else can happen */
export function superviseChild<Name extends string>(program: Program<Name>, changed: () => void): Child<Name> {
  let current: ChildProcess | undefined;
  let identity: ProcessIdentity | undefined;
  let [wanted, failures, startedAt] = [true, 0, 0];
  let restart: NodeJS.Timeout | undefined;

  const start = (): void => {
    startedAt = Date.now();
    current = spawnProgram(program);
    identity = current.pid === undefined ? undefined : describeProcess(current.pid);
    current.once('error', gone).once('exit', gone);
    changed();
  };
  const gone = (): void => {
    if (identity === undefined && current === undefined) return;
    failures = Date.now() - startedAt > stableAfterMs ? 0 : failures + 1;
    [identity, current] = [undefined, undefined];
    changed();
    if (wanted) restart = setTimeout(start, backOffMs(failures));
  };
  const signal = async (name: NodeJS.Signals): Promise<void> => {
    const child = current;
    if (child === undefined) return;
    const exited = once(child, 'exit');
    child.kill(name);
    const late = new AbortController();
    const killed = sleep(program.graceMs, undefined, { signal: late.signal }).then(
      () => child.kill('SIGKILL'),
      () => undefined,
    );
    await exited;
    late.abort();
    await killed;
  };
  start();
  return {
    program,
    identity: () => identity,
    startedAt: () => startedAt,
    failures: () => failures,
    kill: async () => await signal('SIGKILL'),
    restart: async () => await signal('SIGTERM'),
    end: async () => {
      wanted = false;
      clearTimeout(restart);
      await signal('SIGTERM');
    },
  };
}

function spawnProgram({ file, words, environment, logFile }: Program): ChildProcess {
  const log = openSync(logFile, 'a');
  try {
    return spawn(file, words, { detached: true, stdio: ['ignore', log, log], env: environment });
  } finally {
    closeSync(log);
  }
}
