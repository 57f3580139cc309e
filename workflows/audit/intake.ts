/** Takes what runs hand over, each entry once: a run counts its entries, and may hand one over again. */
import type { AuditEntry } from '../../contract/audit';

/** A run that is over hands over nothing more: the newest runs are enough. */
const mostSeen = 500;

export interface Intake {
  /** Gives the entries that are new to `keep`, in their order. */
  readonly take: (entries: readonly AuditEntry[]) => void;
  /** The highest number of each of the newest runs, for a new beginning. */
  readonly seen: () => [run: string, number: number][];
}

/** @param before as {@link Intake.seen} gave it */
export function createIntake(before: readonly [string, number][], keep: (entry: AuditEntry) => void): Intake {
  const seen = new Map(before);
  return {
    take: (entries) => {
      for (const entry of entries) {
        if (entry.number <= (seen.get(entry.run) ?? 0)) continue;
        seen.delete(entry.run);
        seen.set(entry.run, entry.number);
        keep(entry);
      }
    },
    seen: () => [...seen].slice(-mostSeen),
  };
}
