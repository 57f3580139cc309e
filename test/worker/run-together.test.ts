import { runTogether } from '../../worker/run-together';

/** A worker that runs until it is told to stop, or until something ends it. */
function worker() {
  let state: 'RUNNING' | 'STOPPED' = 'RUNNING';
  let end: (error?: Error) => void = () => undefined;
  const ended = new Promise<void>((resolve, reject) => {
    end = (error) => {
      state = 'STOPPED';
      if (error) reject(error);
      else resolve();
    };
  });
  return { run: () => ended, shutdown: () => end(), getState: () => state, end };
}

test('a worker that fails ends the others, and the process hears why', async () => {
  const [one, other, third] = [worker(), worker(), worker()];
  const running = runTogether([one, other, third]);
  other.end(new Error('The connection was refused.'));
  await expect(running).rejects.toThrow('The connection was refused.');
  expect([one, other, third].map((each) => each.getState())).toEqual(['STOPPED', 'STOPPED', 'STOPPED']);
});

test('a worker that ends by itself ends the others too', async () => {
  const [one, other] = [worker(), worker()];
  const running = runTogether([one, other]);
  one.end();
  await running;
  expect(other.getState()).toBe('STOPPED');
});
