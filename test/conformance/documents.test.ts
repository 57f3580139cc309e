/** The blocks of commands that documents mark with `run: aws`: the AWS CLI as it is, against the local AWS. */
import { execFile } from 'node:child_process';
import { chmod, mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { startLocalAws, type LocalAws } from '../local/aws/local-aws';
import { blocksOf, documents, root } from '../operations/documents';
import { environment, venv, withPython } from './python';

const run = promisify(execFile);
let local: LocalAws;
let place: string;

beforeAll(async () => {
  local = await startLocalAws();
  place = await mkdtemp(join(tmpdir(), 'cutover-documents-'));
  await symlink(join(root, 'docs'), join(place, 'docs'));
  const bin = join(place, 'bin');
  await mkdir(bin);
  await symlink(join(venv, 'bin', 'aws'), join(bin, 'aws'));
  await writeFile(
    join(bin, 'npx'),
    `#!/bin/sh\nshift\nexec "${process.execPath}" "${join(root, 'bin/cutover.js')}" "$@"\n`,
  );
  await chmod(join(bin, 'npx'), 0o755);
});
afterAll(async () => {
  await rm(place, { recursive: true, force: true });
  await local.close();
});

const withBlocks = documents
  .map((file) => ({
    file,
    commands: blocksOf(file)
      .filter(({ mark }) => mark === 'run: aws')
      .map((block) => block.commands),
  }))
  .filter(({ commands }) => commands.length > 0);

withPython.each(withBlocks)('what $file says can be done', async ({ commands }) => {
  const { stdout } = await run('bash', ['-euo', 'pipefail', '-c', commands.join('\n')], {
    cwd: place,
    env: { ...environment, AWS_ENDPOINT_URL: local.aws.endpoint, PATH: `${join(place, 'bin')}:${process.env['PATH']}` },
  });
  expect(stdout).toContain(':listener/app/outsystems/');
});
