/** One local stack for all end-to-end tests, ten times as fast as AWS; each test brings an application of its own. */
import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startStack, type Stack } from '../local/stack/stack';

export const timeScale = 10;

export default async function startTestStack(): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'cutover-e2e-'));
  const stack = await startStack({ folder, ports: 'auto', timeScale, longestRequestMs: 1_500 });
  (globalThis as { stackForTests?: Stack }).stackForTests = stack;
  process.env['TEST_STACK_FOLDER'] = folder;
}
