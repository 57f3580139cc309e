/** Recorded histories: one file a kind of ending, Temporal's own protocol buffers. */
import { temporal } from '@temporalio/proto';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

type History = temporal.api.history.v1.IHistory;
const { History } = temporal.api.history.v1;
const folder = join(__dirname, 'histories');
const ending = '.history';

/** The names of all recorded histories. */
export const recordedHistories = (): string[] =>
  readdirSync(folder)
    .filter((file) => file.endsWith(ending))
    .map((file) => file.slice(0, -ending.length));

export const readHistory = (name: string): History => History.decode(readFileSync(join(folder, `${name}${ending}`)));

/** Keeps a history for the replay tests, when RECORD_HISTORIES is set. */
export async function recordHistory(name: string, fetch: () => Promise<History>): Promise<void> {
  if (process.env['RECORD_HISTORIES'] === undefined) return;
  writeHistory(name, await fetch());
}

/** Without the stack traces of failures, which say where the project was on the machine that recorded it. */
export function writeHistory(name: string, history: History): void {
  writeFileSync(join(folder, `${name}${ending}`), History.encode(withoutStackTraces(history)).finish());
}

function withoutStackTraces(history: History): History {
  const clear = (value: unknown): void => {
    if (value === null || typeof value !== 'object' || ArrayBuffer.isView(value)) return;
    if ('stackTrace' in value) Object.assign(value, { stackTrace: '' });
    Object.values(value).forEach(clear);
  };
  clear(history);
  return history;
}
