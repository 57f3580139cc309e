/** A share that hangs holds its own zone's work and no other's, and whoever waits on it is let go. */
import { MockActivityEnvironment } from '@temporalio/testing';
import { zoneFolders } from '../../../activities/files/zone-folders';

/** An attempt of an activity as a worker runs it, until it is cancelled: by the attempt's end, too. */
function attempt(work: () => Promise<unknown>) {
  const environment = new MockActivityEnvironment();
  const done = environment.run(work) as Promise<unknown>;
  done.catch(() => undefined);
  return { done, cancel: () => environment.cancel('TIMED_OUT') };
}

test('one zone’s share hangs: the others go on, and every attempt on it ends when it is no longer wanted', async () => {
  const inFolder = zoneFolders();
  const hung: (() => void)[] = [];
  const hangs = () => new Promise<void>((resolve) => void hung.push(resolve));
  const well = () => Promise.resolve('done');

  const attempts = Array.from({ length: 12 }, () => attempt(() => inFolder('hanging', 'configurations', hangs)));
  expect(await attempt(() => inFolder('well', 'configurations', well)).done).toBe('done');
  for (const { cancel } of attempts) cancel();
  for (const { done } of attempts) await expect(done).rejects.toThrow('TIMED_OUT');

  // What hangs keeps its place although nobody waits for it; when it comes back, the next attempt gets its turn.
  const next = attempt(() => inFolder('hanging', 'configurations', well));
  expect(hung).toHaveLength(2);
  hung.forEach((end) => end());
  expect(await next.done).toBe('done');
});
