/** The archive that `npm pack` makes of this package can be installed into an empty folder, and runs there. */
import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { inTemporaryFolder } from '../temporary-folder';
import { packageRoot } from './running';

const run = promisify(execFile);
const quiet = ['--ignore-scripts', '--no-audit', '--no-fund', '--loglevel', 'error'];

interface Packed {
  readonly filename: string;
  readonly files: readonly { readonly path: string }[];
}

test('packed alone it installs and runs: without its sources, and without what only building needs', async () => {
  await inTemporaryFolder(async (folder) => {
    const empty = join(folder, 'empty');
    await mkdir(empty);
    await writeFile(join(empty, 'package.json'), '{ "private": true }\n');
    const { stdout } = await run('npm', ['pack', '--json', '--pack-destination', folder, ...quiet], {
      cwd: packageRoot,
    });
    const [packed] = JSON.parse(stdout) as readonly Packed[];
    const files = packed?.files.map(({ path }) => path) ?? [];
    expect(files).toEqual(expect.arrayContaining(['bin/local-aws.js', 'lib/src/index.js', 'README.md', 'LICENSE']));
    expect(files.filter((file) => /(?<!\.d)\.ts$|^(src|test|bench|scripts|lib\/bench)\//.test(file))).toEqual([]);
    // The packages that `npm ci` has downloaded aren't downloaded again.
    const tarball = join(folder, packed?.filename ?? '');
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
