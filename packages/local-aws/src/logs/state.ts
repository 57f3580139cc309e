/** The log streams of all tasks that ever logged: a stream outlives its task. By group, then by stream. */
export type LogsState = Record<string, Record<string, LogStreamRecord>>;

export interface LogStreamRecord {
  /** What the container printed, line by line. */
  readonly file: string;
  readonly createdAt: number;
}
