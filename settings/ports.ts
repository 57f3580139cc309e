/** Ports as they are given on the command line. */
import { InvalidArgumentError } from 'commander';

/** @throws {InvalidArgumentError} for what is none; 0 asks for any */
export function parsePort(text: string): number {
  const port = Number(text);
  if (Number.isInteger(port) && port >= 0 && port <= 65_535 && text.trim() !== '') return port;
  throw new InvalidArgumentError('Expected a number from 0 to 65535.');
}
