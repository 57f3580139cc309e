import { answersToWarm, formatWarmed, isBroken, roundsToWarm } from '../../../planning/proof/warming';

const patience = { settleMs: 30_000, patienceMs: 900_000 };

test.each([500, 502, 503, 504, null])(
  'a module that answers %p may be warming up for as long as green may start',
  (status) => {
    expect(isBroken(status, 100, 929_000, patience)).toBe(false);
    expect(isBroken(status, 1, 931_000, patience)).toBe(true);
  },
);

test('an answer that no module gives while it starts is wrong when it is repeated, and never before the route is everywhere', () => {
  expect(isBroken(404, 3, 29_000, patience)).toBe(false);
  expect([1, 2, 3].map((rounds) => isBroken(404, rounds, 31_000, patience))).toEqual([false, false, true]);
});

test.each([1, 2, 3, 5, 10, 20])('of %p replicas, each has answered with a chance of 99 %', (replicas) => {
  const answers = answersToWarm(replicas);
  expect(answers).toBeGreaterThanOrEqual(3);
  expect(replicas * (1 - 1 / replicas) ** answers).toBeLessThanOrEqual(0.01);
});

test('the answers are spread over the addresses, and each is asked three times at least', () => {
  expect([roundsToWarm(10, 3), roundsToWarm(10, 1), roundsToWarm(2, 8), roundsToWarm(1, 1)]).toEqual([22, 66, 3, 3]);
});

test('what was warmed is said with its numbers', () => {
  const warmed = { modules: 30, replicas: 10, answers: 66 };
  expect(formatWarmed({ ...warmed, each: true })).toBe('30 modules answered on each of 10 replicas.');
  expect(formatWarmed({ ...warmed, each: false })).toMatch(/66 times each .* is below 1 %/);
  expect(formatWarmed({ ...warmed, replicas: 100, answers: 600, each: false })).toMatch(/is below 25 %/);
});
