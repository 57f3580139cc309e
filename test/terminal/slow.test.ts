/** Whoever waits longer than usual is told why, on standard error, where it is no part of an answer. */
import { sayIfSlow } from '../../terminal/slow';

let said: string[];
beforeEach(() => {
  said = [];
  jest.useFakeTimers();
  jest.spyOn(process.stderr, 'write').mockImplementation((text) => said.push(String(text)) > 0);
});
afterEach(() => {
  jest.useRealTimers();
  jest.restoreAllMocks();
});

const after = async <Answer>(ms: number, answer: () => Answer): Promise<Answer> => {
  await new Promise((resolve) => setTimeout(resolve, ms));
  return answer();
};

test('an answer that takes half a minute is waited for with a sentence, once', async () => {
  const answer = sayIfSlow(
    'Still reading.',
    after(30_000, () => 7),
  );
  await jest.advanceTimersByTimeAsync(30_000);
  expect(await answer).toBe(7);
  expect(said).toEqual(['Still reading.\n']);
});

test('an answer and a refusal that come soon are all that is said', async () => {
  const refused = after(9_000, () => {
    throw new Error('no');
  });
  const answer = sayIfSlow('Still reading.', refused).catch((error: unknown) => error);
  await jest.advanceTimersByTimeAsync(60_000);
  expect(await answer).toEqual(new Error('no'));
  expect(said).toEqual([]);
});
