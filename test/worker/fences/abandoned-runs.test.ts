/** Which runs came before: the list only names them, and says by the run that asks whether it has all. */
import { WorkflowNotFoundError, type Client } from '@temporalio/client';
import { earlierRuns } from '../../../worker/fences/abandoned-runs';

type Described = { readonly status: { readonly name: string }; readonly closeTime?: Date };

const closedAt = (name: string, seconds: number): Described => ({
  status: { name },
  closeTime: new Date(Date.UTC(2026, 0, 1, 0, 0, seconds)),
});

/** Temporal, whose list names these runs, each as it really is. */
const temporalWith = (runs: Readonly<Record<string, Described | undefined>>) =>
  ({
    workflow: {
      list: async function* list() {
        for (const runId of Object.keys(runs)) yield await Promise.resolve({ runId });
      },
      getHandle: (workflowId: string, runId: string) => ({
        describe: async () =>
          await Promise.resolve(runs[runId] ?? Promise.reject(new WorkflowNotFoundError('gone', workflowId, runId))),
      }),
    },
  }) as unknown as Client;

const own = { status: { name: 'RUNNING' } };

test('a list without the run that asks may lack others too', async () => {
  expect(await earlierRuns(temporalWith({}), 'local/Orders', 'own')).toEqual({ areAllKnown: false });
  expect(await earlierRuns(temporalWith({ own }), 'local/Orders', 'own')).toEqual({ areAllKnown: true });
});

test('the newest counts of those that were terminated or timed out; what completed or is gone doesn’t', async () => {
  const runs = {
    own,
    first: closedAt('TERMINATED', 1),
    second: closedAt('TIMED_OUT', 2),
    third: closedAt('COMPLETED', 3),
    fourth: undefined,
  };
  expect(await earlierRuns(temporalWith(runs), 'local/Orders', 'own')).toEqual({
    areAllKnown: true,
    lastAbandoned: runs.second.closeTime,
  });
});
