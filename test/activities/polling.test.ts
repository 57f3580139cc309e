import { CancelledFailure } from '@temporalio/common';
import { MockActivityEnvironment } from '@temporalio/testing';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { pause, poll } from '../../activities/polling';

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
