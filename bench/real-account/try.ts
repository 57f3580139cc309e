/** A question to a real account, and its answer. */
import type { Stage } from './stage';

export type Facts = Readonly<Record<string, unknown>>;

export interface Try {
  readonly name: string;
  readonly question: string;
  /** What cutover takes for granted until it is answered. */
  readonly assumes: string;
  /** @throws {NotTried} when it lacks something that was not given */
  readonly run: (stage: Stage) => Promise<Facts>;
}

/** Why a question was not asked. */
export class NotTried extends Error {}

/** `accepted`, or AWS's code and words. */
export async function outcomeOf(call: () => Promise<unknown>): Promise<string> {
  try {
    await call();
    return 'accepted';
  } catch (error) {
    const { name, message, $metadata } = error as Error & { readonly $metadata?: object };
    // Only AWS's own answers are facts.
    if ($metadata === undefined) throw error;
    return `${name}: ${message}`;
  }
}
