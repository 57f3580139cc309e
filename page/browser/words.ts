/** How times are written. */

/** `2m 05s`, `1h 02m`. */
export function duration(milliseconds: number): string {
  const seconds = Math.max(0, Math.floor(milliseconds / 1_000));
  const [hours, minutes, rest] = [Math.floor(seconds / 3_600), Math.floor((seconds % 3_600) / 60), seconds % 60];
  const two = (part: number) => String(part).padStart(2, '0');
  if (hours >= 48) return `${Math.floor(hours / 24)} days`;
  if (hours > 0) return `${hours}h ${two(minutes)}m`;
  return minutes > 0 ? `${minutes}m ${two(rest)}s` : `${rest}s`;
}

/** On this machine’s clock, e.g. `22 Nov, 14:03`. */
export const dateAndTime = (iso: string): string =>
  new Date(iso).toLocaleString(undefined, { day: 'numeric', month: 'short', hour: '2-digit', minute: '2-digit' });

/** What comes after the last `:`, or the digest’s beginning; the whole where there is neither. */
export function versionOf(image: string): string {
  const [, digest] = /@sha256:([0-9a-f]{12})/.exec(image) ?? [];
  const [, tag] = /:([^/:@]+)(?:@|$)/.exec(image.replace(/@sha256:.*$/, '')) ?? [];
  return tag ?? digest ?? image;
}

export const phaseNames: Readonly<Record<string, string>> = { cleanUp: 'clean up', rollBack: 'roll back' };
export const phaseName = (phase: string): string => phaseNames[phase] ?? phase;
