/** Whoever waits for an answer longer than a command usually takes is told why. */
import { tell } from './print';

/** After that a person wonders whether anything happens. */
const usualMs = 10_000;

/**
 * Says the sentence on standard error, once, if the answer takes its time.
 * @returns the answer; throws as it does
 */
export async function sayIfSlow<T>(sentence: string, answer: Promise<T>): Promise<T> {
  const wondering = setTimeout(() => tell(sentence), usualMs);
  try {
    return await answer;
  } finally {
    clearTimeout(wondering);
  }
}
