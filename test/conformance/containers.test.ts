/** The Compose file against the Compose specification's own schema, and the Dockerfile under its linter. */
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { venv, withPython } from '../../packages/local-aws/test/conformance/python';

const run = promisify(execFile);
const root = join(__dirname, '..', '..');
const tool = (name: string) => join(venv, 'bin', name);

withPython('docker-compose.yml is what the Compose specification describes', async () => {
  const words = ['--builtin-schema', 'vendor.compose-spec', join(root, 'docker-compose.yml')];
  const { stdout } = await run(tool('check-jsonschema'), words);
  expect(stdout).toContain('ok');
});

withPython('the linter has nothing to say about the Dockerfile', async () => {
  const { stdout } = await run(tool('hadolint'), [join(root, 'Dockerfile')]);
  expect(stdout).toBe('');
});
