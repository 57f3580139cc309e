/**
 * Ends the stack, and holds what cutover called on it against the worker's policy: every action must be in it, and after a
 * whole suite none may be in it that nobody used.
 */
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { recordedOperations } from '../packages/local-aws/src/index';
import type { Stack } from '../local/stack/stack';
import { actionsOf, neededFor, policy, untried } from './packaging/policies';

export default async function endTestStack({ testPathPatterns, testNamePattern, nonFlagArgs }: Asked): Promise<void> {
  const folder = process.env['TEST_STACK_FOLDER'] ?? '';
  await (globalThis as { stackForTests?: Stack }).stackForTests?.close();
  const called = recordedOperations(join(folder, 'aws'), 'cutover');
  await rm(folder, { recursive: true, force: true });
  const isWhole = !testNamePattern && (testPathPatterns?.patterns ?? nonFlagArgs ?? []).length === 0;
  comparePolicy(called, isWhole);
}

/** What of jest's configuration tells whether all tests run. */
interface Asked {
  readonly testPathPatterns?: { readonly patterns?: readonly string[] };
  readonly testNamePattern?: string;
  readonly nonFlagArgs?: readonly string[];
}

function comparePolicy(called: readonly string[], isWhole: boolean): void {
  const allowed = actionsOf(policy('worker'));
  const needed = neededFor(called);
  const missing = needed.filter((action) => !allowed.includes(action));
  if (missing.length > 0) fail(`The worker called what its policy doesn't allow: ${missing.join(', ')}.`);
  const unused = allowed.filter((action) => !needed.includes(action) && !untried.includes(action));
  if (isWhole && unused.length > 0) fail(`The worker's policy allows what no test used: ${unused.join(', ')}.`);
}

/** The run fails, and still says what passed: what is thrown here would keep jest from writing its result. */
function fail(sentence: string): void {
  process.stderr.write(`${sentence}\n`);
  process.exitCode = 1;
}
