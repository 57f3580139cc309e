/** The workers of walks: two versions at most, side by side, whose clocks jump, and which are killed. */
import type { ChildProcess } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { changeSettings } from '../../../../local/stack/settings';
import { cutover, restart } from '../../cluster/cluster';
import { laterRelease } from '../../cluster/later-release';
import { ended, startWorker, thisProgram } from '../../e2e/worker-process';
import { startOwnStack, type OwnStack } from '../own-stack';
import { answered } from './patience';

export interface Workers {
  /** Their wall clocks are off by so much, for so long. */
  readonly jumpClock: (minutes: number, ms: number) => Promise<void>;
  /** Hands what is in flight to the other version, as far as that can go on with it. */
  readonly upgrade: () => Promise<void>;
  /** All of them die; resolves when others have been started. */
  readonly kill: () => Promise<void>;
  readonly close: () => Promise<void>;
}

/** A stack whose workers are versioned, and whose clocks can jump. */
export async function startWithWorkers(options: Parameters<typeof startOwnStack>[0]): Promise<[OwnStack, Workers]> {
  const folder = await mkdtemp(join(tmpdir(), 'cutover-walks-'));
  const clock = join(folder, 'clock');
  await writeFile(clock, '0');
  const shifted = { NODE_OPTIONS: `--require ${join(__dirname, 'shifted-clock.js')}`, WALKS_CLOCK: clock };
  const own = await withEnvironment(shifted, async () => await startOwnStack(options));
  await changeSettings(own.living.stack().settings, [{ path: ['temporal', 'workerVersioning'], value: true }]);
  await restart(own, 'worker');
  const later = laterWorker(own, shifted);
  let isLaterCurrent = false;
  const upgrade = async () => {
    const program = isLaterCurrent ? thisProgram : await later.started();
    await untilDone(async () => await cutover(own, program, 'upgrade', '--no-wait', '--json'));
    isLaterCurrent = !isLaterCurrent;
  };
  const turns = oneByOne();
  const workers = {
    jumpClock: async (minutes: number, ms: number) => {
      await writeFile(clock, `${minutes * 60_000}`);
      await sleep(ms);
      await writeFile(clock, '0');
    },
    upgrade: async () => await turns(upgrade),
    kill: async () => {
      await Promise.all([answered(() => own.living.killAndAwaitSuccessor('worker')), later.killed()]);
    },
    close: async () => {
      await later.close();
      await rm(folder, { recursive: true });
    },
  };
  return [own, workers];
}

/** None before it is wanted. */
function laterWorker({ living }: OwnStack, environment: NodeJS.ProcessEnv) {
  let program: Promise<string> | undefined;
  let child: Promise<ChildProcess> | undefined;
  let dying: Promise<ChildProcess> | undefined;
  const start = async () => {
    const folder = await (program ??= laterRelease());
    return await startWorker(living.stack(), { program: folder, environment });
  };
  const startedAgain = async (before: ChildProcess) => {
    await ended(before, 'SIGKILL');
    return await untilDone(start);
  };
  return {
    /** Its program. */
    started: async () => {
      await (child ??= untilDone(start));
      return (await program) ?? '';
    },
    /** Whoever comes while it is being started again waits for that: it dies once. */
    killed: async () => {
      if (child === undefined) return;
      child = dying ??= child.then(startedAgain).finally(() => (dying = undefined));
      await child;
    },
    close: async () => {
      await ended(await child, 'SIGKILL');
      if (program !== undefined) await rm(await program, { recursive: true });
    },
  };
}

/** Begun anew while the processes that it needs are being started again. */
async function untilDone<T>(work: () => Promise<T>): Promise<T> {
  for (const until = Date.now() + 90_000; ; await sleep(500))
    try {
      return await work();
    } catch (error) {
      if (Date.now() > until) throw error;
    }
}

/** Whoever comes waits for those before. */
function oneByOne() {
  let before: Promise<unknown> = Promise.resolve();
  return async <T>(work: () => Promise<T>): Promise<T> => {
    const mine = before.then(work);
    before = mine.catch(() => undefined);
    return await mine;
  };
}

async function withEnvironment<T>(wanted: Readonly<Record<string, string>>, work: () => Promise<T>): Promise<T> {
  const before = { ...process.env };
  Object.assign(process.env, wanted);
  try {
    return await work();
  } finally {
    for (const name of Object.keys(wanted)) {
      if (before[name] === undefined) delete process.env[name];
      else process.env[name] = before[name];
    }
  }
}
