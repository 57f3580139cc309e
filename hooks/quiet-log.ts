/** The listener's log, in which no stranger can write as many lines as he makes calls. */
import { callerOf, forgetOldest, knownCallers } from './rate';

export interface Log {
  readonly info: (facts: object, sentence: string) => void;
  readonly warn: (facts: object, sentence: string) => void;
}

export interface QuietLog extends Log {
  /** Of one caller a line a second, with how many there were besides. */
  readonly refused: (address: string, facts: object, sentence: string) => void;
}

export function quietly(log: Log): QuietLog {
  const isTold = seldom();
  return {
    info: (facts, sentence) => log.info(facts, sentence),
    warn: (facts, sentence) => log.warn(facts, sentence),
    refused: (address, facts, sentence) => {
      const told = isTold(address);
      if (told) log.warn({ address, ...facts, ...(told.untold > 0 && { untold: told.untold }) }, sentence);
    },
  };
}

/**
 * Returns who says whether something of a caller's is told now: once a second, with how often it was not since.
 * @param now milliseconds, from any fixed point
 */
function seldom(now: () => number = () => performance.now()) {
  const told = new Map<string, { at: number; untold: number }>();
  return (address: string): { readonly untold: number } | undefined => {
    const caller = callerOf(address);
    const known = told.get(caller);
    if (known && now() - known.at < 1_000) {
      known.untold += 1;
      return undefined;
    }
    told.delete(caller);
    if (told.size >= knownCallers) forgetOldest(told);
    told.set(caller, { at: now(), untold: 0 });
    return { untold: known?.untold ?? 0 };
  };
}
