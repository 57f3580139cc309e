/** What `npm pack` makes installs into an empty folder, and runs there: without the sources, and without this project's modules. */
import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);
const root = join(__dirname, '..', '..');
const quiet = ['--ignore-scripts', '--no-audit', '--no-fund', '--loglevel', 'error'];
let folder: string;
let empty: string;
let files: readonly string[];

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'cutover-package-'));
  empty = join(folder, 'empty');
  await mkdir(empty);
  await writeFile(join(empty, 'package.json'), '{ "private": true }\n');
  const { stdout } = await run('npm', ['pack', '--json', '--pack-destination', folder, ...quiet], { cwd: root });
  const [packed] = JSON.parse(stdout) as { readonly filename: string; readonly files: readonly { path: string }[] }[];
  files = packed?.files.map(({ path }) => path) ?? [];
  const package_ = join(folder, packed?.filename ?? '');
  // What `npm ci` has fetched already isn't fetched again.
  await run('npm', ['install', '--omit=dev', '--prefer-offline', ...quiet, package_], { cwd: empty });
}, 300_000);
afterAll(() => rm(folder, { recursive: true, force: true }));

/** The installed command, as somebody in that folder would run it. */
const cutover = async (...words: readonly string[]) =>
  await run(join(empty, 'node_modules', '.bin', 'cutover'), words, {
    cwd: empty,
    env: { ...process.env, TEMPORAL_ADDRESS: '127.0.0.1:9', TEMPORAL_NAMESPACE: 'default', NODE_PATH: '' },
  }).catch((error: { stdout: string; stderr: string }) => error);

test('the package holds what runs, and neither sources nor tests', () => {
  expect(files).toEqual(
    expect.arrayContaining(['bin/cutover.js', 'lib/cutover.js', 'lib/workflow-bundle.js', 'LICENSE']),
  );
  expect(files.filter((file) => /\.ts$|^test\/|^lib\/(test|bench)\//.test(file))).toEqual([]);
});

test('it brings what it needs, and nothing that only building needs', () => {
  for (const name of ['@temporalio/worker', '@aws-sdk/client-ecs', 'pino'])
    expect([name, existsSync(join(empty, 'node_modules', name))]).toEqual([name, true]);
  for (const name of ['jest', 'typescript', 'oxlint', 'playwright-core'])
    expect([name, existsSync(join(empty, 'node_modules', name))]).toEqual([name, false]);
});

test('it tells its version, and writes settings to start from', async () => {
  const { version } = JSON.parse(await readFile(join(root, 'package.json'), 'utf8')) as { readonly version: string };
  expect((await cutover('--version')).stdout.trim()).toBe(version);
  expect((await cutover('init')).stdout).toContain('Wrote cutover.yaml');
  expect(existsSync(join(empty, 'cutover.yaml'))).toBe(true);
});

test.each([['worker'], ['local --help']])('"cutover %s" loads all that it needs', async (words) => {
  const { stdout, stderr } = await cutover(...words.split(' '));
  // One sentence says that there is no Temporal here: nothing else is missing.
  expect(stderr + stdout).toMatch(/Usage: cutover local|Temporal can't be reached at 127\.0\.0\.1:9 /);
  expect(stderr).not.toMatch(/Cannot find module|MODULE_NOT_FOUND/);
});
