/** The blocks of commands that documents mark with `run: aws`: the AWS CLI as it is, against the local AWS. */
import { execFile } from 'node:child_process';
import { mkdtemp, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { startLocalAws, type LocalAws } from '../../../packages/local-aws/test/local-aws';
import { documentsMarked, placeCutover, root } from '../../packaging/documents';
import { environment, venv, withPython } from '../../../packages/local-aws/test/conformance/python';

const run = promisify(execFile);
let local: LocalAws;
let place: string;

beforeAll(async () => {
  local = await startLocalAws();
  place = await mkdtemp(join(tmpdir(), 'cutover-documents-'));
  await symlink(join(root, 'docs'), join(place, 'docs'));
  await placeCutover(place);
  await symlink(join(venv, 'bin', 'aws'), join(place, 'bin', 'aws'));
});
afterAll(async () => {
  await rm(place, { recursive: true, force: true });
  await local.close();
});

/** One that exists: a listener takes no other. */
async function certificate(): Promise<string> {
  const body = JSON.stringify({ names: ['outsystems.example.com'] });
  const issued = await fetch(`${local.aws.controlUrl}/certificates`, { method: 'POST', body });
  return ((await issued.json()) as { readonly arn: string }).arn;
}

const withBlocks = documentsMarked('run: aws');

withPython.each(withBlocks)('what $file says can be done', async ({ commands }) => {
  const script = commands.join('\n').replace(/^CERTIFICATE=.*$/m, `CERTIFICATE=${await certificate()}`);
  const { stdout } = await run('bash', ['-euo', 'pipefail', '-c', script], {
    cwd: place,
    env: { ...environment, AWS_ENDPOINT_URL: local.aws.endpoint, PATH: `${join(place, 'bin')}:${process.env['PATH']}` },
  });
  expect(stdout).toContain(':listener/app/outsystems/');
});
