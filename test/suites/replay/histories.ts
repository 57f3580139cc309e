/**
 * Recorded histories: one file a kind of ending, Temporal's own protocol buffers, in a folder a released version. They are what
 * is in flight where that version runs, so none is ever changed: `sums.txt` says what each holds.
 */
import { temporal } from '@temporalio/proto';
import { createHash } from 'node:crypto';
import { appendFileSync, existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { version } from '../../../settings/version';

type History = temporal.api.history.v1.IHistory;
const { History } = temporal.api.history.v1;
const folder = join(__dirname, 'histories');
const ending = '.history';
const sums = join(folder, 'sums.txt');

/** The names of all recorded histories, e.g. `0.1.0/completed`. */
export const recordedHistories = (): string[] =>
  readdirSync(folder, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .flatMap(({ name }) => readdirSync(join(folder, name)).map((file) => `${name}/${file.slice(0, -ending.length)}`));

/** @param name e.g. `0.1.0/completed` */
export const readHistory = (name: string): History => History.decode(readFileSync(pathOf(name)));

const pathOf = (name: string) => join(folder, `${name}${ending}`);

/** What each history held when it was recorded, and what it holds now. */
export const recordedSums = (): Map<string, string> =>
  new Map(
    readFileSync(sums, 'utf8')
      .trim()
      .split('\n')
      .map((line) => line.split('  ').toReversed() as [string, string]),
  );
export const sumOf = (name: string): string =>
  createHash('sha256')
    .update(readFileSync(pathOf(name)))
    .digest('hex');

/** With RECORD_HISTORIES set, keeps a history of this release for the replay tests, unless there is one of that name. */
export async function recordHistory(name: string, fetch: () => Promise<History>): Promise<void> {
  const recorded = `${version}/${name}`;
  if (process.env['RECORD_HISTORIES'] === undefined || existsSync(pathOf(recorded))) return;
  const history = withoutStackTraces(await fetch());
  mkdirSync(join(folder, version), { recursive: true });
  writeFileSync(pathOf(recorded), History.encode(history).finish());
  appendFileSync(sums, `${sumOf(recorded)}  ${recorded}\n`);
}

/** They say where the project was on the machine that recorded it. */
function withoutStackTraces(history: History): History {
  const clear = (value: unknown): void => {
    if (value === null || typeof value !== 'object' || ArrayBuffer.isView(value)) return;
    if ('stackTrace' in value) Object.assign(value, { stackTrace: '' });
    Object.values(value).forEach(clear);
  };
  clear(history);
  return history;
}
