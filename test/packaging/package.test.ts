/**
 * What `npm pack` makes runs in an empty folder: without the sources, and with no package but those that it asks for. `npm test` puts
 * links to these there, and leaves out what only bundles workflows, as the image does; `npm run conformance` has npm install it, and
 * deploys with it.
 */
import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { isBuiltin } from 'node:module';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { isFull } from '../../packages/local-aws/test/conformance/python';

const run = promisify(execFile);
const root = join(__dirname, '..', '..');
const { runtimePackages, placeStandIns } = require('../../scripts/runtime-packages.js') as {
  readonly runtimePackages: (packages: Readonly<Record<string, object>>, dependencies: object) => string[];
  readonly placeStandIns: (folder: string) => void;
};
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
  const archive = join(folder, packed?.filename ?? '');
  if (isFull) await run('npm', ['install', '--omit=dev', '--prefer-offline', ...quiet, archive], { cwd: empty });
  else await place(archive);
}, 900_000);

/** The package, unpacked, and beside it links to those that it needs. */
async function place(archive: string): Promise<void> {
  const cutover = join(empty, 'node_modules', 'cutover');
  await mkdir(cutover, { recursive: true });
  await run('tar', ['-xzf', archive, '-C', cutover, '--strip-components', '1']);
  const { packages } = JSON.parse(await readFile(join(root, 'package-lock.json'), 'utf8'));
  const { dependencies } = JSON.parse(await readFile(join(cutover, 'package.json'), 'utf8'));
  const outer = runtimePackages(packages, dependencies).filter((path) => !path.includes('/node_modules/'));
  for (const path of outer) {
    await mkdir(dirname(join(empty, path)), { recursive: true });
    await symlink(join(root, path), join(empty, path));
  }
  placeStandIns(empty);
}

afterAll(() => rm(folder, { recursive: true, force: true }));

/** The installed command, as somebody in that folder would run it. Links stay what they are: nothing beside their targets is found. */
const cutover = async (...words: readonly string[]) =>
  await run(process.execPath, [join(empty, 'node_modules', 'cutover', 'bin', 'cutover.js'), ...words], {
    cwd: empty,
    env: {
      ...process.env,
      TEMPORAL_ADDRESS: '127.0.0.1:9',
      TEMPORAL_NAMESPACE: 'default',
      NODE_PATH: '',
      NODE_OPTIONS: '--preserve-symlinks --preserve-symlinks-main',
    },
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
  const notNeeded = ['jest', 'typescript', 'oxlint', 'playwright-core', ...(isFull ? [] : ['@swc/core', 'terser'])];
  for (const name of notNeeded) expect([name, existsSync(join(empty, 'node_modules', name))]).toEqual([name, false]);
});

test('whatever its files load is there, or is Node.js’s own', async () => {
  const installed = join(empty, 'node_modules', 'cutover');
  const { dependencies } = JSON.parse(await readFile(join(installed, 'package.json'), 'utf8')) as {
    readonly dependencies: Readonly<Record<string, string>>;
  };
  const loaded = new Set<string>();
  for (const file of files.filter((name) => /^(?:bin|lib)\/.*\.js$/.test(name))) {
    const text = await readFile(join(installed, file), 'utf8');
    for (const [, name = ''] of text.matchAll(/\b(?:require|import)\(["']([^."'][^"']*)["']\)/g))
      if (!isBuiltin(name)) loaded.add(/^(?:@[^/]+\/)?[^/]+/.exec(name)?.[0] ?? name);
  }
  expect(loaded.size).toBeGreaterThan(30);
  expect([...loaded].filter((name) => !(name in dependencies))).toEqual([]);
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

/** As people type it there. Nothing of this checkout, or of a stack around it, is meant. */
const asTyped = () => {
  const own = Object.entries(process.env).filter(([name]) => !/^(?:TEMPORAL|AWS|CUTOVER|npm)_/.test(name));
  return { cwd: empty, env: Object.fromEntries(own) };
};
const npx = async (...words: readonly string[]) => await run('npx', ['--no', 'cutover', ...words], asTyped());

(isFull ? test : test.skip)(
  'installed by npm, it starts a local stack, and deploys there under requests',
  async () => {
    const words = ['--no', 'cutover', 'local', '--ports', 'auto', '--time-scale', '10'];
    const local = spawn('npx', words, { ...asTyped(), stdio: ['ignore', 'pipe', 'pipe'], detached: true });
    let said = '';
    for (const stream of [local.stdout, local.stderr]) stream.on('data', (text: Buffer) => (said += text.toString()));
    const closed = once(local, 'close');
    try {
      while (!/^Ready/m.test(said)) {
        if (local.exitCode !== null) throw new Error(said);
        await sleep(100);
      }
      const own = join(empty, '.cutover');
      const { loadBalancer, settings } = JSON.parse(await readFile(join(own, 'local.json'), 'utf8')) as {
        readonly loadBalancer: string;
        readonly settings: string;
      };
      const modules = ['--modules', 'Orders,OrdersAPI'];
      await npx('local', 'install', 'Orders', ...modules);
      await npx('local', 'bundle', '--application', 'Orders', ...modules, '--version', '1.0', '--out', 'orders.zip');
      await npx('local', 'build', 'orders.zip', '--image', 'orders:1.0');
      const users = askAllTheTime(`${loadBalancer}/Orders/`);
      const flags = ['--image', 'orders:1.0', '--approval', 'none', '--wait', '--settings', settings];
      const { stdout } = await npx('deploy', 'Orders', ...flags);
      expect(stdout).toMatch(/Completed: slot a serves orders:1\.0\./);
      const { failures, last } = await users.stop();
      expect(failures).toEqual([]);
      expect(last).toMatchObject({ servedBy: 'container', version: '1.0' });
    } finally {
      if (local.exitCode === null && local.pid !== undefined) process.kill(-local.pid, 'SIGINT');
      await closed;
    }
  },
  900_000,
);

/** A user who asks again as soon as he is answered. */
function askAllTheTime(page: string) {
  const failures: string[] = [];
  let last: unknown;
  let isOver = false;
  const asking = (async () => {
    while (!isOver) {
      const answer = await fetch(page).catch((error: Error) => error);
      if (answer instanceof Error) failures.push(answer.message);
      else if (answer.ok) last = await answer.json();
      else failures.push(`${answer.status}`);
      await sleep(20);
    }
  })();
  return {
    stop: async () => {
      isOver = true;
      await asking;
      return { failures, last };
    },
  };
}
