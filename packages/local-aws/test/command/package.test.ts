/** What `npm pack` makes of this package has what runs; `npm run conformance` has npm install it into an empty folder, and runs it. */
import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { isFull } from '../conformance/python';
import { inTemporaryFolder } from '../temporary-folder';
import { packageRoot } from './running';

const run = promisify(execFile);
const quiet = ['--ignore-scripts', '--no-audit', '--no-fund', '--loglevel', 'error'];

interface Packed {
  readonly filename: string;
  readonly files: readonly { readonly path: string }[];
}

/** @returns what is in the archive, which is in the folder then */
async function pack(folder: string): Promise<Packed> {
  const { stdout } = await run('npm', ['pack', '--json', '--pack-destination', folder, ...quiet], { cwd: packageRoot });
  const [packed] = JSON.parse(stdout) as readonly Packed[];
  if (packed === undefined) throw new Error(stdout);
  return packed;
}

test('packed alone it has what runs, without its sources', async () => {
  await inTemporaryFolder(async (folder) => {
    const files = (await pack(folder)).files.map(({ path }) => path);
    expect(files).toEqual(expect.arrayContaining(['bin/local-aws.js', 'lib/src/index.js', 'README.md', 'LICENSE']));
    expect(files.filter((file) => /(?<!\.d)\.ts$|^(src|test|bench|scripts|lib\/bench)\//.test(file))).toEqual([]);
  });
});

(isFull ? test : test.skip)('it installs and runs, without what only building needs', async () => {
  await inTemporaryFolder(async (folder) => {
    const empty = join(folder, 'empty');
    await mkdir(empty);
    await writeFile(join(empty, 'package.json'), '{ "private": true }\n');
    // The packages that `npm ci` has downloaded aren't downloaded again.
    const tarball = join(folder, (await pack(folder)).filename);
    await run('npm', ['install', '--omit=dev', '--prefer-offline', ...quiet, tarball], { cwd: empty });
    for (const name of ['jest', 'typescript', 'ws'])
      expect([name, existsSync(join(empty, 'node_modules', name))]).toEqual([name, false]);
    const command = join(empty, 'node_modules', '.bin', 'local-aws');
    const help = await run(command, ['--help'], { cwd: empty, env: { ...process.env, NODE_PATH: '' } });
    expect(help.stdout).toContain('Usage: local-aws [options] [command]');
    const entries = ['local-aws', 'local-aws/control-plane', 'local-aws/load-balancer'];
    const script = `for (const name of ${JSON.stringify(entries)}) console.log(Object.keys(require(name)).length > 0)`;
    const loaded = await run(process.execPath, ['-e', script], { cwd: empty });
    expect(loaded.stdout).toBe('true\ntrue\ntrue\n');
  });
});
