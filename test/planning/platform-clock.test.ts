import fc from 'fast-check';
import { planClock } from '../../planning/platform-clock';

const minutes = 60_000;
const clock = (platformTimeoutMs: number) => {
  const { calledAt, deadline, answerBy, waitsUntil } = planClock(0, platformTimeoutMs);
  return [calledAt, deadline, answerBy, waitsUntil].map((at) => Date.parse(at));
};

test('whatever the platform’s patience, there is time to go forward, to roll back, and to answer, in this order', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1_000, max: 24 * 60 * minutes }), (timeoutMs) => {
      const moments = clock(timeoutMs);
      expect(moments).toEqual(moments.toSorted((one, other) => one - other));
      expect(new Set(moments).size).toBe(4);
      expect(moments.at(-1)).toBe(timeoutMs);
    }),
  );
});

test.each([
  ['1 minute', minutes, 15_000],
  ['2 minutes', 2 * minutes, 30_000],
  ['5 minutes', 5 * minutes, 30_000],
  ['30 minutes, the platform’s default', 30 * minutes, 2 * minutes],
])('of %s a margin is kept in which a rollback and its answer end', (_, timeoutMs, marginMs) => {
  const [, deadline = 0, answerBy = 0] = clock(timeoutMs);
  expect([timeoutMs - deadline, timeoutMs - answerBy]).toEqual([marginMs, marginMs / 3]);
});
