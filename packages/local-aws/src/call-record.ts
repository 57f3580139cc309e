/**
 * Two records of what was called. One of the operations that each program called, a program being a name in the user agent: one
 * line for each operation, added at its first call. It is a file in the folder, so it survives the process, and shows which
 * permissions a program needs. The other of the last writes in their order, what became of each, and which faults struck it.
 */
import { appendFileSync, existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const recordFile = (folder: string): string => join(folder, 'called.txt');

/** Returns a function that records a call, e.g. `ecs:ListClusters` by `aws-cli`. */
export function callRecorder(folder: string): (operation: string, userAgent: string) => void {
  const noted = new Set<string>();
  return (operation, userAgent) => {
    const line = `${[operation, ...new Set(programsOf(userAgent))].join(' ')}\n`;
    if (noted.has(line)) return;
    noted.add(line);
    appendFileSync(recordFile(folder), line);
  };
}

/** The names in a user agent. An SDK adds its caller's name to its own: `aws-sdk-js/3… orders/worker`. */
const programsOf = (userAgent: string): string[] =>
  [...userAgent.matchAll(/(?:^|\s)([\w-]+)\//g)].map(([, name = '']) => name);

/** The operations, e.g. `ecs:UpdateService`, that a program has called since the folder was made. */
export function recordedOperations(folder: string, program: string): string[] {
  if (!existsSync(recordFile(folder))) return [];
  const lines = readFileSync(recordFile(folder), 'utf8').split('\n');
  const called = lines.map((line) => line.split(' ')).filter(([, ...programs]) => programs.includes(program));
  return [...new Set(called.flatMap(([operation = '']) => operation))].toSorted();
}

/** A write as the control port tells of it. Times are in milliseconds since the epoch. */
export interface RecordedWrite {
  /** Counted from 1 since the start. */
  readonly number: number;
  /** E.g. `ecs:UpdateService`. */
  readonly operation: string;
  readonly input: unknown;
  /** The listener rules that it names, as they were before it. */
  readonly rules: readonly object[];
  /** The names in the caller's user agent. */
  readonly programs: readonly string[];
  readonly began: number;
  /** When it was answered, refused, or given up without an answer; absent until then. */
  ended?: number;
  /** `answered`, `unanswered`, or the code of the error. */
  outcome?: string;
  /** The kinds of the faults that struck it. */
  readonly faults: string[];
}

/** So many writes are remembered. */
const mostWrites = 5_000;

export interface WriteRecord {
  begin(call: Pick<RecordedWrite, 'operation' | 'input' | 'rules'>, userAgent: string): RecordedWrite;
  /** Those after a number, all without one. */
  since(number: number): readonly RecordedWrite[];
}

export function recordWrites(now: () => number): WriteRecord {
  const writes: RecordedWrite[] = [];
  let count = 0;
  return {
    begin: (call, userAgent) => {
      count += 1;
      const programs = [...new Set(programsOf(userAgent))];
      const write: RecordedWrite = { ...call, number: count, programs, began: now(), faults: [] };
      writes.push(write);
      if (writes.length > mostWrites) writes.shift();
      return write;
    },
    since: (number) => writes.filter((write) => write.number > number),
  };
}
