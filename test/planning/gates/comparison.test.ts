/** Green is called worse than blue only where that is no chance, however often one looks. */
import fc from 'fast-check';
import { allowedAt, probabilityByChance } from '../../../planning/gates/comparison';

const compare = (green: [number, number], blue: [number, number], factor = 1) =>
  probabilityByChance({
    green: { errors: green[0], requests: green[1] },
    blue: { errors: blue[0], requests: blue[1] },
    factor,
  });

test.each([
  // Of 5 failures 5 are green's, which has half of the requests: 1/2 to the fifth.
  [[5, 100], [0, 100], 1, 1 / 32],
  // Of 3 failures 2 or more are green's, which has a quarter: 3 (1/4)² (3/4) + (1/4)³.
  [[2, 100], [1, 300], 1, 10 / 64],
  // Twice as many of green's may fail: then it counts as 200 of 300.
  [[3, 100], [0, 100], 2, 8 / 27],
] as const)('%j against %j at factor %i is by chance once in so many', (green, blue, factor, chance) => {
  expect(compare([...green], [...blue], factor)).toBeCloseTo(chance, 10);
});

test.each([
  ['nothing failed', [0, 100], [0, 100]],
  ['blue had no request', [50, 100], [0, 0]],
  ['green had none', [0, 0], [3, 100]],
] as const)('where %s, nothing is known', (_, green, blue) => {
  expect(compare([...green], [...blue])).toBe(1);
});

test('a share of 10 % that fails once in ten is found within a few hundred requests', () => {
  expect(compare([10, 100], [0, 900], 1.5)).toBeLessThan(allowedAt(99.9, 10) / 2);
  // The same for all of the traffic, against the hour before.
  expect(compare([20, 200], [5, 20_000], 1.5)).toBeLessThan(allowedAt(99.9, 10) / 2);
});

test('a few failures more than blue has are no reason', () => {
  expect(compare([3, 1_000], [10, 9_000], 1.5)).toBeGreaterThan(0.001);
});

test('it is a probability, and the worse green is, the smaller', () => {
  const requests = fc.integer({ min: 1, max: 100_000 });
  fc.assert(
    fc.property(
      requests,
      requests,
      fc.nat(200),
      fc.nat(200),
      fc.integer({ min: 1, max: 5 }),
      (g, b, ge, be, factor) => {
        const green = (errors: number) => compare([Math.min(errors, g), g], [Math.min(be, b), b], factor);
        const chance = green(ge);
        expect(chance).toBeGreaterThanOrEqual(0);
        expect(chance).toBeLessThanOrEqual(1);
        expect(green(ge + 1)).toBeLessThanOrEqual(chance + 1e-9);
      },
    ),
  );
});

test('all looks together spend no more than what may be wrong', () => {
  const spent = Array.from({ length: 10_000 }, (_, at) => allowedAt(99, at + 1)).reduce((sum, one) => sum + one, 0);
  expect(spent).toBeLessThanOrEqual(0.01);
  expect(spent).toBeGreaterThan(0.0099);
});

test('of a thousand deployments that are no worse, hardly one fails, with a look a minute for an hour', () => {
  // A linear congruential generator: the same numbers in every run.
  let seed = 20_261_129;
  const random = () => (seed = (seed * 1_103_515_245 + 12_345) % 2 ** 31) / 2 ** 31;
  const failedOf = (requests: number) => Array.from({ length: requests }, random).filter((one) => one < 0.02).length;
  const wrong = Array.from({ length: 300 }, () => {
    const [green, blue] = [
      { requests: 0, errors: 0 },
      { requests: 0, errors: 0 },
    ];
    for (let look = 1; look <= 60; look += 1) {
      green.requests += 20;
      blue.requests += 60;
      green.errors += failedOf(20);
      blue.errors += failedOf(60);
      if (probabilityByChance({ green, blue, factor: 1 }) < allowedAt(99, look)) return true;
    }
    return false;
  }).filter(Boolean).length;
  // One of a hundred may: three of these, and seldom more than eight.
  expect(wrong).toBeLessThanOrEqual(8);
});
