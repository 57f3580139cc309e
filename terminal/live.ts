/** Lines that stay in their place and change there, at the end of what a terminal shows; what is over stays above them. */
import { printableLine } from './printable';
import { shown, type Lines } from './print';

export interface Live {
  /** Takes the place of the lines that were there. */
  readonly draw: (lines: readonly string[]) => void;
  /** Writes lines that stay. */
  readonly say: (lines: Lines) => void;
  /** Leaves what was drawn last where it is. */
  readonly close: () => void;
}

type Environment = Readonly<Record<string, string | undefined>>;
type Terminal = Pick<NodeJS.WriteStream, 'isTTY' | 'columns' | 'rows' | 'write'>;

/** Whether somebody looks at it who is better served by a picture than by lines: a log of CI, or what reads it aloud, is not. */
export const canDraw = (environment: Environment, terminal: Pick<Terminal, 'isTTY'> = process.stdout): boolean =>
  terminal.isTTY && !environment['CI'] && !environment['NO_COLOR'] && environment['TERM'] !== 'dumb';

/** Nothing is seen until all of it is there: https://gist.github.com/christianparpart/d8a62cc1ab659194337d73e399004036 */
const [begin, end] = ['\u001b[?2026h', '\u001b[?2026l'];

/** @param terminal of which {@link canDraw} says that it can */
export function openLive(terminal: Terminal = process.stdout): Live {
  let drawn: readonly string[] = [];
  const back = () => (drawn.length === 0 ? '' : `\u001b[${drawn.length}A\r\u001b[J`);
  return {
    draw: (lines) => {
      const next = fitting(lines, terminal);
      if (next.join('\n') === drawn.join('\n')) return;
      terminal.write(`${begin}${back()}${next.map((line) => `${line}\n`).join('')}${end}`);
      drawn = next;
    },
    say: (lines) => {
      terminal.write(`${begin}${back()}${shown(lines)}${drawn.map((line) => `${line}\n`).join('')}${end}`);
    },
    close: () => {
      drawn = [];
    },
  };
}

/** A line that wraps, or more lines than there is room for, could not be drawn over. */
function fitting(lines: readonly string[], { columns, rows }: Terminal): string[] {
  const whole = lines.flatMap((line) => printableLine(line).split('\n'));
  const cut = whole.map((line) => cutTo(line, Math.max(10, columns - 1)));
  if (cut.length < rows) return cut;
  return [...cut.slice(0, Math.max(1, rows - 2)), `… ${cut.length - Math.max(1, rows - 2)} more lines`];
}

const color = new RegExp(`(${String.fromCharCode(0x1b)}\\[\\d+m)`);

/** Colours take no room. */
function cutTo(line: string, width: number): string {
  let left = width;
  return line
    .split(color)
    .map((part, at) => {
      if (at % 2 === 1) return part;
      const letters = Array.from(part);
      const kept =
        letters.length <= left ? part : `${letters.slice(0, Math.max(0, left - 1)).join('')}${left > 0 ? '…' : ''}`;
      left = Math.max(0, left - letters.length);
      return kept;
    })
    .join('');
}
