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
  writeFileSync(join(folder, `${name}${ending}`), History.encode(await fetch()).finish());
}
