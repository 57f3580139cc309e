/** Whether the listener would take a call now. */
import type { HookCalls } from './hook-calls';
import type { Log } from './quiet-log';

interface Asked {
  readonly settings: () => unknown;
  readonly hookCalls: Pick<HookCalls, 'check'>;
  readonly log: Log;
}

/** For so long an answer of Temporal's holds: whoever asks often asks nobody but this process. */
const readyForMs = 1_000;

/** Whether a call would be taken. Why not is for the log, once for each why: anybody may ask. */
export function readiness({ hookCalls, settings, log }: Asked): () => Promise<boolean> {
  let asked: { readonly at: number; readonly answer: Promise<boolean> } | undefined;
  let told: string | undefined;
  const ask = async () => {
    try {
      settings();
      await hookCalls.check();
      told = undefined;
      return true;
    } catch (error) {
      const why = (error as Error).message;
      if (why !== told) log.warn({ why }, 'not ready');
      told = why;
      return false;
    }
  };
  return () => {
    const at = performance.now();
    if (asked === undefined || at - asked.at > readyForMs) asked = { at, answer: ask() };
    return asked.answer;
  };
}
