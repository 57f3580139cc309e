import type { Random } from '../../../packages/local-aws/src/faults/random';

/** Draws so many of them, in an order that is drawn too. */
export function drawn<T>(every: readonly T[], count: number, random: Random): T[] {
  return every
    .map((one) => ({ one, at: random() }))
    .toSorted((first, second) => first.at - second.at)
    .slice(0, count)
    .map(({ one }) => one);
}
