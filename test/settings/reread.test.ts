/** Files that their owners edit while cutover runs. */
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { lastGood, rereader } from '../../settings/files/reread';

let folder: string;
let file: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'cutover-reread-'));
  file = join(folder, 'key');
});
afterEach(() => rmSync(folder, { recursive: true }));

/** How often it was read, and what of it. */
function counted() {
  const read = jest.fn(() => readFileSync(file, 'utf8'));
  return { read, now: rereader(file, read) };
}

test('a file that stays as it is is read once, and again when it is written, or given to another', () => {
  writeFileSync(file, 'one');
  const { read, now } = counted();
  expect([now(), now(), now()]).toEqual(['one', 'one', 'one']);
  expect(read).toHaveBeenCalledTimes(1);
  writeFileSync(file, 'another');
  expect([now(), now()]).toEqual(['another', 'another']);
  expect(read).toHaveBeenCalledTimes(2);
  chmodSync(file, 0o600);
  expect(now()).toBe('another');
  expect(read).toHaveBeenCalledTimes(3);
});

test('one that is not there is looked for again once it is', () => {
  const { read, now } = counted();
  expect(now).toThrow('ENOENT');
  expect(now).toThrow('ENOENT');
  expect(read).toHaveBeenCalledTimes(1);
  writeFileSync(file, 'there');
  expect(now()).toBe('there');
});

test('while it can not be read what was read before holds, and that is told once for each reason', () => {
  writeFileSync(file, 'before');
  const told: string[] = [];
  const now = lastGood(counted().now, ({ message }) => told.push(message));
  rmSync(file);
  expect([now(), now()]).toEqual(['before', 'before']);
  expect(told).toEqual([expect.stringContaining('ENOENT')]);
  writeFileSync(file, 'after');
  expect(now()).toBe('after');
});

test('with nothing to begin with, whoever asks is told at once', () => {
  expect(() => lastGood(counted().now)).toThrow('ENOENT');
});
