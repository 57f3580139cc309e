/** Waits that their run has ended: they look at nothing any more, long before they hear of it. */
import { CancelledFailure } from '@temporalio/common';
import { MockActivityEnvironment } from '@temporalio/testing';
import type { ActivityExecuteInput, ActivityInboundCallsInterceptor } from '@temporalio/worker';
import { poll } from '../../../activities/polling';
import { taskQueues } from '../../../contract/ids';
import { endsWatches, type DescribePending, type PendingActivity } from '../../../worker/fences/ended-watches';

const workflowExecution = { workflowId: 'local/Orders', runId: 'run' };

/** Does this as the activity of a run. */
function does(
  interceptors: ReturnType<typeof endsWatches>,
  { activityId, taskQueue, runId = 'run' }: { activityId: string; taskQueue: string; runId?: string },
  work: () => Promise<unknown>,
) {
  const execution = { ...workflowExecution, runId };
  const activity = new MockActivityEnvironment({ activityId, attempt: 1, taskQueue, workflowExecution: execution });
  const ended = activity.run(async () => {
    const { inbound } = interceptors(activity.context);
    const input: ActivityExecuteInput = { args: [], headers: {} };
    return await (inbound as Required<ActivityInboundCallsInterceptor>).execute(input, work);
  });
  return { activity, ended };
}

/** A watch that looks every millisecond, and something that its run does after so many looks. */
async function watchBeside(pending: DescribePending, next: Partial<Parameters<typeof does>[1]> = {}) {
  const interceptors = endsWatches(pending);
  let looks = 0;
  const look = async () => {
    looks += 1;
    return await Promise.resolve(undefined);
  };
  const watch = does(interceptors, { activityId: 'watch', taskQueue: taskQueues.waits }, () =>
    poll(look, { everyMs: 1 }),
  );
  await until(() => looks >= 3);
  await does(interceptors, { activityId: 'write', taskQueue: taskQueues.aws, ...next }, () => Promise.resolve()).ended;
  return {
    /** Whether it still looks. */
    looks: async () => {
      // What was under way as Temporal was asked comes to its end.
      await new Promise((resolve) => setTimeout(resolve, 20));
      const before = looks;
      await new Promise((resolve) => setTimeout(resolve, 50));
      return looks > before;
    },
    cancel: async () => {
      watch.activity.cancel('CANCELLED');
      await expect(watch.ended).rejects.toBeInstanceOf(CancelledFailure);
    },
  };
}

async function until(isTrue: () => boolean): Promise<void> {
  while (!isTrue()) await new Promise((resolve) => setImmediate(resolve));
}

const counting = (...pending: PendingActivity[]): DescribePending => jest.fn(() => Promise.resolve(pending));
const watch: PendingActivity = { activityId: 'watch', attempt: 1, isCancelled: false };

test.each([
  ['its run has ended it', [{ ...watch, isCancelled: true }]],
  ['another attempt counts', [{ ...watch, attempt: 2 }]],
  ['nobody counts on it', []],
] as const)('a watch looks at nothing any more once %s, and ends when it hears of it', async (_, pending) => {
  const watched = await watchBeside(counting(...pending));
  expect(await watched.looks()).toBe(false);
  await watched.cancel();
});

test.each([
  ['Temporal counts on it', counting(watch), {}],
  ['Temporal doesn’t answer', () => Promise.reject(new Error('unavailable')), {}],
  ['only another run does something', counting(), { runId: 'another' }],
])('a watch goes on while %s', async (_, pending, next) => {
  const watched = await watchBeside(pending, next);
  expect(await watched.looks()).toBe(true);
  await watched.cancel();
});

test('nobody is asked about a run without waits', async () => {
  const pending = counting();
  const interceptors = endsWatches(pending);
  for (const activityId of ['one', 'another'])
    await does(interceptors, { activityId, taskQueue: taskQueues.aws }, () => Promise.resolve()).ended;
  expect(pending).not.toHaveBeenCalled();
});
