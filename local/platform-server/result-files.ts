/**
 * The platform's side of the result folder: it polls for a file, reads it as soon as it is there and never again, and deletes
 * all files of an operation except the newest.
 */
import { readdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { hookSteps, type HookCall } from './hook-calls';

/** What a result file says; `timedOut` when there was none in time. */
export type Answer =
  | { readonly outcome: 'succeeded'; readonly skipPing: boolean }
  | { readonly outcome: 'failed'; readonly message: string }
  | { readonly outcome: 'timedOut' };

const lookEveryMs = 200;

/** @param until on the clock of `performance.now()`; a file that appears later is never read */
export async function waitForAnswer(
  folder: string,
  call: HookCall,
  until: number,
  signal: AbortSignal,
): Promise<Answer> {
  const wanted = fileOf(call).toLowerCase();
  while (performance.now() < until) {
    const name = (await namesIn(folder)).find((each) => each.toLowerCase() === wanted);
    if (name !== undefined) return parseAnswer(await readFile(join(folder, name), 'utf8'));
    await sleep(lookEveryMs, undefined, { signal });
  }
  return { outcome: 'timedOut' };
}

/** Deletes an operation's files, except the one that was just processed. */
export async function removeEarlierAnswers(folder: string, call: HookCall): Promise<void> {
  const [processed, operation] = [fileOf(call), `${call.key}_${call.operationId}`].map((name) => name.toLowerCase());
  for (const name of await namesIn(folder)) {
    const earlier = name.toLowerCase().startsWith(`${operation}.`) && name.toLowerCase() !== processed;
    if (earlier) await rm(join(folder, name), { force: true });
  }
}

/** An empty file means success; a failure contains the message that Service Center shows. */
export function parseAnswer(content: string): Answer {
  const text = content.replace(/^\uFEFF/, '').trim();
  if (text === '') return { outcome: 'succeeded', skipPing: false };
  try {
    const { Error: error, SkipPing } = JSON.parse(text) as { Error?: { Message?: string } | null; SkipPing?: unknown };
    if (error === undefined || error === null) return { outcome: 'succeeded', skipPing: Boolean(SkipPing) };
    return { outcome: 'failed', message: error.Message ?? 'The result file bears an error without a message.' };
  } catch {
    return { outcome: 'failed', message: `The result file can't be understood: ${text.slice(0, 300)}` };
  }
}

const fileOf = ({ method, key, operationId }: HookCall) => `${key}_${operationId}${hookSteps[method].resultFile}`;

/** A share that can't be reached for a moment looks empty. */
async function namesIn(folder: string): Promise<string[]> {
  return await readdir(folder).catch(() => []);
}
