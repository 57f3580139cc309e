import { seededRandom, type Random } from '../packages/local-aws/src/faults/random';

/** Whether everything is run, as `npm run chaos` does, instead of a sample. */
export const runsAll = process.env['CHAOS'] === 'all';

/** What decides which of them `npm test` runs: CHAOS_SEED repeats a draw, and jest.config.js chooses one where nobody has. */
export const drawSeed = Number(process.env['CHAOS_SEED']);

/** Draws so many of them, in an order that is drawn too. */
export function drawn<T>(every: readonly T[], count: number, random: Random): T[] {
  return every
    .map((one) => ({ one, at: random() }))
    .toSorted((first, second) => first.at - second.at)
    .slice(0, count)
    .map(({ one }) => one);
}

/** So many of them, in their own order, and all of them where everything is run. */
export function sampleOf<T>(every: readonly T[], count: number): readonly T[] {
  if (runsAll) return every;
  const taken = new Set(drawn(every, count, seededRandom(drawSeed)));
  return every.filter((one) => taken.has(one));
}
