/** AWS's times on one machine: divided by the configuration's time scale. */

/** Seconds of the configuration as real milliseconds. */
export function scaledMs(seconds: number, timeScale: number): number {
  return (seconds * 1000) / timeScale;
}

/**
 * A time within which a real process has to answer (a health check), or to notice that a node leaves. Processes don't get faster
 * with the time scale, so scaling stops at `leastMs`, but the time is never longer than AWS's own.
 */
export function scaledAnswerMs(seconds: number, timeScale: number, leastMs: number): number {
  return Math.min(seconds * 1000, Math.max(leastMs, scaledMs(seconds, timeScale)));
}

/** A number among AWS's attributes, which are all text; `fallback` when it is absent or not a number. */
export function numberAttribute(attributes: Readonly<Record<string, string>>, key: string, fallback: number): number {
  const value = Number(attributes[key]);
  return attributes[key] === undefined || attributes[key] === '' || Number.isNaN(value) ? fallback : value;
}
