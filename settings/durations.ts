/** Durations as people write them (`90s`, `15m`, `24h`), in milliseconds once read. */
import ms from 'ms';
import { z } from 'zod';

/** Not so long that it means nothing: a thousand digits are infinitely many days. */
const written = /^(\d{1,12}|\d{0,12}\.\d{1,12}) ?(ms|s|m|h|d)$/;

/** Reads `500ms`, `90s`, `15m`, `24h`, `7d` into milliseconds. */
const duration = () =>
  z
    .string({ error: 'expected a duration such as "90s", "15m" or "24h"' })
    .regex(written, { error: 'expected a duration such as "90s", "15m" or "24h"' })
    .transform((text) => ms(text as ms.StringValue));

/** A duration between two others, both given as people write them and both allowed. */
export const durationBetween = (shortest: ms.StringValue, longest: ms.StringValue) =>
  duration().refine((value) => value >= ms(shortest) && value <= ms(longest), {
    error: `expected a duration from ${shortest} to ${longest}`,
  });

/** Writes milliseconds as people read them: `45s`, `2m 5s`, `24h`. */
export function formatDuration(durationMs: number): string {
  if (durationMs < 1000) return `${Math.max(0, Math.round(durationMs))}ms`;
  const seconds = Math.round(durationMs / 1000);
  const parts = [
    [Math.floor(seconds / 3600), 'h'],
    [Math.floor((seconds % 3600) / 60), 'm'],
    [seconds % 60, 's'],
  ] as const;
  return parts
    .filter(([amount]) => amount > 0)
    .map(([amount, unit]) => `${amount}${unit}`)
    .join(' ');
}
