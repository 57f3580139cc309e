import { Worker } from '@temporalio/worker';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { readHistory, recordedHistories, recordedSums, sumOf } from './histories';

const workflowBundle = { codePath: join(__dirname, '../../../lib/workflow-bundle.js') };

/** The module itself can only be loaded by a worker. */
const index = readFileSync(join(__dirname, '../../../workflows/index.ts'), 'utf8');
const types = [...index.matchAll(/^export \{ (.+) \}/gm)].flatMap(([, names = '']) => names.split(', '));

const startOf = (name: string) => readHistory(name).events?.[0]?.workflowExecutionStartedEventAttributes;
const typeOf = (name: string) => startOf(name)?.workflowType?.name;

test('there is a history of every workflow type', () => {
  expect(new Set(recordedHistories().map(typeOf))).toEqual(new Set(types));
});

test('no history that was recorded is changed or removed, and none is added by hand', () => {
  const now = recordedHistories().map((name) => [name, sumOf(name)] as const);
  expect(new Map(now)).toEqual(recordedSums());
});

/** By run, what doesn't replay: one worker replays them all. */
const replaying = (async () => {
  // The zone of a run's audit trail is found by its workflow's ID.
  const histories = recordedHistories().map((name) => ({
    workflowId: startOf(name)?.workflowId ?? '',
    history: readHistory(name),
  }));
  const failures = new Map<string, Error | undefined>();
  for await (const { runId, error } of Worker.runReplayHistories({ workflowBundle }, histories))
    failures.set(runId, error);
  return failures;
})();

test.each(recordedHistories())('a deployment that ended as %s still runs the same way', async (name) => {
  const failures = await replaying;
  const runId = startOf(name)?.originalExecutionRunId ?? '';
  expect([...failures.keys()]).toContain(runId);
  expect(failures.get(runId)).toBeUndefined();
});
