/**
 * How the demo shows what happens: as lines, and in a terminal with one more line at the bottom that is always up to date. A
 * question replaces that line while it waits for its answer.
 */
import { createInterface } from 'node:readline/promises';
import colors from 'picocolors';

export interface Display {
  /** Writes a line that stays. */
  readonly say: (line: string) => void;
  /** Sets the line at the bottom, empty for none; shown in a terminal only. */
  readonly now: (line: string) => void;
  /** Asks for a line; undefined when the signal ends the wait, or outside a terminal. */
  readonly ask: (question: string, signal: AbortSignal) => Promise<string | undefined>;
  readonly close: () => void;
}

const spinner = ['⠋', '⠙', '⠹', '⠸', '⠼', '⠴', '⠦', '⠧', '⠇', '⠏'];
const drawEveryMs = 100;
const clearLine = '\r\u001b[2K';

/** Writes plain lines, to a file or a pipe. */
export function plainDisplay(output: NodeJS.WritableStream): Display {
  return {
    say: (line) => void output.write(`${line}\n`),
    now: () => undefined,
    ask: async () => undefined,
    close: () => undefined,
  };
}

/** Writes lines to a terminal, above one that moves; `close` ends it. */
export function terminalDisplay(output: NodeJS.WriteStream): Display {
  let [bottom, asking, frame] = ['', false, 0];
  const draw = (): void => {
    if (asking || bottom === '') return;
    const sign = colors.cyan(spinner[(frame += 1) % spinner.length] ?? '');
    output.write(`${clearLine}${sign} ${bottom.slice(0, Math.max(10, output.columns - 3))}`);
  };
  const timer = setInterval(draw, drawEveryMs);
  return {
    say: (line) => {
      output.write(`${clearLine}${line}\n`);
      draw();
    },
    now: (line) => {
      bottom = line;
    },
    ask: async (question, signal) => {
      asking = true;
      output.write(clearLine);
      const lines = createInterface({ input: process.stdin, output });
      // readline catches Ctrl-C, which is to end the demo.
      lines.on('SIGINT', () => process.kill(process.pid, 'SIGINT'));
      try {
        return await lines.question(colors.bold(question), { signal }).catch(() => undefined);
      } finally {
        lines.close();
        asking = false;
      }
    },
    close: () => {
      clearInterval(timer);
      if (bottom !== '') output.write(clearLine);
    },
  };
}
