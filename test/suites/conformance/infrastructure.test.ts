/** The CDK app in examples/cdk: what it makes is the template that is kept, and AWS's own linter has nothing to say about that. */
import { execFile } from 'node:child_process';
import { cp, mkdir, mkdtemp, readFile, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { pythonEnvironment } from '../../../packages/local-aws/test/conformance/python';

const run = promisify(execFile);
const root = join(__dirname, '..', '..', '..');
const example = join(root, 'examples', 'cdk');
const kept = join(example, 'template.json');
const { folder: venv, isThere } = pythonEnvironment(join(__dirname, 'requirements.txt'));

/**
 * Where `npm run conformance` has put the CDK's packages. Both take ten seconds and more, so `npm test` only holds the kept template
 * to the policies (test/packaging/infrastructure.test.ts).
 */
const packages = process.env['CDK_PACKAGES'];

(packages ? test : test.skip)('the kept template is what the CDK app makes', async () => {
  const place = await mkdtemp(join(tmpdir(), 'cutover-cdk-'));
  try {
    const app = join(place, 'examples', 'cdk');
    await mkdir(join(place, 'examples'));
    await cp(example, app, { recursive: true, filter: (path) => !/[\\/](node_modules|build)$/.test(path) });
    await symlink(join(root, 'docs'), join(place, 'docs'));
    await symlink(join(packages ?? '', 'node_modules'), join(app, 'node_modules'));
    await run('npm', ['run', '--silent', 'synth'], { cwd: app });
    const made = await readFile(join(app, 'build', 'cdk.out', 'Cutover.template.json'), 'utf8');
    expect(JSON.parse(made)).toEqual(JSON.parse(await readFile(kept, 'utf8')));
  } finally {
    await rm(place, { recursive: true, force: true });
  }
});

(packages && isThere ? test : test.skip)('cfn-lint has nothing to say about the template', async () => {
  // W3005: CDK names each dependency, those too that a reference says already.
  const linted = run(join(venv, 'bin', 'cfn-lint'), ['--ignore-checks', 'W3005', '--', kept]);
  expect((await linted.catch((error: { stdout: string }) => error)).stdout).toBe('');
});
