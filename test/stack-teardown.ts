/**
 * Ends the stack, and holds what cutover called on it against the worker's policy: nothing may have been refused, and after a
 * whole suite each action of each statement must have been what alone allowed some call.
 */
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { recordedDecisions, recordedOperations, type Decision } from '../packages/local-aws/src/index';
import { workerAccessKey } from '../local/stack/secrets';
import type { Stack } from '../local/stack/stack';
import { runsAll } from './drawn';
import { actionsOf, neededFor, policy, unneeded } from './packaging/policies';

export default async function endTestStack({ testPathPatterns, testNamePattern, nonFlagArgs }: Asked): Promise<void> {
  const folder = process.env['TEST_STACK_FOLDER'] ?? '';
  await (globalThis as { stackForTests?: Stack }).stackForTests?.close();
  const called = recordedOperations(join(folder, 'aws'), 'cutover');
  const decisions = recordedDecisions(join(folder, 'aws'), workerAccessKey);
  await rm(folder, { recursive: true, force: true });
  // `npm run chaos` has some of the files.
  const isWhole = !runsAll && !testNamePattern && (testPathPatterns?.patterns ?? nonFlagArgs ?? []).length === 0;
  comparePolicy(called, decisions, isWhole);
}

/** What of jest's configuration tells whether all tests run. */
interface Asked {
  readonly testPathPatterns?: { readonly patterns?: readonly string[] };
  readonly testNamePattern?: string;
  readonly nonFlagArgs?: readonly string[];
}

function comparePolicy(called: readonly string[], decisions: readonly Decision[], isWhole: boolean): void {
  const worker = policy('worker');
  const allowed = actionsOf(worker);
  const missing = neededFor(called).filter((action) => !allowed.includes(action));
  if (missing.length > 0) fail(`The worker called what its policy doesn't allow: ${missing.join(', ')}.`);
  const refused = decisions.filter((decision) => decision.refused !== undefined);
  for (const { action, refused: resource } of refused)
    fail(`The worker was refused ${action} on ${resource}: its policy is too narrow.`);
  if (!isWhole) return;
  const unused = unneeded(worker, decisions);
  if (unused.length > 0) fail(`The worker's policy could do without: ${unused.join(', ')}.`);
}

/** The run fails, and still says what passed: what is thrown here would keep jest from writing its result. */
function fail(sentence: string): void {
  process.stderr.write(`${sentence}\n`);
  process.exitCode = 1;
}
