/** Where lines of a log go: JSON, which escapes the control characters of ASCII only. A terminal may be what reads them. */
import { pino, type DestinationStream } from 'pino';
import { printable } from './printable';

/** @param fd 1 for standard output, 2 for standard error */
export function logDestination(fd: 1 | 2): DestinationStream {
  const out = pino.destination(fd);
  return { write: (line) => void out.write(`${printable(line.replace(/\n$/, ''))}\n`) };
}
