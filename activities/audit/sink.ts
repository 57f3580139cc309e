/** What keeps an audit trail. */
export interface AuditSink {
  /** Every line of a zone, in the order in which they stand there. */
  readonly read: (zone: string) => Promise<string[]>;
  /** Adds lines at the end, and changes none. Idempotent, but that the same lines may stand there twice. */
  readonly append: (zone: string, lines: readonly string[]) => Promise<void>;
}

export const linesOf = (text: string): string[] => text.split('\n').filter((line) => line !== '');

/** Whether AWS's error has this name. */
export const isNamed = (failure: unknown, name: string): boolean => failure instanceof Error && failure.name === name;
