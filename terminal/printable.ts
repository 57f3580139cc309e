/** What people, tasks, the platform and AWS wrote, as a terminal may show it. */

const escape = String.fromCharCode(0x1b);
/** Colours of this program's own, which move nothing and hide nothing. */
const kept = `\\t|${escape}\\[(?:0|1|2|22|31|32|33|36|39|90)m`;
/** Control characters, those of direction, and line ends that only some programs know. */
const unsafe = new RegExp(`(${kept})|[\\p{Cc}\\p{Cf}\\p{Zl}\\p{Zp}]`, 'gu');

/** Before what follows a line break in somebody's text: no line of cutover's own begins so. */
const continued = '\n  ┆ ';

/**
 * Shows control characters as `\u001b`, so that none moves a cursor, sets a title or turns the direction of a text. In JSON, where
 * such a character stands in texts only, this is the same JSON.
 */
export const printable = (text: string): string =>
  text.replace(unsafe, (found: string, isKept: string | undefined) =>
    isKept !== undefined || found === '\u200c' || found === '\u200d' ? found : found.split('').map(escaped).join(''),
  );

/** One line: what comes after a line break in it is told from a line of its own. */
export const printableLine = (line: string): string =>
  line
    .replace(/(?:\r?\n)+$/, '')
    .split(/\r?\n/)
    .map(printable)
    .join(continued);

const escaped = (unit: string) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`;
