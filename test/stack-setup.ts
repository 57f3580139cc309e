/**
 * One local stack for all end-to-end tests, ten times as fast as AWS; each test brings an application of its own. They share its
 * rates, which are raised so much more that they rarely wait for one another: the chaos project has the rates as published.
 */
import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startStack, type Stack } from '../local/stack/stack';

export const timeScale = 10;

export default async function startTestStack(): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'cutover-e2e-'));
  const stack = await startStack({
    folder,
    ports: 'auto',
    timeScale,
    rates: 3 * timeScale,
    longestRequestMs: 1_500,
    // Looks are two thirds of a deployment's calls, and these tests are bound by CPU.
    pollMs: 1_000,
  });
  (globalThis as { stackForTests?: Stack }).stackForTests = stack;
  process.env['TEST_STACK_FOLDER'] = folder;
}
