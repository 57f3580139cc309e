/** What every measurement does with its figures. */

/** The value that this share of them doesn't exceed. */
export function at(values: readonly number[], share: number): number {
  const sorted = values.toSorted((one, other) => one - other);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? NaN;
}

/** Milliseconds as seconds, in tenths. */
export const inTenths = (milliseconds: number): number => Math.round(milliseconds / 100) / 10;

/** Ends the program with status 1, and why, where the measurement fails. */
export function reported(main: () => Promise<void>): void {
  main().catch((error: unknown) => {
    process.stderr.write(`${String(error)}\n`);
    process.exitCode = 1;
  });
}
