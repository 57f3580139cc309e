/** `cutover local …` as people type it. */
import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);
const bin = join(__dirname, '../../bin/cutover.js');

const folders: string[] = [];
afterAll(async () => {
  for (const one of folders) await rm(one, { recursive: true });
});
async function folder(): Promise<string> {
  const made = await mkdtemp(join(tmpdir(), 'cutover-commands-'));
  folders.push(made);
  return made;
}

/** Runs `cutover local …`; rejects with its output for a mistake. */
const local = (...words: readonly string[]) => run(process.execPath, [bin, 'local', ...words]);

const install = ['install', 'Orders', '--modules', 'Orders'];
const isInstalled = (dir: string) => existsSync(join(dir, 'platform-server'));

test('a folder before the subcommand is its folder; one behind it goes before', async () => {
  const [one, other] = [await folder(), await folder()];
  await local('--dir', one, ...install);
  expect(isInstalled(one)).toBe(true);
  await local('--dir', await folder(), ...install, '--dir', other);
  expect(isInstalled(other)).toBe(true);
});

test('an option that a subcommand doesn’t know is refused, wherever it stands, and nothing is installed', async () => {
  const dir = await folder();
  await expect(local('--dir', dir, '--ports', 'auto', ...install)).rejects.toThrow(
    /--ports is nothing that "local install" knows/,
  );
  expect(isInstalled(dir)).toBe(false);
});

test('a fault is asked of the stack in the folder before or behind the word', async () => {
  const dir = await folder();
  const noStack = new RegExp(`No local stack runs there .*${dir}`);
  await expect(local('--dir', dir, 'fault', 'list')).rejects.toThrow(noStack);
  await expect(local('fault', '--dir', dir, 'list')).rejects.toThrow(noStack);
  await expect(local('fault', 'list', '--dir', dir)).rejects.toThrow(noStack);
});
