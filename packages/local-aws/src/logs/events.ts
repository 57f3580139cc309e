/**
 * The events of a log stream: the lines of a container's log file, each with the time at which it was noticed. A file has no
 * times of its own, so its size at various moments is noted while it grows. Lines from before a restart, for which no moment
 * is known, get the first one that is known.
 */
import { readFileSync, statSync } from 'node:fs';

export interface LogEvent {
  /** Milliseconds since the epoch. */
  readonly timestamp: number;
  readonly message: string;
}

interface Moment {
  readonly size: number;
  readonly at: number;
}

export interface LogClock {
  /** Notes a file's size at this moment. */
  note(file: string): void;
  /** All events of a file, with the oldest at the beginning. */
  events(file: string): LogEvent[];
}

const mostMoments = 10_000;

export function createLogClock(now: () => number): LogClock {
  const moments = new Map<string, Moment[]>();
  const note = (file: string): void => {
    const { size, mtimeMs } = statSync(file, { throwIfNoEntry: false }) ?? { size: 0, mtimeMs: 0 };
    const known = moments.get(file) ?? [];
    if (size === (known.at(-1)?.size ?? 0)) return;
    // At the first look at a file, its content may be old: its time of change is known.
    const at = Math.round(known.length === 0 ? mtimeMs : Math.min(mtimeMs, now()));
    const thinned = known.length < mostMoments ? known : known.filter((_, index) => index % 2 === 1);
    moments.set(file, [...thinned, { size, at }]);
  };
  return {
    note,
    events: (file) => {
      note(file);
      return eventsOf(readLog(file), moments.get(file) ?? []);
    },
  };
}

function eventsOf(log: Buffer, moments: readonly Moment[]): LogEvent[] {
  const events: LogEvent[] = [];
  let from = 0;
  let moment = 0;
  while (from < log.length) {
    const newline = log.indexOf(10, from);
    const end = newline === -1 ? log.length : newline;
    while (moment < moments.length - 1 && (moments[moment]?.size ?? 0) < end) moment++;
    const message = log.toString('utf8', from, end).replace(/\r$/, '');
    if (message !== '') events.push({ timestamp: moments[moment]?.at ?? 0, message });
    from = end + 1;
  }
  return events;
}

function readLog(file: string): Buffer {
  try {
    return readFileSync(file);
  } catch {
    return Buffer.alloc(0);
  }
}
