/** When a cut may begin: the windows of a policy, and the days that are frozen, each in its own time zone. */
import type { CutWindow, Freeze } from '../../settings/approvals/policy';

export interface CutTimes {
  readonly windows: readonly CutWindow[];
  readonly freeze: readonly Freeze[];
}

export type CutTime =
  | { readonly open: true }
  | {
      readonly open: false;
      /** A sentence. */
      readonly why: string;
      /** Milliseconds since the epoch; `null` where no cut may begin within {@link farthestDays}. */
      readonly opensAt: number | null;
    };

/** How far is looked ahead. */
const farthestDays = 60;
const dayMs = 24 * 3_600_000;
const minuteMs = 60_000;

export function cutTimeAt(times: CutTimes, nowMs: number): CutTime {
  const frozen = times.freeze.find((each) => isFrozen(each, nowMs));
  if (!frozen && isInWindow(times.windows, nowMs)) return { open: true };
  const why = frozen
    ? `No cut begins from ${frozen.from} to ${frozen.to} (${frozen.timeZone}): ${frozen.reason}`
    : `No cut begins now: the windows are ${times.windows.map(formatWindow).join('; ')}`;
  const opensAt = nextOpening(times, nowMs);
  const then = opensAt === null ? `none opens within ${farthestDays} days` : `the next may begin at ${iso(opensAt)}`;
  return { open: false, why: `${why}; ${then}.`, opensAt };
}

const iso = (ms: number) => new Date(ms).toISOString().replace(/:\d\d\.000Z$/, 'Z');

/** `mon tue 08:00–17:30 Europe/Lisbon`. */
export const formatWindow = ({ days, from, to, timeZone }: CutWindow): string =>
  `${days.length === 7 ? 'every day' : days.join(' ')} ${from}–${to} ${timeZone}`;

function isFrozen({ from, to, timeZone }: Freeze, at: number): boolean {
  const { date } = localTime(at, timeZone);
  return from <= date && date <= to;
}

const isInWindow = (windows: readonly CutWindow[], at: number): boolean =>
  windows.length === 0 ||
  windows.some(({ days, from, to, timeZone }) => {
    const { weekday, before, time } = localTime(at, timeZone);
    const isOpenOn = (day: string) => days.some((one) => one === day);
    if (from < to) return isOpenOn(weekday) && from <= time && time < to;
    return (isOpenOn(weekday) && from <= time) || (isOpenOn(before) && time < to);
  });

/** It can only open where a window begins, or where a frozen day is over. */
function nextOpening(times: CutTimes, nowMs: number): number | null {
  const days = Array.from({ length: farthestDays }, (_, day) => nowMs + day * dayMs);
  const starts = times.windows.flatMap(({ from, timeZone }) =>
    days.map((day) => instantOf(localTime(day, timeZone).date, from, timeZone)),
  );
  const thaws = times.freeze.map(({ to, timeZone }) => instantOf(to, '24:00', timeZone));
  const candidates = [...starts, ...thaws].filter((at) => at > nowMs && at <= nowMs + farthestDays * dayMs);
  const open = candidates.filter(
    (at) => isInWindow(times.windows, at) && !times.freeze.some((each) => isFrozen(each, at)),
  );
  return open.length === 0 ? null : Math.min(...open);
}

const names = ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat'];

/** A point in time as clocks in a time zone show it: `2026-12-24`, `17:05`, and the weekday with the one before it. */
function localTime(at: number, timeZone: string) {
  const parts = Object.fromEntries(
    new Intl.DateTimeFormat('en-CA', {
      timeZone,
      hourCycle: 'h23',
      year: 'numeric',
      month: '2-digit',
      day: '2-digit',
      hour: '2-digit',
      minute: '2-digit',
    })
      .formatToParts(at)
      .map(({ type, value }) => [type, value]),
  );
  const date = `${parts['year']}-${parts['month']}-${parts['day']}`;
  const day = new Date(`${date}T00:00:00Z`).getUTCDay();
  return {
    date,
    time: `${parts['hour']}:${parts['minute']}`,
    weekday: names[day] ?? '',
    before: names[(day + 6) % 7] ?? '',
  };
}

/** When clocks in a time zone show this; `24:00` is the next day's first moment. */
function instantOf(date: string, time: string, timeZone: string): number {
  const [hours = 0, minutes = 0] = time.split(':').map(Number);
  const wanted = Date.parse(`${date}T00:00:00Z`) + (hours * 60 + minutes) * minuteMs;
  const offsetAt = (at: number) => {
    const { date: shown, time: clock } = localTime(at, timeZone);
    return Date.parse(`${shown}T${clock}:00Z`) - at;
  };
  // Twice, for the offset may change between the two.
  const guess = wanted - offsetAt(wanted);
  return wanted - offsetAt(guess);
}
