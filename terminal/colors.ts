/** Colours in a terminal only, and none where NO_COLOR is set: a file or a pipe gets plain text, in CI too. https://no-color.org */
import picocolors from 'picocolors';

export const colors = picocolors.createColors(process.stdout.isTTY && !process.env['NO_COLOR']);
