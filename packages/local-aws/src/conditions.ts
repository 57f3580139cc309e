/**
 * What AWS is like when nothing is broken: reads that are late, rates that hold, tasks that now and then don't start. All of it
 * is on by default, but for failed starts; tests of other things switch it off.
 */
import { randomInt } from 'node:crypto';
import type { TaskKind } from './engine/kinds';

export interface Conditions {
  /**
   * Whether reads of ECS services and tasks, of rules and target groups may show what was there 0.5 to 2 s (scaled) before. Default: true.
   */
  readonly staleReads?: boolean;
  /** By how much AWS's published rates are raised; `off` for none at all. Default: 1. */
  readonly rates?: number | 'off';
  /** The share of tasks, from 0 to 1, that fail to start for want of a network interface. Default: 0. */
  readonly failedStarts?: number;
  /** The tasks' kind: `windows` ones are pulled, begin to answer and stop as slowly as IIS on Windows. Default: as quick as they are. */
  readonly profile?: TaskProfile;
  /** What tasks are: processes of this machine, or containers of an engine. Default: processes. */
  readonly tasks?: TaskKind;
  /** What chance depends on: the same seed gives the same numbers in the same order. Default: a random one. */
  readonly seed?: number;
}

export const taskProfiles = ['windows'] as const;
export type TaskProfile = (typeof taskProfiles)[number];

/** A seed that is easy to type again. */
export const randomSeed = (): number => randomInt(1, 100_000);

/**
 * Reads `--rates`.
 * @throws {Error} of one sentence when it is neither `off` nor a positive number
 */
export function parseRates(text: string): number | 'off' {
  const rates = Number(text);
  if (text === 'off') return 'off';
  if (text.trim() === '' || !(rates > 0 && rates <= 1000))
    throw new Error('--rates takes a number from 0 to 1000, or off.');
  return rates;
}
