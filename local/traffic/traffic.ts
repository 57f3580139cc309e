/**
 * Steady traffic through the load balancer, from a process of its own, to prove that no request is lost: every answer is
 * checked, nothing is tried twice, and what answered when is recorded.
 */
import { fork, type ChildProcess } from 'node:child_process';
import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type {
  Allowed,
  TrafficApplication,
  TrafficCommand,
  TrafficCounts,
  TrafficOptions,
  TrafficReport,
  TrafficRequest,
  TrafficResponse,
} from './messages';

export type {
  Allowed,
  AnsweredSpan,
  TrafficApplication,
  TrafficCounts,
  TrafficFailure,
  TrafficOptions,
  TrafficReport,
} from './messages';

/** The running traffic. Its methods reject once the generator has ended. */
export interface Traffic {
  readonly pid: number;
  report(): Promise<TrafficReport>;
  /** Remembers the counts of this moment by a name; a later mark of the same name replaces it. */
  mark(name: string): Promise<TrafficReport>;
  /**
   * The requests that were sent, and those noticed to have failed, between two marks; up to now without the second.
   * @throws {Error} for an unknown mark
   */
  between(
    from: string,
    to?: string,
  ): Promise<TrafficCounts & { readonly byApplication: Readonly<Record<string, TrafficCounts>> }>;
  /** Sends requests to these from now on; answers under way are still awaited. */
  setApplications(applications: readonly TrafficApplication[]): Promise<void>;
  /** Sets what may answer requests that are sent or answered from now on; undefined allows anything. */
  expect(application: string, allowed: readonly Allowed[] | undefined): Promise<void>;
  /** Sends nothing more, waits for what is in flight, and ends the process. */
  stop(): Promise<TrafficReport>;
}

/**
 * Resolves when the traffic flows.
 * @throws {Error} of one sentence when its process can't be started
 */
export async function startTraffic(options: TrafficOptions): Promise<Traffic> {
  const { certificateAuthority: authority } = options;
  const child = fork(compiledProcess(), [JSON.stringify(options)], {
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    env: { ...process.env, ...(authority !== undefined && { NODE_EXTRA_CA_CERTS: authority }) },
  });
  const command = commandChannel(child);
  const marks = new Map<string, TrafficReport>();
  const report = () => command({ do: 'report' });
  await report();
  return {
    pid: child.pid ?? 0,
    report,
    async mark(name) {
      const counts = await report();
      marks.set(name, counts);
      return counts;
    },
    async between(from, to) {
      const [first, last] = [marks.get(from), to === undefined ? await report() : marks.get(to)];
      if (first === undefined || last === undefined) throw new Error(`No mark was set as ${from} or ${to}.`);
      return countsBetween(first, last);
    },
    async setApplications(applications) {
      await command({ do: 'setApplications', applications });
    },
    async expect(application, allowed) {
      await command({ do: 'expect', application, ...(allowed === undefined ? {} : { allowed }) });
    },
    stop: () => command({ do: 'stop' }),
  };
}

/** Sends commands to the process and matches its answers to them; rejects all of them once it has ended. */
function commandChannel(child: ChildProcess): (command: TrafficCommand) => Promise<TrafficReport> {
  interface Pending {
    resolve(report: TrafficReport): void;
    reject(error: Error): void;
  }
  const pending = new Map<number, Pending>();
  let ended: Error | undefined;
  let lastId = 0;
  const end = (how: string): void => {
    ended = new Error(`The traffic generator has ended (${how}); its counts are gone. Start the traffic again.`);
    for (const { reject } of pending.values()) reject(ended);
    pending.clear();
  };
  child.on('message', ({ id, report }: TrafficResponse) => {
    pending.get(id)?.resolve(report);
    pending.delete(id);
  });
  child.on('exit', (code, signal) => end(signal ?? `status ${code}`));
  child.on('error', (error) => end(error.message));
  return (command) =>
    new Promise((resolve, reject) => {
      if (ended !== undefined) return reject(ended);
      lastId += 1;
      pending.set(lastId, { resolve, reject });
      const request: TrafficRequest = { id: lastId, command };
      child.send(request, () => undefined);
    });
}

function countsBetween(first: TrafficReport, last: TrafficReport): Awaited<ReturnType<Traffic['between']>> {
  const minus = (to: TrafficCounts, from: TrafficCounts | undefined): TrafficCounts => ({
    sent: to.sent - (from?.sent ?? 0),
    failed: to.failed - (from?.failed ?? 0),
  });
  const names = Object.entries(last.byApplication);
  const byApplication = names.map(([name, counts]) => [name, minus(counts, first.byApplication[name])] as const);
  return { ...minus(last, first), byApplication: Object.fromEntries(byApplication) };
}

/** The compiled file: beside this one, or under lib/ when this one runs uncompiled. */
function compiledProcess(): string {
  const beside = join(__dirname, 'process.js');
  const built = join(dirname(dirname(__dirname)), 'lib', 'local', 'traffic', 'process.js');
  const found = [beside, built].find((file) => existsSync(file));
  if (found === undefined) throw new Error('The traffic generator is not compiled: run "npm run build" first.');
  return found;
}
