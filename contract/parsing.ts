/** Reading what crosses a process: bad input becomes one sentence, and is never thrown as a plain error. */
import type { z } from 'zod';

/** What was read, or why it can't be read: a sentence for the person who sent it. */
export type Parsed<T> = { readonly value: T } | { readonly error: string };

/** Stands for a message that can't be read at all; every parser here refuses it. */
export class Unreadable {
  /** @param why it can't be read, to follow "The input" */
  constructor(readonly why: string) {}
}

/** The Temporal UI sends `null` or an empty text where people leave the input empty. */
export const isNothing = (input: unknown) => input === undefined || input === null || input === '';

/** One sentence, of at most 1,500 characters, about the first things that are wrong; never throws. */
export function parseRequest<T>(schema: z.ZodType<T>, input: unknown, what: string, example: string): Parsed<T> {
  if (input instanceof Unreadable) return { error: `The input ${input.why}. It looks like ${example}, as JSON.` };
  const result = schema.safeParse(input);
  if (result.success) return { value: result.data };
  const problems = result.error.issues.slice(0, 3).map(({ path, message }) => {
    const where = path.length > 0 ? `${path.map(String).join('.')}: ` : '';
    return shortened(`${where}${message.replace(/^Invalid input: /, '')}`);
  });
  return { error: `The input is not ${what}: ${problems.join('; ')}. It looks like ${example}.` };
}

/** A name that is wrong may be as long as a message; the server takes no such sentence. Cuts no character in half. */
const shortened = (text: string): string =>
  text.length <= 400 ? text : `${Array.from(text.slice(0, 399)).slice(0, -1).join('')}…`;
