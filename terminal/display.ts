/**
 * Shows what happens as lines, and in a terminal with one more line at the bottom that is always up to date. A question replaces
 * that line while it waits for its answer.
 */
import colors from 'picocolors';
import { ask } from './ask';
import { shown, type Lines } from './print';
import { printable } from './printable';

export interface Display {
  /** Whether somebody sees it and can answer. */
  readonly inTerminal: boolean;
  /** Writes lines that stay. */
  readonly say: (lines: Lines) => void;
  /** Sets the line at the bottom, empty for none; shown in a terminal only. */
  readonly now: (line: string) => void;
  /** Asks for a line; undefined when the signal ends the wait, or outside a terminal. */
  readonly ask: (question: string, signal: AbortSignal) => Promise<string | undefined>;
  readonly close: () => void;
}

const spinner = ['⠋', '⠙', '⠹', '⠸', '⠼', '⠴', '⠦', '⠧', '⠇', '⠏'];
const drawEveryMs = 100;
const clearLine = '\r\u001b[2K';

/** @param aside on standard error, because standard output is for programs */
export function openDisplay(aside: boolean): Display {
  const output = aside ? process.stderr : process.stdout;
  return output.isTTY && process.stdin.isTTY ? terminalDisplay(output, aside) : plainDisplay(output);
}

/** Writes plain lines, to a file or a pipe. */
function plainDisplay(output: NodeJS.WritableStream): Display {
  return {
    inTerminal: false,
    say: (lines) => void output.write(shown(lines)),
    now: () => undefined,
    ask: async () => undefined,
    close: () => undefined,
  };
}

/** Writes lines to a terminal, above one that moves; `close` ends it. */
function terminalDisplay(output: NodeJS.WriteStream, aside: boolean): Display {
  let [bottom, asking, frame] = ['', false, 0];
  const draw = (): void => {
    if (asking || bottom === '') return;
    const sign = colors.cyan(spinner[(frame += 1) % spinner.length] ?? '');
    output.write(`${clearLine}${sign} ${bottom.slice(0, Math.max(10, output.columns - 3))}`);
  };
  const timer = setInterval(draw, drawEveryMs);
  return {
    inTerminal: true,
    say: (lines) => {
      output.write(`${clearLine}${shown(lines)}`);
      draw();
    },
    now: (line) => {
      bottom = printable(line);
    },
    ask: async (question, signal) => {
      asking = true;
      output.write(clearLine);
      // What asks catches Ctrl-C, which is to end everything.
      const onInterrupt = () => process.kill(process.pid, 'SIGINT');
      return await ask(colors.bold(question), { aside, signal, onInterrupt })
        .catch(() => undefined)
        .finally(() => (asking = false));
    },
    close: () => {
      clearInterval(timer);
      if (bottom !== '') output.write(clearLine);
    },
  };
}
