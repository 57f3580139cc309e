/** The log streams of all tasks that ever logged: a stream outlives its task. The keys are the group and the stream. */
export type LogsState = Record<string, Record<string, LogStreamRecord>>;

export interface LogStreamRecord {
  /** The file with the container's output. */
  readonly file: string;
  readonly createdAt: number;
}
