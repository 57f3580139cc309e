/** The blocks of commands that documents mark with `run: stack`, run as they are written, document by document, on a stack. */
import { spawn } from 'node:child_process';
import { mkdtemp, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { documentsMarked, placeCutover } from '../../packaging/documents';
import { expectHealthyToRoute53, folder, stack } from './live-application';

let place: string;

// Where somebody would be who follows the document: `.cutover` is here, and `npx cutover` is the command.
beforeAll(async () => {
  place = await mkdtemp(join(tmpdir(), 'cutover-documents-'));
  await symlink(folder, join(place, '.cutover'));
  await placeCutover(place);
});
afterAll(async () => {
  await rm(place, { recursive: true, force: true });
  await expectHealthyToRoute53(['Orders']);
});

const withBlocks = documentsMarked('run: stack');

test('there are such documents', () => expect(withBlocks.map(({ file }) => file)).toContain('docs/try-it.md'));

test.each(withBlocks)(
  'what $file says can be done',
  async ({ commands }) => {
    const { address, namespace } = stack().temporal;
    const environment = { ...process.env, PATH: `${join(place, 'bin')}:${process.env['PATH']}` };
    const said = await shell(commands.join('\n'), {
      ...environment,
      TEMPORAL_ADDRESS: address,
      TEMPORAL_NAMESPACE: namespace,
    });
    // The output of a command that failed stands in the failure.
    expect(said).toEqual({ status: 0, output: '' });
  },
  300_000,
);

/** Stops at the first command that fails; the output says which. */
async function shell(script: string, env: NodeJS.ProcessEnv): Promise<{ status: number | null; output: string }> {
  const child = spawn('bash', ['-euxo', 'pipefail', '-c', script], { cwd: place, env });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (text: Buffer) => (output += text.toString()));
  const status = await new Promise<number | null>((resolve) => child.once('close', resolve));
  return { status, output: status === 0 ? '' : output.slice(-3_000) };
}
