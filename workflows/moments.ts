/** Moments as people read them; all of them are kept in ISO 8601, in UTC, which nobody reads. */

/** `2026-11-22 03:14:15`. */
export const dateAndTime = (iso: string): string => iso.slice(0, 19).replace('T', ' ');

/** `03:14:15`. */
export const timeOfDay = (iso: string): string => iso.slice(11, 19);
