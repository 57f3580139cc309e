import { CancelledFailure } from '@temporalio/common';
import { MockActivityEnvironment } from '@temporalio/testing';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { asPart, pause, poll, waitedMs } from '../../activities/polling';

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;
const heapUsed = () => {
  collectGarbage();
  return process.memoryUsage().heapUsed;
};

test('a watch that goes on for days keeps nothing of its pauses', async () => {
  const looks = 20_000;
  await new MockActivityEnvironment().run(async () => {
    const before = heapUsed();
    for (let round = 0; round < 20; round += 1) await Promise.all(Array.from({ length: looks / 20 }, () => pause(1)));
    expect((heapUsed() - before) / looks).toBeLessThan(300);
  });
});

test('who waits ends with the cancellation, and looks no more', async () => {
  const activity = new MockActivityEnvironment();
  let looks = 0;
  const watching = activity.run(() =>
    poll(
      async () => {
        looks += 1;
        activity.cancel('CANCELLED');
        return await Promise.resolve(undefined);
      },
      { everyMs: 60_000 },
    ),
  );
  await expect(watching).rejects.toBeInstanceOf(CancelledFailure);
  expect(looks).toBe(1);
});

test('the patience of each part of an activity begins with that part', async () => {
  const activity = new MockActivityEnvironment({ scheduledTimestampMs: Date.now() - 3_600_000 });
  const waited: number[] = [];
  await activity.run(async () => {
    waited.push(waitedMs());
    await asPart(async () => {
      await pause(20);
      waited.push(waitedMs());
    });
    await asPart(async () => void waited.push(await Promise.resolve(waitedMs())));
  });
  const [whole = 0, first = 0, second = 0] = waited;
  expect(whole).toBeGreaterThanOrEqual(3_600_000);
  expect(first).toBeLessThan(3_600_000);
  expect(second).toBeLessThan(first);
});
