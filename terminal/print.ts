/**
 * The one way to a person's terminal: a line at a time, and whatever others wrote in it moves no cursor and forges no line. The
 * linter's rule `house/terminal` lets nothing else write to standard output and standard error.
 */
import { printableLine } from './printable';

/** Each is one line; what comes after a line break in it is marked as its continuation. */
export type Lines = string | readonly string[];

const wholeScreen = '\u001b[H\u001b[2J\u001b[3J';

/** As it is shown, with a line break at its end. */
export const shown = (lines: Lines): string =>
  [lines]
    .flat()
    .map((line) => `${printableLine(line)}\n`)
    .join('');

/** What was asked for, on standard output. */
export const print = (lines: Lines): void => void process.stdout.write(shown(lines));

/** What is said beside it, on standard error. */
export const tell = (lines: Lines): void => void process.stderr.write(shown(lines));

/** In a terminal it takes the place of what was there; elsewhere it comes after it, with an empty line between. */
export const draw = (lines: Lines): void =>
  void process.stdout.write(process.stdout.isTTY ? `${wholeScreen}${shown(lines)}` : `${shown(lines)}\n`);

/** After a `^C` that the terminal has written. */
export const leaveLine = (): void => void (process.stderr.isTTY && process.stderr.write('\n'));
