/** How moments are shown to people. Everywhere else they are ISO 8601, in UTC. */

/** `2026-11-22 03:14:15`. */
export const dateAndTime = (iso: string): string => iso.slice(0, 19).replace('T', ' ');

/** `03:14:15`. */
export const timeOfDay = (iso: string): string => iso.slice(11, 19);
