/** A question to the person at the terminal. */
import { createInterface } from 'node:readline/promises';
import { printable } from './printable';

interface Asking {
  /** Default: standard output. */
  readonly aside?: boolean;
  /** Ends the wait, by an error. */
  readonly signal?: AbortSignal;
  /** Called for Ctrl-C, which otherwise ends the question only. */
  readonly onInterrupt?: () => void;
}

/** @returns the answer as it was typed */
export async function ask(question: string, { aside = false, signal, onInterrupt }: Asking = {}): Promise<string> {
  const terminal = createInterface({ input: process.stdin, output: aside ? process.stderr : process.stdout });
  if (onInterrupt) terminal.on('SIGINT', onInterrupt);
  try {
    return await terminal.question(printable(question), signal ? { signal } : {});
  } finally {
    terminal.close();
  }
}
