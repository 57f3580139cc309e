/** What is fuzzed: a reader of what strangers write, what is given to it, and what must hold whatever that is. */
import type fc from 'fast-check';

/** What can be saved: bytes, a text, or a value of JSON. */
export type Input = Buffer | string | number | boolean | null | readonly Input[] | { readonly [name: string]: Input };

export interface Reader<T extends Input = Input> {
  readonly name: string;
  /** What is tried, in words, for SECURITY.md. */
  readonly tries: string;
  /** Hostile inputs, and good ones beside them. */
  readonly inputs: fc.Arbitrary<T>;
  /** @throws when the promise is broken */
  holds(input: T): Promise<void> | void;
}

/** No reader may take so much of the processor for an input that is no larger than these here. */
const mostMs = 2_000;

/** Whether the reader keeps its promises with this input, and in time. @throws when it doesn't */
export async function keepsItsPromise(reader: Reader, input: Input): Promise<void> {
  const before = process.cpuUsage();
  await reader.holds(input);
  const { user } = process.cpuUsage(before);
  if (user / 1_000 > mostMs) throw new Error(`${reader.name} took ${Math.round(user / 1_000)} ms of the processor`);
}

/** An error is told in one sentence, on one line, of a length that people read. */
export function expectSentence(text: string): void {
  if (text.length > 2_500 || /[\p{Cc}\p{Zl}\p{Zp}]/u.test(text) || !/[.”"]$/.test(text))
    throw new Error(`no sentence: ${JSON.stringify(text.slice(0, 2_600))}`);
}
