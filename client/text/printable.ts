/** What people, tasks and AWS wrote, as a terminal may show it. */

const escape = String.fromCharCode(0x1b);
/** Colours of this program's own, which move nothing and hide nothing. */
const kept = `\\n|\\t|${escape}\\[(?:0|1|2|22|31|32|33|39|90)m`;
/** Control characters, those of direction, and line ends that only some programs know. */
const unsafe = new RegExp(`(${kept})|[\\p{Cc}\\p{Cf}\\p{Zl}\\p{Zp}]`, 'gu');

/**
 * Shows control characters as `\u001b`, so that none moves a cursor, sets a title or turns the direction of a text. In JSON, where
 * such a character stands in texts only, this is the same JSON.
 */
export const printable = (text: string): string =>
  text.replace(unsafe, (found: string, isKept: string | undefined) =>
    isKept !== undefined || found === '\u200c' || found === '\u200d' ? found : found.split('').map(escaped).join(''),
  );

const escaped = (unit: string) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`;
