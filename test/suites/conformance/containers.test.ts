/** The Compose file against the Compose specification's own schema, and the Dockerfile under its linter. */
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { pythonEnvironment } from '../../../packages/local-aws/test/conformance/python';

const run = promisify(execFile);
const root = join(__dirname, '..', '..', '..');
const { folder, isThere } = pythonEnvironment(join(__dirname, 'requirements.txt'));
const tool = (name: string) => join(folder, 'bin', name);
/** `test`, where the tools are there. */
const withTools = isThere ? test : test.skip;
if (!isThere) {
  process.stderr.write(
    '\n*** NOT TESTED: the Compose file and the Dockerfile. Run "npm run conformance" (it needs Python 3) ***\n\n',
  );
}

withTools('docker-compose.yml is what the Compose specification describes', async () => {
  const words = ['--builtin-schema', 'vendor.compose-spec', join(root, 'docker-compose.yml')];
  const { stdout } = await run(tool('check-jsonschema'), words);
  expect(stdout).toContain('ok');
});

withTools('the linter has nothing to say about the Dockerfile', async () => {
  const { stdout } = await run(tool('hadolint'), [join(root, 'Dockerfile')]);
  expect(stdout).toBe('');
});
